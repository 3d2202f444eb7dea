import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunStatus } from '../../shared/domain/run'
import { acquireMachineLock } from '../storage/machine-lock'
import { starterWeightsFile } from '../storage/paths'
import { readQueue } from '../storage/queue-file'
import { placesFrom, type Places } from './places'
import { createStudio, type Studio } from './studio'

const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
let base: string
let places: Places
let studios: Studio[]

function openStudio(): Studio {
  const studio = createStudio({ door: 'served', roots: null, version: '0.0.0', places, trainerPath, installation: base })
  studios.push(studio)
  return studio
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-queue-'))
  places = placesFrom(join(base, 'data'), join(base, 'cache'))
  studios = []
  for (const [name, red] of [['ripe', 200], ['green', 20]] as const) {
    await mkdir(join(base, 'pictures', name), { recursive: true })
    for (let number = 0; number < 12; number++) {
      const picture = sharp({ create: { width: 40, height: 40, channels: 3, background: { r: red, g: 40 + number, b: 60 } } })
      await writeFile(join(base, 'pictures', name, `${number}.png`), await picture.png().toBuffer())
    }
  }
  await mkdir(dirname(starterWeightsFile(places.cache)), { recursive: true })
  await writeFile(starterWeightsFile(places.cache), 'stands in for the weights; the scripted trainer reads none')
})
afterEach(async () => {
  for (const studio of studios) await studio.close()
  await rm(base, { recursive: true, force: true })
})

async function datasetOf(studio: Studio): Promise<string> {
  for await (const item of studio.datasets.open({ path: join(base, 'pictures') })) if (item.kind === 'done') return item.result.datasetId
  throw new Error('The pictures did not open')
}

/** Puts new runs into the queue whose scripted trainers do as their names say. */
async function queued(studio: Studio, ...names: string[]): Promise<string[]> {
  const datasetId = await datasetOf(studio)
  const ids: string[] = []
  for (const name of names) ids.push((await studio.queue.add({ datasetId, preset: 'fast', config: {}, name })).runId)
  return ids
}

const statusOf = async (studio: Studio, runId = ''): Promise<RunStatus> => (await studio.runs.get({ runId })).run.status
const namesIn = async (studio: Studio): Promise<string[]> => (await studio.queue.get()).entries.map(({ name }) => name)
const SOON = { timeout: 10_000, interval: 50 }

test('runs are trained in their order, and one that fails is told and does not hold up the next', async () => {
  const studio = openStudio()
  const ids = await queued(studio, 'well', 'diverges', 'third')
  expect(await namesIn(studio)).toEqual(['well', 'diverges', 'third'])
  expect(await studio.queue.get()).toMatchObject({ keeper: 'none', held: false })
  studio.queue.begin()
  await expect.poll(async () => (await studio.queue.get()).ended.length, SOON).toBe(3)
  expect((await studio.queue.get()).ended.map(({ name, status, message }) => [name, status, message])).toEqual([
    ['well', 'completed', null],
    ['diverges', 'failed', 'The loss is not a number.'],
    ['third', 'completed', null],
  ])
  const begun = await Promise.all(ids.map(async (id) => (await (await studio.runs.folder(id)).events())[0]?.at ?? ''))
  expect(begun).toEqual(begun.toSorted())
  await studio.queue.forgetEnded()
  expect((await studio.queue.get()).ended).toEqual([])
})

