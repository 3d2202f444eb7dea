import { copyFile, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunEvent, RunRecord, RunStatus } from '../../shared/domain/run'
import { acquireMachineLock } from '../storage/machine-lock'
import { starterWeightsFile } from '../storage/paths'
import { RunFolder } from '../storage/run-folder'
import { exampleState } from '../storage/run-folder.examples'
import { placesFrom } from './places'
import { createStudio } from './studio'

const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
const base = await mkdtemp(join(tmpdir(), 'graft-runs-'))
const places = placesFrom(join(base, 'data'), join(base, 'cache'))
const studio = createStudio({ door: 'served', roots: [base], version: '0.0.0', places, trainerPath, installation: base })
const { runs } = studio
let datasetId = ''

beforeAll(async () => {
  for (const name of ['ripe', 'green']) {
    await mkdir(join(base, 'pictures', name), { recursive: true })
    for (let number = 0; number < 12; number++) {
      const background = { r: name === 'ripe' ? 200 : 20, g: 40 + number, b: 60 }
      await writeFile(join(base, 'pictures', name, `${number}.png`), await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png().toBuffer())
    }
  }
  await mkdir(dirname(starterWeightsFile(places.cache)), { recursive: true })
  await writeFile(starterWeightsFile(places.cache), 'stands in for the weights; the scripted trainer reads none')
  for await (const item of studio.datasets.open({ path: join(base, 'pictures') })) {
    if (item.kind === 'done') datasetId = item.result.datasetId
  }
})
afterAll(async () => {
  await studio.close()
  await rm(base, { recursive: true, force: true })
})

const start = (name: string, directory: string | null = null): Promise<{ runId: string; directory: string }> =>
  runs.start({ datasetId, preset: 'fast', config: { epochs: 3 }, name, directory })

async function startEvents(directory: string): Promise<number> {
  return (await (await RunFolder.open(directory)).events()).filter(({ event }) => event.event === 'start').length
}

test('of two resumes of one run at once one begins and the other is refused', async () => {
  const { runId, directory } = await start('dies once')
  await runs.finished(runId)
  expect((await runs.get({ runId })).run.status).toBe('interrupted')
  const both = await Promise.allSettled([runs.resume({ runId }), runs.resume({ runId })])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } })
  await runs.finished(runId)
  expect((await runs.get({ runId })).run.status).toBe('completed')
  expect(await startEvents(directory)).toBe(2)
})

test('training on one class is refused before there is a run: when its folder is opened, in either layout', async () => {
  const before = (await runs.list()).runs.length
  for (const folders of [['only'], ['train/only', 'val/only'], ['only', 'empty']]) {
    const root = await mkdtemp(join(base, 'one-class-'))
    for (const folder of folders) {
      await mkdir(join(root, folder), { recursive: true })
      if (folder === 'empty') continue
      for (const number of [0, 1, 2]) await copyFile(join(base, 'pictures', 'ripe', `${number}.png`), join(root, folder, `${number}.png`))
    }
    const items = []
    for await (const item of studio.datasets.open({ path: root })) if (item.kind !== 'progress') items.push(item)
    const message = expect.stringMatching(folders.includes('empty') ? /"empty" has 0 usable pictures; at least 2/ : /at least two classes, found only "only"/)
    expect(items).toEqual([{ kind: 'failed', failure: expect.objectContaining({ code: 'BAD_INPUT', message, action: expect.stringMatching(/^Add /) }) }])
  }
  expect((await runs.list()).runs).toHaveLength(before)
})

test('the states of checkpoints are told without the epochs, which come as events', async () => {
  const { runId, directory } = await start('well')
  await runs.finished(runId)
  await (await RunFolder.open(directory)).writeCheckpoint('best', { weights: new Uint8Array(1), optimizer: null, state: exampleState(3) })
  expect((await runs.get({ runId })).checkpoints.best).toEqual({ ...exampleState(3), history: [] })
})

test('a run that this process is just making is never seen as interrupted', async () => {
  const seen = new Set<RunStatus>()
  for (let number = 0; number < 5; number++) {
    let isMade = false
    const made = start('well', join(base, `elsewhere-${number}`)).finally(() => {
      isMade = true
    })
    // Found by its place as soon as it has a record, before the run is launched.
    await writeFile(places.runRegistry, JSON.stringify({ version: 1, directories: [join(base, `elsewhere-${number}`)] }))
    while (!isMade) for (const { status } of (await runs.list()).runs) seen.add(status)
    await runs.finished((await made).runId)
  }
  expect([...seen]).not.toContain('interrupted')
})

async function takenUpMeanwhile(patch: Partial<RunRecord>): Promise<{ events: RunEvent[]; record: RunRecord; directory: string }> {
  const release = await acquireMachineLock('training of something else', { path: places.lock })
  const { runId, directory } = await start('well')
  const events: RunEvent[] = []
  const stream = runs.events({ runId })
  const first = await stream.next()
  if (first.done !== true) events.push(first.value.event)
  const folder = await RunFolder.open(directory)
  await folder.updateRecord(patch)
  await release()
  await runs.finished(runId)
  for await (const { event } of stream) events.push(event)
  return { events, record: await folder.record(), directory }
}

test('a run that another process has finished or taken up while this one waited for the machine is not run over', async () => {
  for (const patch of [{ status: 'completed', owner_pid: null }, { status: 'training', owner_pid: process.ppid }] as const) {
    const { events, record, directory } = await takenUpMeanwhile(patch)
    expect(events.map(({ event }) => event)).toEqual(['status', 'error'])
    expect(events[1]).toMatchObject({ failure: { code: 'CONFLICT' } })
    expect(record).toMatchObject(patch)
    expect(await startEvents(directory)).toBe(0)
  }
})

test('a run that was read while its owner was gone, and went on since, is not told as interrupted', async () => {
  const { runId, directory } = await start('well')
  await runs.finished(runId)
  const folder = await RunFolder.open(directory)
  const read: RunRecord = { ...(await folder.record()), status: 'training', owner_pid: null, updated_at: '2026-01-01T00:00:00.000Z' }
  expect(await runs.settled(folder, read)).toMatchObject({ status: 'completed' })
  expect(await folder.record()).toMatchObject({ status: 'completed' })
})

test('a copy of a run takes the place of the run only once that is gone', async () => {
  const { runId, directory } = await start('well')
  await runs.finished(runId)
  const copy = join(base, 'usb', 'well backup')
  await cp(directory, copy, { recursive: true })
  await expect(runs.at(join(copy, 'open.graft'))).rejects.toMatchObject({ code: 'CONFLICT', message: `${copy} is a copy of the run in ${directory}.` })
  expect((await runs.list()).runs.filter((run) => run.run_id === runId)).toHaveLength(1)
  expect((await runs.get({ runId })).directory).toBe(directory)
  // The very folder by another way is no copy.
  await symlink(directory, join(base, 'link'))
  expect(await runs.at(join(base, 'link'))).toEqual({ runId })
  expect((await runs.get({ runId })).directory).toBe(directory)

  const moved = join(base, 'moved')
  await rename(directory, moved)
  expect(await runs.at(moved)).toEqual({ runId })
  expect((await runs.get({ runId })).directory).toBe(moved)
  expect((await runs.list()).runs.filter((run) => run.run_id === runId)).toHaveLength(1)
  await rename(moved, directory)
  expect((await runs.get({ runId })).directory).toBe(directory)
})
