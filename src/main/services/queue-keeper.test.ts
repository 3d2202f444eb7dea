import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readQueue } from '../storage/queue-file'
import { RunFolder } from '../storage/run-folder'
import { datasetOf, namesIn, queued, queueStudios, type QueueStudios, SOON, statusOf } from './queue.examples'
import type { Studio } from './studio'

let studios: QueueStudios

beforeEach(async () => {
  studios = await queueStudios()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await studios.closeAll()
})

const keeps = (studio: Studio) => expect.poll(async () => (await studio.queue.get()).keeper, SOON).toBe('here')
const directoryOf = async (studio: Studio, runId = ''): Promise<string> => (await studio.runs.folder(runId)).directory

test('a run that cannot be read is told, as is one whose disk is gone; one that was deleted is passed over', async () => {
  const studio = studios.open()
  const datasetId = await datasetOf(studios, studio)
  const away = join(studios.base, 'usb', 'away')
  const { runId: gone } = await studio.queue.add({ datasetId, preset: 'fast', config: {}, name: 'away', directory: away })
  const [broken, deleted, well] = await queued(studios, studio, 'broken', 'deleted', 'well')
  await writeFile(join(await directoryOf(studio, broken), 'run.json'), '{ "name": ')
  await rm(await directoryOf(studio, deleted), { recursive: true })
  await rename(dirname(away), join(studios.base, 'unplugged'))
  // As after a start of the program: nothing is known of them but the queue's file.
  const next = studios.open()
  next.queue.begin()
  await expect.poll(() => statusOf(next, well), SOON).toBe('completed')
  await expect.poll(async () => (await next.queue.get()).ended.length, SOON).toBe(3)
  expect((await next.queue.get()).ended).toMatchObject([
    { run_id: gone, status: 'failed', message: expect.stringContaining(`${away} is not there`) },
    { run_id: broken, status: 'failed', message: expect.stringMatching(/run\.json should be JSON/) },
    { run_id: well, status: 'completed', message: null },
  ])
})

test('a queued run that was moved by hand is trained where it lies now', async () => {
  const studio = studios.open()
  const [id] = await queued(studios, studio, 'well')
  const directory = await directoryOf(studio, id)
  await rename(directory, `${directory} moved`)
  const next = studios.open()
  next.queue.begin()
  await expect.poll(async () => (await next.queue.get()).ended, SOON).toMatchObject([{ status: 'completed', message: null }])
})

test('of two studios the one that stays goes on with the queue', async () => {
  const first = studios.open()
  first.queue.begin()
  await keeps(first)
  const [long, well] = await queued(studios, first, 'long', 'well')
  await expect.poll(() => statusOf(first, long), SOON).toBe('training')
  const second = studios.open()
  second.queue.begin()
  await sleep(50)
  await first.close()
  await expect.poll(() => statusOf(second, well), SOON).toBe('completed')
})

test('held before the other studio was there, or by a person, it stays held when that one takes over', async () => {
  const first = studios.open()
  await queued(studios, first, 'a')
  first.queue.begin()
  await first.queue.hold({ held: true })
  await keeps(first)
  const second = studios.open()
  second.queue.begin()
  await sleep(50)
  await first.close()
  await keeps(second)
  await sleep(1500)
  expect((await second.queue.get()).held).toBe(true)

  // Now its studio is ended while it goes on by itself, and nobody waits to take over.
  await second.queue.hold({ held: false })
  await expect.poll(async () => (await second.queue.get()).ended.length, SOON).toBe(1)
  const [long] = await queued(studios, second, 'long', 'b')
  await expect.poll(() => statusOf(second, long), SOON).toBe('training')
  await second.close()
  const third = studios.open()
  third.queue.begin()
  await keeps(third)
  const fourth = studios.open()
  fourth.queue.begin()
  await sleep(50)
  await third.close()
  await keeps(fourth)
  await sleep(1500)
  expect((await fourth.queue.get()).held).toBe(true)
  expect(await namesIn(fourth)).toEqual(['b'])
})

test('where the queue cannot be written that is said once, looked at again by the clock alone, and then goes on', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const studio = studios.open()
  const [id] = await queued(studios, studio, 'well')
  // Each look asks for them.
  const looks = vi.spyOn(studio.runs, 'liveRecords')
  // Nobody can take the lock of the file.
  await mkdir(`${studios.places.queue}.lock`)
  studio.queue.begin()
  await sleep(2500)
  expect(said.mock.calls.length).toBe(1)
  expect(String(said.mock.calls[0]?.[0])).toContain('queue.json.lock')
  expect(looks.mock.calls.length).toBeLessThan(5)
  await rmdir(`${studios.places.queue}.lock`)
  await expect.poll(() => statusOf(studio, id), SOON).toBe('completed')
})

test('what a killed program left is taken up once the disk lets it', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const studio = studios.open()
  const [id = ''] = await queued(studios, studio, 'well')
  const directory = await directoryOf(studio, id)
  await (await RunFolder.open(directory)).updateRecord({ status: 'interrupted' })
  await writeFile(studios.places.queue, JSON.stringify({ ...(await readQueue(studios.places.queue)), entries: [], current: { run_id: id, directory, tries: 1 } }))
  await mkdir(`${studios.places.queue}.lock`)
  studio.queue.begin()
  await keeps(studio)
  await sleep(500)
  await rmdir(`${studios.places.queue}.lock`)
  await expect.poll(async () => (await studio.queue.get()).ended, SOON).toMatchObject([{ run_id: id, status: 'completed' }])
})

test('a killed program’s run that another one trains by now is not told as ended', async () => {
  const studio = studios.open()
  const [id = ''] = await queued(studios, studio, 'long')
  const directory = await directoryOf(studio, id)
  const record = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as object
  await writeFile(join(directory, 'run.json'), JSON.stringify({ ...record, status: 'training', owner_pid: process.ppid, updated_at: new Date().toISOString() }))
  await writeFile(studios.places.queue, JSON.stringify({ ...(await readQueue(studios.places.queue)), entries: [], current: { run_id: id, directory, tries: 1 } }))
  studio.queue.begin()
  await expect.poll(async () => (await readQueue(studios.places.queue)).current, SOON).toBeNull()
  expect((await studio.queue.get()).ended).toEqual([])
})
