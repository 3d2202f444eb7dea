import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { createRouterClient, isDefinedError, safe } from '@orpc/server'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { SequencedRunEvent } from '../../shared/domain/run'
import { starterWeightsFile } from '../storage/paths'
import { RunFolder } from '../storage/run-folder'
import { placesFrom } from './places'
import { createRouter } from './router'
import { createStudio } from './studio'

const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
const base = await mkdtemp(join(tmpdir(), 'graft-router-'))
const pictures = join(base, 'home', 'pictures')
const places = placesFrom(join(base, 'data'), join(base, 'cache'))
const studio = createStudio({ door: 'served', roots: [join(base, 'home')], version: '0.0.0', places, trainerPath, installation: base })
const bugs: string[] = []
const client = createRouterClient(createRouter(studio, { onBug: ({ message }) => bugs.push(message) }))

beforeAll(async () => {
  for (const [name, red] of [['ripe', 200], ['green', 20]] as const) {
    await mkdir(join(pictures, name), { recursive: true })
    for (let number = 0; number < 12; number++) {
      const background = { r: red, g: 40 + number, b: 60 }
      // Turned by a quarter: what is 60 x 40 in the file is 40 x 60 as shown.
      const jpeg = await sharp({ create: { width: 60, height: 40, channels: 3, background } }).withMetadata({ orientation: 6 }).jpeg().toBuffer()
      await writeFile(join(pictures, name, `${number}.jpg`), jpeg)
    }
  }
  await mkdir(dirname(starterWeightsFile(places.cache)), { recursive: true })
  await writeFile(starterWeightsFile(places.cache), 'stands in for the weights; the scripted trainer reads none')
})
afterAll(async () => {
  await studio.close()
  await rm(base, { recursive: true, force: true })
})

async function last<T>(stream: AsyncIterable<T>): Promise<T> {
  let item: T | undefined
  for await (item of stream);
  if (item === undefined) throw new Error('An empty stream')
  return item
}

async function openPictures(): Promise<DatasetSummary> {
  const end = await last(await client.datasets.open({ path: pictures }))
  if (end.kind !== 'done') throw new Error(JSON.stringify(end))
  return end.result
}

/** Starts a run whose scripted trainer behaves as its name says, and hears it to its end. */
async function start(name: string): Promise<{ runId: string; events: SequencedRunEvent[]; directory: string }> {
  const { datasetId } = await openPictures()
  const { runId } = await client.runs.start({ datasetId, preset: 'fast', config: { epochs: 3 }, name })
  const events: SequencedRunEvent[] = []
  for await (const event of await client.runs.events({ runId })) events.push(event)
  await studio.runs.finished(runId)
  return { runId, events, directory: (await client.runs.get({ runId })).directory }
}

test('a dataset is opened with progress, listed in pages and remembered', async () => {
  const summary = await openPictures()
  expect(summary).toMatchObject({ name: 'pictures', pictures: 24, split: { train: 16, val: 4, test: 4 } })
  const page = await client.datasets.pictures({ datasetId: summary.datasetId, classIndex: 1, split: 'train', limit: 3 })
  expect(page.total).toBe(8)
  expect(page.pictures).toHaveLength(3)
  expect(page.pictures.every(({ path }) => path.startsWith('ripe/'))).toBe(true)
  expect((await client.settings.get()).recentDatasets).toMatchObject([{ root: pictures }])
  const again = await client.datasets.split({ datasetId: summary.datasetId, ratios: { train: 0.5, val: 0.5, test: 0 }, seed: 3 })
  expect(again.split).toEqual({ train: 12, val: 12, test: 0 })
  await client.datasets.split({ datasetId: summary.datasetId, ratios: { train: 0.7, val: 0.15, test: 0.15 }, seed: 42 })
})

test('changing one setting keeps the others', async () => {
  await openPictures()
  const settings = await client.settings.update({ theme: 'dark' })
  expect(settings.theme).toBe('dark')
  expect(settings.recentDatasets).toHaveLength(1)
})

