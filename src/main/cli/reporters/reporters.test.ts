import { expect, test } from 'vitest'
import { capturedTerminal } from '../testing/captured-terminal'
import { RUN_EVENTS } from '../testing/run-events.examples'
import { createBarsReporter } from './bars'
import { createJsonReporter } from './json'
import { createPlainReporter } from './plain'

test('--json writes the five events as one object a line and nothing else', () => {
  const terminal = capturedTerminal()
  const reporter = createJsonReporter(terminal, () => 0)
  for (const event of RUN_EVENTS) reporter.onEvent(event)
  reporter.close()
  const events = terminal.out().trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  // The clock stands still, so of a hundred steps only the first and the last are told.
  expect(events.map(({ event }) => event)).toEqual(['prepare', 'prepare', 'start', 'epoch', 'epoch', 'done'])
  expect(events[1]).toEqual({ event: 'prepare', phase: 'decoding', done: 100, total: 100 })
  const named = ['epoch', 'train_loss', 'train_accuracy', 'val_loss', 'val_accuracy', 'val_macro_f1', 'learning_rate', 'seconds', 'images_per_second']
  for (const key of named) expect(events[3]).toHaveProperty(key)
  expect(events.at(-1)).toMatchObject({ run_dir: '/runs/run-1', best_epoch: 1, best_metric: 0.9, total_s: 6, test: null })
  expect(terminal.err()).toContain('A remark')
})

test('--json never loses the last step of a phase that ends early', () => {
  const terminal = capturedTerminal()
  const reporter = createJsonReporter(terminal, () => 0)
  reporter.onEvent({ event: 'prepare', phase: 'decoding', done: 0, total: 9 })
  reporter.onEvent({ event: 'prepare', phase: 'decoding', done: 7, total: 9 })
  reporter.onEvent({ event: 'prepare', phase: 'features', done: 9, total: 9 })
  reporter.close()
  expect(terminal.out()).toContain('"done":7')
})

test('a few prepare events a second', () => {
  const terminal = capturedTerminal()
  let nowMs = 0
  const reporter = createJsonReporter(terminal, () => nowMs)
  for (let done = 0; done < 1000; done++) {
    nowMs += 1
    reporter.onEvent({ event: 'prepare', phase: 'decoding', done, total: 1000 })
  }
  expect(terminal.out().trimEnd().split('\n').length).toBeLessThanOrEqual(4)
})

test('plain lines say device, epochs, the best and that there is no test split', () => {
  const terminal = capturedTerminal()
  const reporter = createPlainReporter(terminal, () => 0)
  for (const event of RUN_EVENTS) reporter.onEvent(event)
  const lines = terminal.out().trimEnd().split('\n')
  expect(lines).toContain('Device    CPU, 2 threads')
  expect(lines.filter((line) => line.startsWith('Epoch'))).toHaveLength(2)
  expect(lines.filter((line) => line.endsWith('  best'))).toHaveLength(1)
  expect(terminal.out()).toContain('no test split')
  expect(lines.filter((line) => line.startsWith('Decoding'))).toHaveLength(2)
})

test('a file name can not steer the terminal', () => {
  for (const create of [createPlainReporter, createBarsReporter]) {
    const terminal = capturedTerminal()
    const reporter = create(terminal)
    for (const event of RUN_EVENTS) if (event.event === 'set_aside') reporter.onEvent(event)
    expect(terminal.out()).toContain('bad\\u001b[2J.jpg')
  }
})

test('bars are drawn for a phase and an epoch, and each epoch leaves its line with the best marked', () => {
  const terminal = capturedTerminal({ isTTY: true, environment: { LANG: 'C.UTF-8', NO_COLOR: '1' } })
  const reporter = createBarsReporter(terminal)
  for (const event of RUN_EVENTS) reporter.onEvent(event)
  reporter.close()
  const shown = terminal.out()
  expect(shown).toContain('Decoding pictures \u2588')
  expect(shown).toMatch(/Epoch 1\/2 train \u2588+\u2591+ 50 % 35\/70 {2}loss 0\.6000 {2}accuracy 70\.0 % {2}130 images\/s {2}4\.0 s left/)
  expect(shown).toMatch(/Epoch 1\/2 .*\u2605 best\n/)
  expect(shown).not.toMatch(/Epoch 2\/2 .*best\n/)
})

test('epochs are counted of those that are still to come once a stage has ended early', () => {
  const terminal = capturedTerminal()
  const reporter = createPlainReporter(terminal)
  const start = RUN_EVENTS.find((event) => event.event === 'start')
  const epoch = RUN_EVENTS.find((event) => event.event === 'epoch')
  if (start?.event !== 'start' || epoch?.event !== 'epoch') throw new Error('The examples have a start and an epoch')
  const stage = { event: 'stage', stage: 2, name: 'all of it', stages: 2, first_epoch: 4, epochs: 5, frozen_layers: 0, layers: 20, trainable_parameters: 1, views: 5, prefix_cached: false, learning_rates: { all: 1e-4 }, from_epoch: null } as const
  const stages = [{ name: 'the head', epochs: 10 }, { name: 'all of it', epochs: 5 }] as unknown as typeof start.config.stages
  for (const event of [{ ...start, config: { ...start.config, stages } }, { ...epoch, epoch: 3 }, stage, { ...epoch, epoch: 4 }]) reporter.onEvent(event)
  reporter.close()
  expect(terminal.err() + terminal.out()).toMatch(/Epoch {2}3\/15[^]*Epoch 4\/8/)
})
