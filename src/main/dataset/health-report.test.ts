import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { healthFindingSchema } from '../../shared/domain/health'
import type { Decision } from '../../shared/domain/fix-journal'
import { curated, splitCurated } from './curation'
import { healthFindings } from './health-report'
import { findLookAlikes } from './look-alikes'
import { measureDataset } from './measure-dataset'
import { scanDataset } from './scan'
import { scene, sceneJpeg, writeFaultyFolder } from './test-scene'
import { havePhotographs, PHOTOGRAPHS, temporaryFolder, writeTree } from './test-pictures'

const RATIOS = { train: 0.7, val: 0.15, test: 0.15 }

async function reportOn(root: string, decisions: readonly Decision[] = []) {
  const scan = await scanDataset(root)
  const measurements = await measureDataset(scan, { cacheFile: null })
  const alikes = await findLookAlikes(scan.pictures, measurements)
  const manifest = splitCurated(scan, { decisions, alikes }, RATIOS, 42)
  const told = healthFindings({ scan, curated: curated(scan, decisions), manifest, measurements, alikes })
  for (const { finding } of told) expect(healthFindingSchema.parse(finding)).toEqual(finding)
  const itemsOf = (kind: string) => told.find(({ finding }) => finding.kind === kind)?.items.map((item) => item.map(({ path }) => path)) ?? []
  return { scan, manifest, kinds: told.map(({ finding }) => finding.kind), itemsOf }
}

test('every planted fault is found, and nothing else; the dearest come first', async () => {
  const root = await temporaryFolder()
  await writeFaultyFolder(root)
  const { kinds, itemsOf, manifest, scan } = await reportOn(root)
  expect(kinds).toEqual(['label-conflict', 'dark', 'bright', 'plain', 'blurry', 'near-duplicate', 'duplicate', 'tiny', 'burst', 'odd-shape'])
  expect(itemsOf('label-conflict')).toEqual([['cats/02-scene.jpg', 'dogs/conflict.jpg']])
  expect(itemsOf('dark')).toEqual([['cats/dark.jpg']])
  expect(itemsOf('bright')).toEqual([['cats/bright.jpg']])
  expect(itemsOf('plain')).toEqual([['cats/plain.jpg']])
  expect(itemsOf('blurry')).toEqual([['cats/blurred.jpg']])
  expect(itemsOf('tiny')).toEqual([['cats/tiny.jpg']])
  expect(itemsOf('odd-shape')).toEqual([['cats/long.jpg']])
  expect(itemsOf('duplicate')).toEqual([['cats/00-scene.jpg', 'cats/copy.jpg']])
  expect(itemsOf('near-duplicate')).toEqual([['cats/01-scene.jpg', 'cats/small-copy.jpg']])
  expect(itemsOf('burst')).toEqual([['dogs/burst-a.jpg', 'dogs/burst-b.jpg', 'dogs/burst-c.jpg']])
  const splitsOf = new Map(manifest.pictures.map(({ path, split }) => [path, split]))
  for (const kind of ['label-conflict', 'duplicate', 'near-duplicate', 'burst']) {
    for (const item of itemsOf(kind)) expect(new Set(item.map((path) => splitsOf.get(path))).size).toBe(1)
  }

  const of = (...paths: string[]) => paths.map((path) => ({ path, sha256: scan.pictures.find((picture) => picture.path === path)?.sha256 ?? '' }))
  const at = '2026-11-21T12:00:00.000Z'
  const after = await reportOn(root, [
    { kind: 'exclude', id: 1, at, finding: 'dark', pictures: of('cats/dark.jpg') },
    { kind: 'fine', id: 2, at, finding: 'blurry', pictures: of('cats/blurred.jpg') },
    { kind: 'move', id: 3, at, finding: 'label-conflict', pictures: of('dogs/conflict.jpg'), toClass: 'cats' },
  ])
  expect(after.kinds.filter((kind) => ['label-conflict', 'dark', 'blurry'].includes(kind))).toEqual([])
  // Of one class now, the two are copies like any others.
  expect(after.itemsOf('near-duplicate')).toEqual([['cats/01-scene.jpg', 'cats/small-copy.jpg'], ['cats/02-scene.jpg', 'dogs/conflict.jpg']])
})

test('a picture whose data are damaged behind a sound header is told of', async () => {
  const root = await temporaryFolder()
  const files: Record<string, Buffer> = {}
  for (let i = 0; i < 6; i++) files[`${i < 3 ? 'a' : 'b'}/${i}.png`] = await scene(i).png().toBuffer()
  const damaged = Buffer.from(files['a/1.png'] ?? [])
  damaged.fill(0xa5, 400, 900)
  files['a/1.png'] = damaged
  await writeTree(root, files)
  const { itemsOf, scan } = await reportOn(root)
  expect(scan.setAside).toEqual([])
  expect(itemsOf('damaged')).toEqual([['a/1.png']])
})

