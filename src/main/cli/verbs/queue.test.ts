import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { placesFrom } from '../../services/places'
import { createStudio } from '../../services/studio'
import { starterWeightsFile } from '../../storage/paths'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

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

/** Each command is a program of its own, as on a terminal. */
async function graft(...parameters: string[]) {
  const terminal = capturedTerminal({ workingDirectory: base })
  const places = placesFrom(join(base, 'data'), join(base, 'cache'))
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