test('thumbnails are upright, small and encoded anew; nothing that the scan has not listed is read', async () => {
  const { datasetId } = await openPictures()
  const signal = new AbortController().signal
  const { bytes, contentType } = await studio.content.thumbnail({ source: { datasetId }, path: 'ripe/1.jpg', side: 96 }, signal)
  expect(contentType).toBe('image/webp')
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 40, height: 60 })
  for (const path of ['../../data/settings.json', '/etc/passwd', 'ripe/../ripe/1.jpg', 'ripe/1.jpg\0', '..\\x', 'ripe']) {
    await expect(studio.content.thumbnail({ source: { datasetId }, path, side: 96 }, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
  const victim = join(pictures, 'ripe', '0.jpg')
  const before = await readFile(victim)
  await writeFile(victim, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  await expect(studio.content.thumbnail({ source: { datasetId }, path: 'ripe/0.jpg', side: 96 }, signal)).rejects.toMatchObject({ code: 'UNREADABLE' })
  await writeFile(victim, before)
})

test('failures are typed data, defects are told apart, wrong calls say which field', async () => {
  const { error } = await safe(client.runs.get({ runId: 'nothing' }))
  expect(isDefinedError(error) && error.data).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('nothing') })
  const wrong = await safe(client.runs.rename({ runId: 'x', name: '' }))
  expect(isDefinedError(wrong.error) && wrong.error.data).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('name') })
  expect(bugs).toEqual([])
  const end = await last(await client.datasets.open({ path: join(pictures, 'missing') }))
  expect(end).toMatchObject({ kind: 'failed', failure: { code: 'NOT_FOUND' } })
})

test('the browser door does not leave its roots, by no spelling and no link', async () => {
  const home = join(base, 'home')
  await symlink(places.data, join(home, 'way-out'))
  await mkdir(join(base, 'home-of-another'), { recursive: true })
  for (const path of [base, join(home, '..'), join(home, 'way-out'), join(base, 'home-of-another'), '/', '/etc', `${home}\0`]) {
    const { error } = await safe(client.files.list({ path }))
    expect(isDefinedError(error) && error.data, path).toMatchObject({ code: 'REFUSED' })
  }
  expect(await client.files.list({ path: '' })).toMatchObject({ parent: null, folders: [{ path: home }] })
  const listed = await client.files.list({ path: home })
  expect(listed).toMatchObject({ parent: '', folders: [{ name: 'pictures' }] })
  expect((await client.files.list({ path: join(pictures, 'ripe') })).pictures).toBe(12)
  expect(await client.files.makeFolder({ parent: home, name: 'new' })).toMatchObject({ path: join(home, 'new'), folders: [] })
  const { error } = await safe(client.files.makeFolder({ parent: home, name: '../out' }))
  expect(isDefinedError(error) && error.data).toMatchObject({ code: 'BAD_INPUT' })
  expect(isDefinedError((await safe(client.files.chooseFolder({ title: 'x' }))).error)).toBe(true)
})

test('a run is told live and again from its file, with the same numbers', async () => {
  const { runId, events, directory } = await start('well')
  expect(events.map(({ event }) => event.event).filter((name) => name !== 'progress')).toEqual(['start', 'epoch', 'epoch', 'epoch', 'done'])
  const { run, config } = await client.runs.get({ runId })
  expect(run).toMatchObject({ status: 'completed', name: 'well', epochs_done: 3, best_epoch: 3, owner_pid: null, device: 'CPU', failure: null, preset: 'fast' })
  // The preset's values hold although the contract's schema has defaults for them.
  expect(config).toMatchObject({ epochs: 3, freeze_ratio: 1, batch_size: 32, views: 3 })
  const durable = events.filter(({ event }) => event.event !== 'progress')
  const replayed: SequencedRunEvent[] = []
  for await (const event of await client.runs.events({ runId, since: 1 })) replayed.push(event)
  expect(replayed).toEqual(durable.slice(1))
  expect((await client.runs.log({ runId })).text).toContain('epoch 3')
  expect(await client.runs.rename({ runId, name: 'better' })).toMatchObject({ name: 'better' })
  expect((await client.runs.list()).runs.map(({ name }) => name)).toContain('better')
  // The trainer here draws nothing; a real one leaves these too. What the person put there is not the run's to delete.
  for (const name of ['training_history.png', 'report.html']) await writeFile(join(directory, name), 'drawn')
  await writeFile(join(directory, 'notes.txt'), 'mine')
  expect(await client.runs.remove({ runId })).toEqual({ removed: true })
  expect(await readdir(directory)).toEqual(['notes.txt'])
  expect((await client.runs.list()).runs.map(({ run_id }) => run_id)).not.toContain(runId)
})

