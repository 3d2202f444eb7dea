import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RunRecord } from '../../shared/domain/run'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { machineLockOwner } from '../storage/machine-lock'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord } from '../storage/run-folder.examples'
import { LiveRun, type LiveRunOptions } from './live-run'

const base = await mkdtemp(join(tmpdir(), 'graft-live-run-'))
afterAll(() => rm(base, { recursive: true, force: true }))
const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
const lockPath = join(base, 'lock')

function makeFolder(name: string, record: Partial<RunRecord> = {}): Promise<RunFolder> {
  return RunFolder.create(join(base, name), { record: { ...exampleRecord(), name, ...record }, config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
}

async function worked(folder: RunFolder, resume: boolean, options: Pick<LiveRunOptions, 'isBackground'> = {}): Promise<RunRecord> {
  const run = new LiveRun({ folder, record: await folder.record(), lockPath, trainerPath, onChange: () => undefined, ...options })
  await run.work(resume)
  return run.record
}

test('settings that cannot be read leave no trainer to itself: the run goes to its end, and why it gives no way is said', async () => {
  const folder = await makeFolder('well')
  const record = await worked(folder, false, { isBackground: () => Promise.reject(Object.assign(new Error('refused'), { code: 'EACCES', path: '/settings.json' })) })
  expect(record).toMatchObject({ status: 'completed', failure: null, epochs_done: 3 })
  const events = (await folder.events()).map(({ event }) => event)
  expect(events[0]).toMatchObject({ event: 'log', level: 'warning', message: expect.stringMatching(/not known.*Permission was refused: \/settings\.json/) })
  expect(events.at(-1)).toMatchObject({ event: 'done' })
})

test('what could not be written into the record goes with the next change', async () => {
  const folder = await makeFolder('loses a write')
  await worked(folder, false)
  expect(await folder.record()).toMatchObject({ status: 'completed', device: 'CPU', resolved: { precision: 'bfloat16', batch_size: 6 } })
})

test('a note that the disk does not take is told of, and goes with the next change', async () => {
  const folder = await makeFolder('noted')
  const run = new LiveRun({ folder, record: await folder.record(), lockPath, trainerPath, onChange: () => undefined })
  const [path, aside] = [join(folder.directory, 'run.json'), join(folder.directory, 'aside.json')]
  await rename(path, aside)
  await expect(run.mark({ note: 'smoothed labels' })).rejects.toThrow()
  await rename(aside, path)
  expect(await run.mark({ tags: ['winner'] })).toMatchObject({ note: 'smoothed labels', tags: ['winner'] })
  expect(await folder.record()).toMatchObject({ note: 'smoothed labels', tags: ['winner'] })
})

// Smaller passes came after the session began: they hold.
const SMALLER = { batch_size: 3, step_size: 6, accumulation_steps: 2 }

test.each([
  ['nothing', {}, { precision: 'bfloat16', batch_size: 6, step_size: 6, accumulation_steps: 1 }],
  ['smaller passes', SMALLER, { precision: 'bfloat16', ...SMALLER }],
])('a run whose record was given %s of what auto became goes on with all of it', async (what, resolved, expected) => {
  const folder = await makeFolder(what, { name: 'dies once' })
  expect((await worked(folder, false)).status).toBe('interrupted')
  await writeFile(join(folder.directory, 'run.json'), JSON.stringify({ ...(await folder.record()), resolved }))
  let begunWith: unknown
  // Asked just before the trainer starts.
  const isBackground = async () => {
    begunWith = (await folder.record()).resolved
    return false
  }
  await worked(folder, true, { isBackground })
  expect(begunWith).toEqual(expected)
})

/** A run that is paused: its trainer has ended. */
async function pausedRun(name: string): Promise<{ run: LiveRun; folder: RunFolder; ended: Promise<void> }> {
  const folder = await makeFolder(name, { name: 'long' })
  const run = new LiveRun({ folder, record: await folder.record(), lockPath, trainerPath, onChange: () => undefined })
  const ended = run.work(false)
  await expect.poll(() => run.record.epochs_done).toBeGreaterThan(1)
  run.pause()
  await expect.poll(() => run.record.status).toBe('paused')
  // The machine is given back, so that another run could have it.
  await expect.poll(() => machineLockOwner(lockPath)).toBeNull()
  return { run, folder, ended }
}
const lastEvents = async (folder: RunFolder, count: number) => (await folder.events()).slice(-count).map(({ event }) => event)

test('stopped while it is paused, its best is evaluated by another trainer all the same', async () => {
  const { run, folder, ended } = await pausedRun('stopped while paused')
  run.stop()
  await ended
  expect(await folder.record()).toMatchObject({ status: 'stopped', owner_pid: null })
  expect((await lastEvents(folder, 1))[0]).toMatchObject({ event: 'done', status: 'stopped' })
})

test('a paused run goes on in a trainer of its own, and is paused again', async () => {
  const { run, folder, ended } = await pausedRun('paused twice')
  run.unpause()
  await expect.poll(() => run.record.status).toBe('training')
  run.pause()
  await expect.poll(() => run.record.status).toBe('paused')
  // For the queue it is in nobody's hand.
  run.leaveForQueue()
  await ended
  expect(await folder.record()).toMatchObject({ status: 'queued', owner_pid: null, failure: null })
  expect((await folder.events()).filter(({ event }) => event.event === 'start')).toHaveLength(2)
})

test('where the program ends while a run is paused, the run is stopped where it is', async () => {
  const { run, folder, ended } = await pausedRun('ended while paused')
  run.end()
  await ended
  expect(await folder.record()).toMatchObject({ status: 'stopped', owner_pid: null })
  expect(await lastEvents(folder, 1)).toEqual([{ event: 'status', status: 'stopped', message: 'Stopped' }])
})

test('where the disk is full a run is paused, says what it needs, and goes on', async () => {
  const folder = await makeFolder('lacks room')
  const run = new LiveRun({ folder, record: await folder.record(), lockPath, trainerPath, onChange: () => undefined })
  const ended = run.work(false)
  await expect.poll(() => run.record.status).toBe('paused')
  expect(await lastEvents(folder, 1)).toEqual([{ event: 'status', status: 'paused', message: expect.stringMatching(/^latest needs 1 bytes.*goes on by itself, from its last checkpoint, once there is room/) }])
  // Others may train meanwhile.
  await expect.poll(() => machineLockOwner(lockPath)).toBeNull()
  run.unpause()
  await ended
  expect(await folder.record()).toMatchObject({ status: 'completed', failure: null, epochs_done: 3 })
  expect((await folder.events()).filter(({ event }) => event.event === 'error')).toEqual([])
})

test('where the disk is full and the run is to end, it ends', async () => {
  const folder = await makeFolder('lacks room and is stopped', { name: 'lacks room' })
  const run = new LiveRun({ folder, record: await folder.record(), lockPath, trainerPath, onChange: () => undefined })
  const ended = run.work(false)
  await expect.poll(() => run.record.status).toBe('paused')
  run.end()
  await ended
  expect(await folder.record()).toMatchObject({ status: 'stopped', owner_pid: null })
})