test('a copy that lies in train and in val is a leak, and no longer a duplicate', async () => {
  const root = await temporaryFolder()
  const files: Record<string, Buffer> = {}
  for (const [base, name] of [[0, 'a'], [50, 'b']] as const) {
    for (let i = 0; i < 8; i++) files[`train/${name}/${i}.jpg`] = await sceneJpeg(base + i)
    for (let i = 8; i < 12; i++) files[`val/${name}/${i}.jpg`] = await sceneJpeg(base + i)
  }
  files['val/a/leaked.jpg'] = await sharp(files['train/a/0.jpg']).resize(160).jpeg({ quality: 70 }).toBuffer()
  await writeTree(root, files)
  const { itemsOf, kinds, manifest } = await reportOn(root)
  expect(itemsOf('leak')).toEqual([['train/a/0.jpg', 'val/a/leaked.jpg']])
  expect(kinds).not.toContain('near-duplicate')
  expect(manifest.pictures.filter(({ group }) => group !== undefined)).toHaveLength(2)
})

test.skipIf(!havePhotographs)('of 400 photographs none is blurred, dark, light, of one colour or like another', async () => {
  const { kinds } = await reportOn(PHOTOGRAPHS)
  expect(kinds.filter((kind) => !['odd-shape', 'tiny', 'ignored'].includes(kind))).toEqual([])
})

test.skipIf(!havePhotographs)('photographs that were blurred or darkened are found, those beside them are not', async () => {
  const root = await temporaryFolder()
  const files: Record<string, Buffer> = {}
  const expected = { blurry: [] as string[][], dark: [] as string[][] }
  for (const [place, name] of ['dandelion', 'grass'].entries()) {
    for (let i = 0; i < 24; i++) {
      const source = join(PHOTOGRAPHS, name, `${String(i + place).padStart(8, '0')}.jpg`)
      const path = `${name}/${String(i).padStart(2, '0')}`
      if (i % 8 === 3) {
        files[path] = await sharp(source).resize(500, 500, { fit: 'inside' }).blur(4).jpeg({ quality: 90 }).toBuffer()
        expected.blurry.push([path])
      } else if (i % 8 === 6) {
        files[path] = await sharp(source).linear(0.12, 0).jpeg({ quality: 90 }).toBuffer()
        expected.dark.push([path])
      } else files[path] = await readFile(source)
    }
  }
  await writeTree(root, files)
  const { itemsOf } = await reportOn(root)
  expect({ blurry: itemsOf('blurry'), dark: itemsOf('dark') }).toEqual(expected)
})

test('what was measured is kept by the hash of the file, and a damaged cache costs time alone', async () => {
  const root = await temporaryFolder()
  const cacheFile = join(await temporaryFolder(), 'health', 'one.jsonl')
  await writeTree(root, { 'a/1.jpg': await sceneJpeg(1), 'a/2.jpg': await sceneJpeg(2), 'b/3.jpg': await sceneJpeg(3), 'b/4.jpg': await sceneJpeg(4) })
  const measured: number[] = []
  const measure = async () => {
    measured.length = 0
    return measureDataset(await scanDataset(root), { cacheFile, onProgress: (done) => measured.push(done) })
  }
  const first = await measure()
  expect(measured.at(-1)).toBe(4)
  expect(await measure()).toEqual(first)
  expect(measured).toEqual([])
  await writeFile(join(root, 'a', '1.jpg'), await sceneJpeg(9))
  expect((await measure()).size).toBe(4)
  expect(measured.at(-1)).toBe(1)
  await writeFile(cacheFile, 'not what it was')
  await measure()
  expect(measured.at(-1)).toBe(4)
  await rm(join(root, 'b', '4.jpg'))
  expect((await measure()).size).toBe(3)
  expect((await stat(cacheFile)).size).toBeGreaterThan(1000)
})

test('a look that is given up keeps what it has seen', async () => {
  const root = await temporaryFolder()
  const cacheFile = join(await temporaryFolder(), 'one.jsonl')
  await writeTree(root, Object.fromEntries(await Promise.all(Array.from({ length: 30 }, async (_, i) => [`${i % 2 === 0 ? 'a' : 'b'}/${i}.jpg`, await sceneJpeg(i, 160, 120)] as const))))
  const scan = await scanDataset(root)
  const control = new AbortController()
  await expect(measureDataset(scan, { cacheFile, signal: control.signal, onProgress: () => control.abort() })).rejects.toMatchObject({ name: 'Cancelled' })
  const kept = (await readFile(cacheFile, 'utf8')).split('\n').length - 1
  expect(kept).toBeGreaterThan(0)
  expect(kept).toBeLessThan(30)
})

test('a picture that was replaced since the scan is not taken for the one that was', async () => {
  const root = await temporaryFolder()
  await writeTree(root, { 'a/1.jpg': await sceneJpeg(1, 80, 60), 'b/2.jpg': await sceneJpeg(2, 80, 60) })
  const scan = await scanDataset(root)
  await writeFile(join(root, 'a/1.jpg'), await sceneJpeg(3, 80, 60))
  const measurements = await measureDataset(scan, { cacheFile: null })
  expect(scan.pictures.map(({ sha256 }) => measurements.has(sha256))).toEqual([false, true])
})