test('a trainer that dies leaves an interrupted run that can be resumed', { timeout: 20_000 }, async () => {
  const { runId, events } = await start('dies once')
  expect(events.at(-2)?.event).toMatchObject({ event: 'error', failure: { code: 'CRASHED', action: expect.stringContaining('resume') } })
  expect((await client.runs.get({ runId })).run).toMatchObject({ status: 'interrupted', epochs_done: 1, owner_pid: null, failure: { code: 'CRASHED' } })
  expect(await client.runs.resume({ runId })).toMatchObject({ status: 'waiting', failure: null })
  await studio.runs.finished(runId)
  expect((await client.runs.get({ runId })).run).toMatchObject({ status: 'completed', epochs_done: 3, failure: null })
  const { error } = await safe(client.runs.resume({ runId }))
  expect(isDefinedError(error) && error.data).toMatchObject({ code: 'CONFLICT' })
})

test('a failure that the trainer tells is the run’s, in its own words', async () => {
  const { runId, events } = await start('diverges')
  expect(events.at(-1)?.event).toMatchObject({ event: 'error', failure: { code: 'DIVERGED' } })
  expect((await client.runs.get({ runId })).run).toMatchObject({ status: 'failed', failure: { code: 'DIVERGED' } })
})

test('a second run waits for the first; stop keeps the best, pause is heard, a live run is not removed', { timeout: 20_000 }, async () => {
  const { datasetId } = await openPictures()
  const changed: string[] = []
  const watching = new AbortController()
  const watch = (async () => {
    for await (const { runId } of await client.runs.changes(undefined, { signal: watching.signal })) changed.push(runId)
  })()
  const first = await client.runs.start({ datasetId, preset: 'fast', config: {}, name: 'long' })
  const record = async (runId: string): Promise<string> => (await client.runs.get({ runId })).run.status
  await expect.poll(() => record(first.runId)).toBe('training')
  const second = await client.runs.start({ datasetId, preset: 'fast', config: {}, name: 'well' })
  const waits = await (await client.runs.events({ runId: second.runId })).next()
  expect(waits.value).toMatchObject({ event: { event: 'status', status: 'waiting', message: expect.stringContaining('training of long') } })

  const { error } = await safe(client.runs.remove({ runId: first.runId }))
  expect(isDefinedError(error) && error.data).toMatchObject({ code: 'CONFLICT' })
  expect(isDefinedError((await safe(client.system.clearCache())).error)).toBe(true)
  await client.runs.pause({ runId: first.runId })
  await expect.poll(() => record(first.runId)).toBe('paused')
  await client.runs.unpause({ runId: first.runId })
  await expect.poll(() => record(first.runId)).toBe('training')
  await client.runs.stop({ runId: first.runId })
  await expect.poll(() => record(first.runId)).toBe('stopped')
  await expect.poll(() => record(second.runId), { timeout: 5000 }).toBe('completed')
  expect(new Set(changed)).toEqual(new Set([first.runId, second.runId]))
  watching.abort()
  await watch
})

test('a waiting run can be stopped before it begins', { timeout: 20_000 }, async () => {
  const { datasetId } = await openPictures()
  const first = await client.runs.start({ datasetId, preset: 'fast', config: {}, name: 'long' })
  const second = await client.runs.start({ datasetId, preset: 'fast', config: {}, name: 'well' })
  await expect.poll(async () => (await client.runs.get({ runId: first.runId })).run.status).toBe('training')
  await client.runs.stop({ runId: second.runId })
  await expect.poll(async () => (await client.runs.get({ runId: second.runId })).run.status).toBe('stopped')
  await client.runs.stop({ runId: first.runId })
  await studio.runs.finished(first.runId)
})

test('a run whose program is gone is seen as interrupted', async () => {
  const { directory } = await start('well')
  const orphan = join(places.runs, 'orphan')
  await cp(directory, orphan, { recursive: true })
  const record = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as object
  await writeFile(join(orphan, 'run.json'), JSON.stringify({ ...record, run_id: 'orphan', status: 'training', owner_pid: 4194303 }))
  const { runs } = await client.runs.list()
  expect(runs.find(({ run_id }) => run_id === 'orphan')).toMatchObject({ status: 'interrupted', owner_pid: null, failure: { code: 'CRASHED' } })
})

