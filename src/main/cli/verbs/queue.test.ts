import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { placesFrom } from '../../services/places'
import { createStudio } from '../../services/studio'
import { acquireMachineLock } from '../../storage/machine-lock'
import { starterWeightsFile } from '../../storage/paths'
import { readQueue } from '../../storage/queue-file'
import { runProgram } from '../program'
import { capturedTerminal, type CapturedTerminal } from '../testing/captured-terminal'

const base = await mkdtemp(join(tmpdir(), 'graft-queue-verb-'))
const before = process.env['GRAFT_DATA_DIR']
const trainerPath = join(import.meta.dirname, '..', '..', 'services', 'fixtures', 'scripted-trainer.mjs')

beforeAll(async () => {
  process.env['GRAFT_DATA_DIR'] = join(base, 'data')
  for (const [name, red] of [['ripe', 200], ['green', 20]] as const) {
    await mkdir(join(base, 'pictures', name), { recursive: true })
    for (let number = 0; number < 12; number++) {
      const picture = sharp({ create: { width: 40, height: 40, channels: 3, background: { r: red, g: 40 + number, b: 60 } } })
      await writeFile(join(base, 'pictures', name, `${number}.png`), await picture.png().toBuffer())
    }
  }
  const weights = starterWeightsFile(join(base, 'cache'))
  await mkdir(dirname(weights), { recursive: true })
  await writeFile(weights, 'stands in for the weights; the scripted trainer reads none')
})
afterAll(async () => {
  if (before === undefined) Reflect.deleteProperty(process.env, 'GRAFT_DATA_DIR')
  else process.env['GRAFT_DATA_DIR'] = before
  await rm(base, { recursive: true, force: true })
})

const places = placesFrom(join(base, 'data'), join(base, 'cache'))

/** Each command is a program of its own, as on a terminal. */
function graft(...parameters: string[]) {
  return graftOn(capturedTerminal({ workingDirectory: base }), ...parameters)
}

async function graftOn(terminal: CapturedTerminal, ...parameters: string[]) {
  const code = await runProgram(parameters, { terminal, version: '0.0.0', createStudio: () => createStudio({ door: 'served', roots: null, version: '0.0.0', places, trainerPath, installation: base }), logDirectory: () => base })
  return { code, stdout: terminal.out(), stderr: terminal.err() }
}

const order = async (): Promise<string[]> => (JSON.parse((await graft('queue', 'list', '--json')).stdout) as { entries: { name: string }[] }).entries.map(({ name }) => name)

test('runs are queued, ordered and trained in turn; a failed one is told and does not hold up the next', async () => {
  expect((await graft('queue')).stdout).toContain('Nothing waits.')
  for (const name of ['well', 'diverges', 'third', 'fourth']) {
    const { code, stdout } = await graft('train', 'pictures', '--preset', 'fast', '--epochs', '3', '--name', name, '--queue')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ is in the queue, at place \d\. No studio is open/)])
  }
  expect(await order()).toEqual(['well', 'diverges', 'third', 'fourth'])
  expect((await graft('queue', 'move', 'third', '1')).stdout).toBe('third is at place 1 of 4.\n')
  expect((await graft('queue', 'remove', 'fourth')).code).toBe(0)
  expect((await graft('queue', 'remove', 'fourth')).stderr).toContain('fourth is not in the queue.')
  expect(await graft('queue', 'move', 'well', 'last')).toMatchObject({ code: 2 })
  expect((await graft('queue')).stdout).toMatch(/^place +id[^]*1 +\S+ +third[^]*No studio is open/)

  const run = await graft('queue', 'run', '--json')
  expect(run.code).toBe(1)
  const events = run.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => (JSON.parse(line) as { event: string }).event)
  expect(events.filter((event) => event === 'start' || event === 'error' || event === 'done')).toEqual(['start', 'done', 'start', 'done', 'start', 'error'])
  const told = (await graft('queue')).stdout
  expect(told).toMatch(/Done: third\nDone: well\nFailed: diverges: The loss is not a number\./)

  // What came to no end is put back, and goes on.
  expect((await graft('queue', 'add', 'fourth')).stdout).toBe('fourth is in the queue, at place 1.\n')
  expect((await graft('queue', 'clear')).stdout).toBe('1 run taken out.\n')
  expect((await graft('queue', 'add', 'well')).stderr).toContain('well is complete')
}, 60_000)

test('a run that failed before is put in by its folder, and only what comes of it now is told', async () => {
  const { code, stderr } = await graft('train', 'pictures', '--preset', 'fast', '--epochs', '3', '--name', 'dies once')
  expect([code, stderr]).not.toEqual([0, expect.anything()])
  const { run_dir: directory } = JSON.parse((await graft('runs', '--search', 'dies once', '--json')).stdout) as { run_dir: string }
  await mkdir(join(base, 'usb'))
  await rename(directory, join(base, 'usb', 'run'))
  expect(await graft('queue', 'add', join('usb', 'run'))).toMatchObject({ code: 0, stdout: 'dies once is in the queue, at place 1.\n' })
  const run = await graft('queue', 'run', '--json')
  const events = run.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { event: string; epoch?: number })
  expect(events.filter(({ event }) => event === 'error')).toEqual([])
  expect(events.flatMap(({ event, epoch }) => (event === 'epoch' ? [epoch] : []))).toEqual([2, 3])
  expect(run).toMatchObject({ code: 0, stderr: '' })
}, 60_000)

test('held from another window it says so; at Ctrl-C it stays held by the word of who pressed it', async () => {
  await graft('train', 'pictures', '--preset', 'fast', '--epochs', '3', '--name', 'waits', '--queue')
  const release = await acquireMachineLock('training of moss', { path: places.lock })
  const runs = async (terminal: CapturedTerminal, then: () => unknown) => {
    const ended = graftOn(terminal, 'queue', 'run')
    await expect.poll(() => terminal.err(), { timeout: 10_000 }).toContain('Waiting for the training of moss')
    await then()
    return ended
  }
  const first = capturedTerminal({ workingDirectory: base })
  expect(await runs(first, () => graft('queue', 'hold'))).toMatchObject({ code: 0, stderr: expect.stringMatching(/The queue was held, with 1 run still in it\. graft queue run goes on with it\.\n$/) })
  const second = capturedTerminal({ workingDirectory: base })
  const { code, stderr } = await runs(second, () => second.press())
  expect([code, stderr]).toEqual([130, expect.not.stringContaining('was held')])
  expect(await readQueue(places.queue)).toMatchObject({ held: true, left_at: null, entries: [{}] })
  await release()
}, 60_000)
