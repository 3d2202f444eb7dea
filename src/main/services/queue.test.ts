import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { acquireMachineLock } from '../storage/machine-lock'
import { readQueue } from '../storage/queue-file'
import { datasetOf, namesIn, queued, queueStudios, type QueueStudios, SOON, statusOf } from './queue.examples'

let studios: QueueStudios

beforeEach(async () => {
  studios = await queueStudios()
})
afterEach(() => studios.closeAll())

test('runs are trained in their order, and one that fails is told and does not hold up the next', async () => {
  const studio = studios.open()
  const ids = await queued(studios, studio, 'well', 'diverges', 'third')
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
  const studio = studios.open()
  const [a, b, c] = await queued(studios, studio, 'a', 'b', 'c')
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
  const studio = studios.open()
  const release = await acquireMachineLock('training of moss', { path: studios.places.lock })
  const [id] = await queued(studios, studio, 'well')
  studio.queue.begin()
  await expect.poll(async () => (await studio.queue.get()).waitsFor).toMatch(/^the training of moss \(process \d+\)$/)
  expect(await statusOf(studio, id)).toBe('queued')
  await release()
  await expect.poll(() => statusOf(studio, id), SOON).toBe('completed')
})

test('a run that is started now puts aside the one at work, which comes next and goes on from where it was', async () => {
  const studio = studios.open()
  studio.queue.begin()
  const { runId: long } = await studio.runs.start({ datasetId: await datasetOf(studios, studio), preset: 'fast', config: {}, name: 'long' })
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  const [well, last] = await queued(studios, studio, 'well', 'last')
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
  const studio = studios.open()
  studio.queue.begin()
  const [long, well, other] = await queued(studios, studio, 'long', 'well', 'other')
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  await studio.close()
  const next = studios.open()
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
  const first = studios.open()
  first.queue.begin()
  await expect.poll(async () => (await first.queue.get()).keeper).toBe('here')
  const second = studios.open()
  second.queue.begin()
  expect((await second.queue.get()).keeper).toBe('elsewhere')
  const [id] = await queued(studios, second, 'well')
  await expect.poll(() => statusOf(second, id), SOON).toBe('completed')
  await expect.poll(async () => (await second.queue.get()).ended, SOON).toMatchObject([{ run_id: id }])
  await first.close()
  await expect.poll(async () => (await second.queue.get()).keeper).toBe('here')
})

test('a killed program’s run comes first again, once; the second time it is told and the next goes on', async () => {
  const studio = studios.open()
  const [long, well] = await queued(studios, studio, 'long', 'well')
  // As a killed process leaves it: at work, its owner gone.
  const dead = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => dead.once('exit', resolve))
  const { directory } = await studio.runs.folder(long ?? '')
  const record = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as object
  const leave = async (tries: number): Promise<void> => {
    await writeFile(join(directory, 'run.json'), JSON.stringify({ ...record, status: 'training', owner_pid: dead.pid }))
    const file = await readQueue(studios.places.queue)
    const entries = file.entries.filter(({ run_id: runId }) => runId !== long)
    await writeFile(studios.places.queue, JSON.stringify({ ...file, held: false, entries, current: { run_id: long, directory, tries } }))
  }
  await leave(1)
  studio.queue.begin()
  await expect.poll(() => statusOf(studio, long), SOON).toBe('training')
  expect(await statusOf(studio, well)).toBe('queued')
  expect((await readQueue(studios.places.queue)).current).toMatchObject({ run_id: long, tries: 2 })
  await studio.close()

  await leave(2)
  const next = studios.open()
  next.queue.begin()
  await expect.poll(() => statusOf(next, well), SOON).toBe('completed')
  expect(await statusOf(next, long)).toBe('interrupted')
  await expect.poll(async () => (await next.queue.get()).ended.slice(-2), SOON).toMatchObject([{ name: 'long', status: 'interrupted' }, { name: 'well', status: 'completed' }])
})

test('places are those that are shown, whatever was deleted or resumed by hand meanwhile', async () => {
  const studio = studios.open()
  await studio.queue.hold({ held: true })
  const [a, b, c] = await queued(studios, studio, 'a', 'b', 'c')
  await studio.shelf.remove({ runId: a ?? '' })
  await studio.queue.move({ runId: b ?? '', to: 1 })
  expect(await namesIn(studio)).toEqual(['c', 'b'])
  await studio.queue.move({ runId: b ?? '', to: 0 })
  expect(await namesIn(studio)).toEqual(['b', 'c'])
  await studio.queue.move({ runId: b ?? '', to: 99 })
  expect(await namesIn(studio)).toEqual(['c', 'b'])
  await studio.runs.resume({ runId: c ?? '' })
  await studio.runs.finished(c ?? '')
  const { place } = await studio.queue.add({ datasetId: await datasetOf(studios, studio), preset: 'fast', config: {}, name: 'd' })
  expect([place, await namesIn(studio)]).toEqual([2, ['b', 'd']])
})

test('a queued run that came back from the trash is stopped; one that the queue has lost can be started now', async () => {
  const { XDG_DATA_HOME: before } = process.env
  process.env['XDG_DATA_HOME'] = join(studios.base, 'share')
  await mkdir(join(studios.base, 'share', 'Trash'), { recursive: true })
  try {
    const studio = studios.open()
    const [back = '', lost = ''] = await queued(studios, studio, 'back', 'lost')
    const { restoreId } = await studio.shelf.trash({ runId: back })
    expect(await studio.shelf.restore({ restoreId: restoreId ?? '' })).toMatchObject({ status: 'stopped' })
    expect(await namesIn(studio)).toEqual(['lost'])
    expect(await studio.queue.put({ runId: back })).toEqual({ place: 2 })

    // As a program leaves it that is killed between the run's folder and its entry.
    await rm(studios.places.queue)
    expect(await namesIn(studio)).toEqual([])
    studio.queue.begin()
    await studio.queue.startNow({ runId: lost })
    await expect.poll(() => statusOf(studio, lost), SOON).toBe('completed')
    await expect(studio.queue.startNow({ runId: lost })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, 'XDG_DATA_HOME')
    else process.env['XDG_DATA_HOME'] = before
  }
})

test('what is shown takes one look through the runs, however many wait or were deleted', async () => {
  const studio = studios.open()
  await studio.queue.hold({ held: true })
  const [a, b, , d] = await queued(studios, studio, 'a', 'b', 'c', 'd')
  for (const runId of [a, b]) await studio.shelf.remove({ runId: runId ?? '' })
  const list = vi.spyOn(studio.runs, 'list')
  const folder = vi.spyOn(studio.runs, 'folder')
  expect((await studio.queue.get()).entries.map(({ runId }) => runId).at(-1)).toBe(d)
  expect([list.mock.calls.length, folder.mock.calls.length]).toEqual([1, 0])
})
