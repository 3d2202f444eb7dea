import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Cancelled } from '../../shared/domain/error'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { acquireMachineLock, machineLockOwner } from '../storage/machine-lock'
import { isProcessAliveSync } from '../storage/process-identity'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord, exampleState } from '../storage/run-folder.examples'
import { placesFrom } from './places'
import { createStudio } from './studio'

async function studioWithRun(hasCheckpoint = true) {
  const base = await mkdtemp(join(tmpdir(), 'graft-explanations-'))
  const places = placesFrom(join(base, 'data'), join(base, 'cache'))
  const directory = join(places.runs, 'r1')
  const folder = await RunFolder.create(directory, { record: { ...exampleRecord(), status: 'completed' }, config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
  if (hasCheckpoint) await folder.writeCheckpoint('best', { weights: new Uint8Array(8), optimizer: null, state: exampleState(1) })
  const studio = createStudio({ door: 'served', roots: null, version: '0', places, trainerPath: join(import.meta.dirname, 'fixtures', 'scripted-explainer.mjs'), installation: base })
  onTestFinished(async () => {
    await studio.close()
    await rm(base, { recursive: true, force: true })
  })
  return { studio, places, directory, goOn: () => writeFileSync(join(directory, 'go-on'), '') }
}

async function allOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

test('heatmaps come before the end, and a training that begins meanwhile would wait', async () => {
  const { studio, places, goOn } = await studioWithRun()
  const kinds: string[] = []
  for await (const item of studio.explanations.explain({ runId: 'r1', paths: ['c/2.jpg'] })) {
    kinds.push(item.kind)
    if (item.kind === 'progress') {
      expect(item.soFar).toMatchObject({ explained: { pictures: [{ path: 'c/2.jpg', heatmaps: [{ values: [0, 1] }] }] } })
      expect((await machineLockOwner(places.lock))?.what).toBe('comparison with training pictures')
      goOn()
    } else expect(item).toMatchObject({ kind: 'done', result: { neighboursMissing: null } })
  }
  expect(kinds).toEqual(['progress', 'done'])
  expect(await machineLockOwner(places.lock)).toBeNull()
})

test('beside a training it says so, waits for nothing and leaves the training pictures alone', async () => {
  const { studio, places, goOn } = await studioWithRun()
  const release = await acquireMachineLock('training of leaves', { path: places.lock })
  onTestFinished(release)
  goOn()
  const items = await allOf(studio.explanations.explain({ runId: 'r1', paths: ['c/2.jpg'] }))
  expect(items[0]).toMatchObject({ kind: 'progress', message: 'Looking at the pictures beside the training of leaves' })
  expect(items.at(-1)).toMatchObject({ kind: 'done', result: { neighboursMissing: 'busy' } })
  expect((await machineLockOwner(places.lock))?.what).toBe('training of leaves')
})

test('who leaves ends the work and gives the machine back', async () => {
  const { studio, places, directory } = await studioWithRun()
  const leave = new AbortController()
  const stream = studio.explanations.explain({ runId: 'r1', paths: ['c/2.jpg'] }, leave.signal)
  await stream.next()
  const pid = Number(readFileSync(join(directory, 'explaining.pid'), 'utf8'))
  leave.abort()
  await expect(stream.next()).rejects.toThrow(Cancelled)
  expect(isProcessAliveSync(pid)).toBe(false)
  expect(await machineLockOwner(places.lock)).toBeNull()
})

test('who leaves for other pictures does not stand in the way of looking at those', async () => {
  const { studio, directory, goOn } = await studioWithRun()
  const leave = new AbortController()
  const first = studio.explanations.explain({ runId: 'r1', paths: ['c/2.jpg'] }, leave.signal)
  await first.next()
  const pid = Number(readFileSync(join(directory, 'explaining.pid'), 'utf8'))
  leave.abort()
  const ended = expect(first.next()).rejects.toThrow(Cancelled)
  goOn()
  const items = await allOf(studio.explanations.explain({ runId: 'r1', paths: ['c/2.jpg'] }))
  expect(items.at(-1)).toMatchObject({ kind: 'done', result: { neighboursMissing: null } })
  await ended
  expect(isProcessAliveSync(pid)).toBe(false)
})

test('a run without a checkpoint is answered with what to wait for', async () => {
  const { studio, directory } = await studioWithRun(false)
  const items = await allOf(studio.explanations.explain({ runId: 'r1', paths: ['c/2.jpg'] }))
  expect(items).toMatchObject([{ kind: 'failed', failure: { code: 'NOT_FOUND' } }])
  expect(existsSync(join(directory, 'explaining.pid'))).toBe(false)
})
