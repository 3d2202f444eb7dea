import { expect, test } from 'vitest'
import type { RunEvent, SequencedRunEvent } from '../../shared/domain/run'
import { ExitWithCode } from './failure'
import { followRun } from './follow-run'
import { capturedTerminal, type CapturedTerminal } from './testing/captured-terminal'
import { RUN_EVENTS } from './testing/run-events.examples'

async function follow(events: readonly RunEvent[], terminal: CapturedTerminal, onEvent: (event: RunEvent) => void = () => undefined) {
  const calls: string[] = []
  async function* stream(): AsyncGenerator<SequencedRunEvent> {
    for (const [sequence, event] of events.entries()) {
      onEvent(event)
      yield { sequence, at: new Date(0).toISOString(), event }
      await Promise.resolve()
    }
  }
  const run = {
    events: stream(),
    stop: async () => calls.push('stop'),
    killSync: () => calls.push('kill'),
    logDirectory: () => '/nonexistent',
  }
  const error: unknown = await followRun(terminal, run, { json: true }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return { code: error === null ? 0 : error instanceof ExitWithCode ? error.exitCode : error, calls }
}

test('a run that ends well', async () => {
  expect(await follow(RUN_EVENTS, capturedTerminal())).toEqual({ code: 0, calls: [] })
})

test('a failure is said once on each side and decides the exit code', async () => {
  const terminal = capturedTerminal()
  const failed = await follow([{ event: 'error', failure: { code: 'DIVERGED', message: 'The loss is not a number.' } }], terminal)
  expect(failed.code).toBe(1)
  expect(terminal.out().match(/"event":"error"/g)).toHaveLength(1)
  expect(terminal.err().match(/The loss is not a number/g)).toHaveLength(1)
})

test('Ctrl-C once asks to stop and ends with 130 when the run has', async () => {
  const terminal = capturedTerminal()
  const pressed = await follow(RUN_EVENTS, terminal, (event) => {
    if (event.event === 'epoch' && event.epoch === 1) terminal.press()
  })
  expect(pressed).toEqual({ code: 130, calls: ['stop'] })
  expect(terminal.exits).toEqual([])
  expect(terminal.err()).toContain('the best checkpoint is kept')
})

test('Ctrl-C twice kills at once', async () => {
  const terminal = capturedTerminal()
  const pressed = await follow(RUN_EVENTS, terminal, (event) => {
    if (event.event === 'epoch') terminal.press()
  })
  expect(pressed.calls).toEqual(['stop', 'kill'])
  expect(terminal.exits).toEqual([130])
})

test('SIGTERM stops in the same way, with its own code', async () => {
  const terminal = capturedTerminal()
  const ended = await follow(RUN_EVENTS, terminal, (event) => {
    if (event.event === 'start') terminal.press('SIGTERM')
  })
  expect(ended).toEqual({ code: 143, calls: ['stop'] })
})

test('a stream that ends without a result is a failure', async () => {
  expect((await follow(RUN_EVENTS.slice(0, -1), capturedTerminal())).code).toBe(1)
})