test('a run of another process is followed by its file until it ends', async () => {
  const { directory } = await start('well')
  const copy = join(places.runs, 'foreign')
  await cp(directory, copy, { recursive: true })
  const record = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')) as object
  const write = (patch: object): Promise<void> => writeFile(join(copy, 'run.json'), JSON.stringify({ ...record, run_id: 'foreign', ...patch }))
  await write({ status: 'training', owner_pid: process.ppid, updated_at: new Date().toISOString() })
  const { error } = await safe(client.runs.stop({ runId: 'foreign' }))
  expect(isDefinedError(error) && error.data).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('another window') })
  const stream = await client.runs.events({ runId: 'foreign', since: 5 })
  const next = stream.next()
  const folder = await RunFolder.open(copy)
  await folder.appendEvent({ event: 'log', level: 'info', message: 'from elsewhere' })
  expect((await next).value).toMatchObject({ sequence: 5, event: { message: 'from elsewhere' } })
  await write({ status: 'completed', owner_pid: null })
  expect((await stream.next()).done).toBe(true)
  const thumbnail = await studio.content.thumbnail({ source: { runId: 'foreign' }, path: 'green/1.jpg', side: 96 }, new AbortController().signal)
  expect(thumbnail.bytes.length).toBeGreaterThan(20)
})

test('a start that cannot work is refused before anything is made', async () => {
  const { datasetId } = await openPictures()
  const before = (await client.runs.list()).runs.length
  const refused = async (config: object): Promise<unknown> => {
    const { error } = await safe(client.runs.start({ datasetId, preset: 'fast', config, name: null }))
    return isDefinedError(error) ? error.data : error
  }
  expect(await refused({ backbone: 'resnet81' })).toMatchObject({ code: 'BAD_INPUT', action: 'Did you mean resnet18?' })
  expect(await refused({ backbone: 'resnet18' })).toMatchObject({ code: 'NOT_FOUND', action: expect.stringContaining('--weights none') })
  expect(await refused({ weights: '/no/such/file.pth' })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await refused({ epochs: 0 })).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('epochs') })
  expect((await client.runs.list()).runs).toHaveLength(before)
})

