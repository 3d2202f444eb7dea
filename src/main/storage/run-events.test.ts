/** A damaged history keeps nobody from a run: what can be read is shown, and resuming makes it whole from the checkpoint. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RunEventLog } from './run-events'
import { exampleEpoch } from './run-folder.examples'

let base: string
let path: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-events-'))
  path = join(base, 'history.jsonl')
  const log = new RunEventLog(path)
  await log.append({ event: 'set_aside', path: 'a/b.jpg', reason: 'corrupt', message: 'x' })
  for (const epoch of [1, 2, 3]) await log.append({ event: 'epoch', ...exampleEpoch(epoch) })
})
afterEach(() => rm(base, { recursive: true, force: true }))

/** Line 3, the second epoch, is no longer JSON; line 4, the third, is none of ours. */
async function damage(): Promise<string> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  lines[2] = (lines[2] ?? '').slice(0, 40)
  lines[3] = (lines[3] ?? '').replace('"epoch":3', '"epoch":"3"')
  await writeFile(path, lines.join('\n'))
  return lines.join('\n')
}

test('in place of each line that cannot be read there is a warning that names it', async () => {
  await damage()
  const log = new RunEventLog(path)
  const events = await log.all()
  expect(events.map(({ sequence, event }) => [sequence, event.event])).toEqual([[0, 'set_aside'], [1, 'epoch'], [2, 'log'], [3, 'log']])
  expect(events[2]?.event).toMatchObject({ level: 'warning', message: expect.stringMatching(/^Line 3 of history\.jsonl cannot be read/) })
  expect((await log.append({ event: 'log', level: 'info', message: 'next' })).sequence).toBe(4)
})

test('cutting back takes the epochs on damaged lines from the checkpoint, says so and keeps the file as it was', async () => {
  const asItWas = await damage()
  const log = new RunEventLog(path)
  await log.cutBack(3, [1, 2, 3].map(exampleEpoch))
  const events = await log.all()
  expect(events.map(({ event }) => event.event)).toEqual(['set_aside', 'epoch', 'epoch', 'epoch', 'log', 'log'])
  expect(events.flatMap(({ event }) => (event.event === 'epoch' ? [event.epoch] : []))).toEqual([1, 2, 3])
  expect(events[4]?.event).toMatchObject({ level: 'warning', message: expect.stringMatching(/^Lines 3, 4 of history\.jsonl.*history\.jsonl\.damaged/) })
  const sequences = events.map(({ sequence }) => sequence)
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b))
  expect(await readFile(`${path}.damaged`, 'utf8')).toBe(asItWas)
  await log.cutBack(3, [1, 2, 3].map(exampleEpoch))
  expect((await readdir(base)).sort()).toEqual(['history.jsonl', 'history.jsonl.damaged'])
})