test('it is moved, taken out of and held; what is taken out stays as a run', async () => {
  const studio = openStudio()
  const [a, b, c] = await queued(studio, 'a', 'b', 'c')
  await studio.queue.move({ runId: c ?? '', to: 0 })
  await studio.queue.move({ runId: a ?? '', to: 99 })
  expect(await namesIn(studio)).toEqual(['c', 'b', 'a'])
  await studio.queue.remove({ runId: b ?? '' })
  expect(await namesIn(studio)).toEqual(['c', 'a'])
  expect(await statusOf(studio, b)).toBe('stopped')
  await expect(studio.queue.move({ runId: b ?? '', to: 0 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  // Deleted, it is in no queue.
  await studio.shelf.remove({ runId: a ?? '' })
  expect(await namesIn(studio)).toEqual(['c'])
  await studio.queue.hold({ held: true })
  studio.queue.begin()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(await statusOf(studio, c)).toBe('queued')
  await studio.queue.hold({ held: false })
  await expect.poll(() => statusOf(studio, c), SOON).toBe('completed')
})

test('it waits for a run of another program, and says for which', async () => {
  const studio = openStudio()
  const release = await acquireMachineLock('training of moss', { path: places.lock })
  const [id] = await queued(studio, 'well')
  studio.queue.begin()
  await expect.poll(async () => (await studio.queue.get()).waitsFor).toMatch(/^the training of moss \(process \d+\)$/)
  expect(await statusOf(studio, id)).toBe('queued')
  await release()
  await expect.poll(() => statusOf(studio, id), SOON).toBe('completed')
})

test('a run that is started now puts aside the one at work, which comes next and goes on from where it was', async () => {
  const studio = openStudio()
  studio.queue.begin()
  const { runId: long } = await studio.runs.start({ datasetId: await datasetOf(studio), preset: 'fast', config: {}, name: 'long' })
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  const [well, last] = await queued(studio, 'well', 'last')
  expect((await studio.queue.get()).waitsFor).toBe('long')
  await studio.queue.startNow({ runId: well ?? '' })
  await expect.poll(() => statusOf(studio, well), SOON).toBe('completed')
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  expect(await statusOf(studio, last)).toBe('queued')
  const starts = (await (await studio.runs.folder(long)).events()).map(({ event }) => event).filter((event) => event.event === 'start')
  expect(starts.at(-1)).toMatchObject({ resumed_from_epoch: 1 })
  // Paused, its trainer is gone; the queue waits for it all the same, until it is put into it.
  await studio.runs.pause({ runId: long })
  await expect.poll(() => statusOf(studio, long), SOON).toBe('paused')
  await expect.poll(async () => (await studio.queue.get()).waitsFor, SOON).toBe('long, which is paused')
  expect(await studio.queue.put({ runId: long })).toEqual({ place: 2 })
  await expect.poll(() => statusOf(studio, last), SOON).toBe('completed')
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  await studio.runs.stop({ runId: long })
  await expect.poll(() => statusOf(studio, long), SOON).toBe('stopped')
})

test('where a person ends the program the rest waits for their word; what is resumed by hand is no longer the queue’s', async () => {
  const studio = openStudio()
  studio.queue.begin()
  const [long, well, other] = await queued(studio, 'long', 'well', 'other')
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  await studio.close()
  const next = openStudio()
  next.queue.begin()
  await expect.poll(async () => (await next.queue.get()).keeper).toBe('here')
  expect(await next.queue.get()).toMatchObject({ held: true, current: null, ended: [{ name: 'long', status: 'stopped' }] })
  expect(await namesIn(next)).toEqual(['well', 'other'])
  await next.runs.resume({ runId: other ?? '' })
  await next.runs.finished(other ?? '')
  expect(await namesIn(next)).toEqual(['well'])
  await next.queue.hold({ held: false })
  await expect.poll(() => statusOf(next, well), SOON).toBe('completed')
  await expect.poll(async () => (await next.queue.get()).ended.map(({ name }) => name), SOON).toEqual(['long', 'well'])
})

test('a second program keeps its hands off, and takes over when the first is gone', async () => {
  const first = openStudio()
  first.queue.begin()
  await expect.poll(async () => (await first.queue.get()).keeper).toBe('here')
  const second = openStudio()
  second.queue.begin()
  expect((await second.queue.get()).keeper).toBe('elsewhere')
  const [id] = await queued(second, 'well')
  await expect.poll(() => statusOf(second, id), SOON).toBe('completed')
  await expect.poll(async () => (await second.queue.get()).ended, SOON).toMatchObject([{ run_id: id }])
  await first.close()
  await expect.poll(async () => (await second.queue.get()).keeper).toBe('here')
})

test('a killed program’s run comes first again, once; the second time it is told and the next goes on', async () => {
  const studio = openStudio()
  const [long, well] = await queued(studio, 'long', 'well')
  // As a killed process leaves it: at work, its owner gone.
  const dead = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => dead.once('exit', resolve))
  const { directory } = await studio.runs.folder(long ?? '')
  const record = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as object
  const leave = async (tries: number): Promise<void> => {
    await writeFile(join(directory, 'run.json'), JSON.stringify({ ...record, status: 'training', owner_pid: dead.pid }))
    const file = await readQueue(places.queue)
    const entries = file.entries.filter(({ run_id: runId }) => runId !== long)
    await writeFile(places.queue, JSON.stringify({ ...file, held: false, entries, current: { run_id: long, directory, tries } }))
  }
  await leave(1)
  studio.queue.begin()
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  expect(await statusOf(studio, well)).toBe('queued')
  expect((await readQueue(places.queue)).current).toMatchObject({ run_id: long, tries: 2 })
  await studio.close()

  await leave(2)
  const next = openStudio()
  next.queue.begin()
  await expect.poll(() => statusOf(next, well), SOON).toBe('completed')
  expect(await statusOf(next, long)).toBe('interrupted')
  await expect.poll(async () => (await next.queue.get()).ended.slice(-2), SOON).toMatchObject([{ name: 'long', status: 'interrupted' }, { name: 'well', status: 'completed' }])
})