test('leaving a stream cancels its work', { timeout: 20_000 }, async () => {
  const { runId } = await start('well')
  const control = new AbortController()
  const stream = await client.results.evaluate({ runId, split: 'val' }, { signal: control.signal })
  expect((await stream.next()).value).toMatchObject({ kind: 'progress', message: 'Looking at pictures' })
  const pid = Number(await readFile(join(base, 'evaluating.pid'), 'utf8'))
  control.abort()
  await expect(stream.next()).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' })
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('an upload is taken file by file within what was announced, and only into its own folder', async () => {
  const { uploadId, directory } = await client.uploads.begin({ name: 'Äpfel & Birnen', files: 2, sizeBytes: 7 })
  const send = (path: string, text: string): Promise<void> => studio.content.receiveFile(uploadId, path, Readable.from([Buffer.from(text)]), null)
  for (const path of ['../x', '/x', 'a//b', 'a\\b', 'C:x', './x', 'a/\0', '']) await expect(send(path, 'x')).rejects.toMatchObject({ code: 'REFUSED' })
  await send('a/1.jpg', 'abc')
  await expect(send('a/1.jpg', 'abc')).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(send('a/2.jpg', 'too much')).rejects.toMatchObject({ code: 'REFUSED' })
  expect(isDefinedError((await safe(client.uploads.finish({ uploadId }))).error)).toBe(true)
  await send('a/2.jpg', 'abcd')
  await expect(send('a/3.jpg', '')).rejects.toMatchObject({ code: 'REFUSED' })
  expect(await client.uploads.finish({ uploadId })).toEqual({ path: directory, files: 2 })
  expect(await readFile(join(directory, 'a', '2.jpg'), 'utf8')).toBe('abcd')
  expect(dirname(dirname(directory))).toBe(places.uploads)
  const other = await client.uploads.begin({ name: '..', files: 1, sizeBytes: 1 })
  expect(dirname(dirname(other.directory))).toBe(places.uploads)
  expect(await client.uploads.cancel({ uploadId: other.uploadId })).toEqual({ cancelled: true })
  expect((await readdir(places.uploads)).filter((name) => name.endsWith('.partial'))).toEqual([])
  expect(isDefinedError((await safe(client.uploads.begin({ name: 'x', files: 1, sizeBytes: 2 ** 50 }))).error)).toBe(true)
})

test('a passing upload is gone once it is cancelled, also after its end', async () => {
  const { uploadId } = await client.uploads.begin({ name: 'model.pth', files: 1, sizeBytes: 3, isPassing: true })
  await studio.content.receiveFile(uploadId, 'model.pth', Readable.from([Buffer.from('abc')]), 3)
  const { path } = await client.uploads.finish({ uploadId })
  expect(await readFile(join(path, 'model.pth'), 'utf8')).toBe('abc')
  expect(await client.uploads.cancel({ uploadId })).toEqual({ cancelled: true })
  expect((await readdir(places.uploads)).filter((name) => name.endsWith('.passing'))).toEqual([])
  expect(await client.uploads.cancel({ uploadId })).toEqual({ cancelled: false })
  // One that a closed window left is gone with the first upload of another day.
  const left = join(places.uploads, '0badcafe.passing')
  await mkdir(join(left, 'model-pth'), { recursive: true })
  await client.uploads.begin({ name: 'x', files: 1, sizeBytes: 1 })
  expect(await readdir(places.uploads)).toContain('0badcafe.passing')
  const yesterday = new Date(Date.now() - 25 * 3600 * 1000)
  await utimes(left, yesterday, yesterday)
  await client.uploads.begin({ name: 'x', files: 1, sizeBytes: 1 })
  expect(await readdir(places.uploads)).not.toContain('0badcafe.passing')
})

test('files that may hold a model are listed, by no link that leads out', async () => {
  const folder = join(base, 'home', 'models')
  await mkdir(folder)
  await writeFile(join(base, 'secret.pth'), 'secret')
  await symlink(join(base, 'secret.pth'), join(folder, 'link.pth'))
  for (const name of ['b.PTH', 'a10.pt', 'a9.safetensors', 'pytorch_model.bin', 'notes.txt', '.hidden.pth']) await writeFile(join(folder, name), 'abc')
  const listed = await client.files.list({ path: folder })
  expect(listed.models.map(({ name, sizeBytes }) => `${name} ${sizeBytes}`)).toEqual(['a9.safetensors 3', 'a10.pt 3', 'b.PTH 3', 'pytorch_model.bin 3'])
  expect(isDefinedError((await safe(client.files.chooseModelFile({ title: 'x' }))).error)).toBe(true)
  await rm(folder, { recursive: true })
})

test('a run is found by its folder, by the file that opens it, and by nothing else', { timeout: 20_000 }, async () => {
  const { runId, directory } = await start('found by its folder')
  const copy = join(base, 'home', 'brought along')
  await cp(directory, copy, { recursive: true })
  const record = JSON.parse(await readFile(join(copy, 'run.json'), 'utf8')) as object
  await writeFile(join(copy, 'run.json'), JSON.stringify({ ...record, run_id: 'brought' }))
  expect(await client.runs.at({ path: join(copy, 'open.graft') })).toEqual({ runId: 'brought' })
  expect((await client.runs.list()).runs.map(({ run_id: id }) => id)).toEqual(expect.arrayContaining([runId, 'brought']))
  expect(await client.runs.at({ path: copy })).toEqual({ runId: 'brought' })
  expect(await client.runs.at({ path: pictures })).toEqual({ runId: null })
  // Not below a root of this door.
  expect((await safe(client.runs.at({ path: directory }))).error).toMatchObject({ data: { code: 'REFUSED' } })
})

test('diagnostics say how runs ended, without the names of the dataset, its classes, the run, the user or any folder', { timeout: 20_000 }, async () => {
  await start('diverges')
  const { text } = await client.system.diagnostics()
  expect(text).toMatch(/^Graft 0\.0\.0/)
  expect(text).toMatch(/Runs {7}.*\d+ failed/)
  expect(text).toMatch(/Last failures\n {2}.*failed, DIVERGED: The loss is not a number/)
  expect(text).not.toMatch(/diverges|ripe|green/)
  for (const place of [base, tmpdir(), homedir()]) expect(text).not.toContain(place)
})

test('info, doctor and disk usage answer', { timeout: 20_000 }, async () => {
  expect(await client.system.info()).toMatchObject({ door: 'served', dataDirectory: places.data })
  const end = await last(await client.system.doctor())
  if (end.kind !== 'done') throw new Error(JSON.stringify(end))
  const byName = new Map(end.result.checks.map((check) => [check.name, check]))
  // The folder that stands in for the installation has no engine, and its weights are not the real ones.
  expect(byName.get('Engine')).toMatchObject({ status: 'failed', action: expect.stringContaining('npm start') })
  expect(byName.get('Starter weights')).toMatchObject({ status: 'failed', value: expect.stringContaining('damaged') })
  expect(byName.get('Device')).toMatchObject({ status: 'ok' })
  expect((await client.system.info()).device).toMatchObject({ kind: 'cpu' })
  expect(await client.system.storage()).toMatchObject({ runsBytes: expect.any(Number) })
  expect(existsSync(join(places.cache, 'device.json'))).toBe(true)
})
