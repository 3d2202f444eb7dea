import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Manifest } from '../../shared/domain/dataset'
import { runConfigSchema } from '../../shared/domain/run-config'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord } from '../storage/run-folder.examples'
import { placesFrom } from './places'
import { createStudio } from './studio'

const base = await mkdtemp(join(tmpdir(), 'graft-confined-'))
const home = join(base, 'home')
const places = placesFrom(join(base, 'data'), join(base, 'cache'))
const studio = createStudio({ door: 'served', roots: [home], version: '0.0.0', places, installation: base })
const onDesktop = createStudio({ door: 'desktop', roots: null, version: '0.0.0', places: placesFrom(join(base, 'other-data'), join(base, 'cache')), installation: base })
const picture = { path: 'cats/0.png', classIndex: 0, split: 'train' as const, sizeBytes: 1, sha256: '' }

beforeAll(async () => {
  for (const folder of [join(home, 'pictures'), join(base, 'private')]) {
    await mkdir(join(folder, 'cats'), { recursive: true })
    await writeFile(join(folder, 'cats', '0.png'), await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).png().toBuffer())
  }
})
beforeEach(() => rm(join(home, 'runs'), { recursive: true, force: true }))
afterAll(async () => {
  await Promise.all([studio.close(), onDesktop.close()])
  await rm(base, { recursive: true, force: true })
})

let number = 0
async function runFolder(manifest: Partial<Manifest>, below = join(home, 'runs')): Promise<{ runId: string; directory: string }> {
  const runId = `run-${++number}`
  const directory = join(below, runId)
  const config = runConfigSchema.parse({ backbone: 'efficientnet_lite0' })
  await RunFolder.create(directory, { record: { ...exampleRecord(), run_id: runId, status: 'completed' }, config, manifest: { ...exampleManifest(), root: join(home, 'pictures'), pictures: [picture], ...manifest } })
  return { runId, directory }
}

const thumbnail = (runId: string, path: string) => studio.content.thumbnail({ source: { runId }, path, side: 96 }, new AbortController().signal)

test('a run whose pictures lie below a root is opened, and they are shown', async () => {
  const { runId, directory } = await runFolder({})
  expect(await studio.runAt(directory)).toEqual({ runId })
  expect((await thumbnail(runId, picture.path)).contentType).toBe('image/webp')
})

test.each<[string, Partial<Manifest>]>([
  ['pictures in another folder', { root: join(base, 'private') }],
  ['pictures in a folder that is not there', { root: join(base, 'private', 'gone') }],
  ['a picture above its folder', { pictures: [{ ...picture, path: '../../private/cats/0.png' }] }],
  ['a picture with a path of its own', { pictures: [picture, { ...picture, path: `x/../../../private/cats/0.png` }] }],
])('a run with %s is refused, and its pictures are not shown', async (_what, manifest) => {
  const { runId, directory } = await runFolder(manifest)
  await expect(studio.runAt(join(directory, 'open.graft'))).rejects.toMatchObject({ code: 'REFUSED', action: expect.stringContaining('--root') as string })
  await expect(thumbnail(runId, manifest.pictures?.at(-1)?.path ?? picture.path)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await studio.runs.list()).runs.map(({ run_id: id }) => id)).not.toContain(runId)
  expect(await onDesktop.runAt(directory)).toEqual({ runId })
})

test.each([['log'], ['run.json'], ['manifest.json'], ['checkpoints/best']])('a run whose %s leads out is refused', async (member) => {
  const { directory } = await runFolder({})
  await mkdir(join(directory, 'checkpoints', 'best'))
  await writeFile(join(directory, 'log'), '')
  await rm(join(base, 'private', 'member'), { recursive: true, force: true })
  await rename(join(directory, member), join(base, 'private', 'member'))
  await symlink(join(base, 'private', 'member'), join(directory, member))
  await expect(studio.runAt(directory)).rejects.toMatchObject({ code: 'REFUSED' })
})

test('an upload is no run, whatever it holds', async () => {
  const { directory } = await runFolder({})
  const upload = join(places.uploads, '0badcafe', 'brought')
  await cp(directory, upload, { recursive: true })
  await expect(studio.runAt(upload)).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('uploaded') as string })
})

test('a run that is in the list already is opened wherever its pictures lie', async () => {
  const { runId, directory } = await runFolder({ root: join(base, 'private') })
  await mkdir(places.data, { recursive: true })
  await writeFile(places.runRegistry, JSON.stringify({ version: 1, directories: [directory] }))
  expect(await studio.runAt(directory)).toEqual({ runId })
  expect(JSON.parse(await readFile(places.runRegistry, 'utf8'))).toEqual({ version: 1, directories: [directory] })
})
