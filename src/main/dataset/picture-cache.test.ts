import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Manifest, SetAside } from '../../shared/domain/dataset'
import { Cancelled } from '../../shared/domain/error'
import { decodePicture } from './decode'
import { PictureCache } from './picture-cache'
import type { PictureStore } from './picture-store'
import { resizeBilinearAntialiased } from './resize'
import { scanDataset } from './scan'
import { splitDataset } from './split'
import { asNobody, canBeNobody, havePhotographs, jpeg, pattern, PHOTOGRAPHS, temporaryFolder, writeTree } from './test-pictures'

const SIZE = 32

/** Ten pictures a class, of several sizes, one of them larger than twice the image size. */
async function dataset(): Promise<{ root: string; manifest: Manifest }> {
  const root = await temporaryFolder()
  for (let i = 0; i < 10; i++) {
    await writeTree(root, {
      [`a/${i}.jpg`]: await jpeg(i, 20 + i * 9, 150 - i * 13),
      [`b/${i}.png`]: await pattern(40 + i, 30, 3, i)
        .png()
        .toBuffer(),
    })
  }
  return { root, manifest: splitDataset(await scanDataset(root), { train: 0.6, val: 0.2, test: 0.2 }, 1) }
}

async function plainView(path: string): Promise<Uint8Array> {
  const { pixels, width, height } = await decodePicture(path)
  return resizeBilinearAntialiased(pixels, width, height, SIZE, SIZE)
}

function cacheFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function readAll(
  cache: PictureCache,
  root: string,
  manifest: Manifest,
  memoryBytes?: number,
): Promise<{ pixels: Uint8Array; setAside: SetAside[] }> {
  const setAside: SetAside[] = []
  const store = await cache.load(manifest.pictures, SIZE, { root, onSetAside: (file) => setAside.push(file), memoryBytes })
  const pixels = new Uint8Array(manifest.pictures.length * store.pictureBytes)
  for (let i = 0; i < manifest.pictures.length; i++) if (store.has(i)) await store.read(i, pixels, i * store.pictureBytes)
  return { pixels, setAside }
}

describe('contents', () => {
  test('cold, warm and without memory give the plainly resized originals', async () => {
    const { root, manifest } = await dataset()
    const directory = await temporaryFolder()
    const cache = new PictureCache({ directory })
    const expected = Buffer.concat(await Promise.all(manifest.pictures.map((picture) => plainView(join(root, picture.path)))))
    const cold = await readAll(cache, root, manifest)
    expect(cold.setAside).toEqual([])
    expect(Buffer.compare(cold.pixels, expected)).toBe(0)
    expect(cacheFiles(directory).length).toBe(20)
    expect(cacheFiles(directory).filter((path) => !path.endsWith('.pixels'))).toEqual([])
    for (const memoryBytes of [undefined, 0])
      expect(Buffer.compare((await readAll(cache, root, manifest, memoryBytes)).pixels, expected)).toBe(0)
    const store = await cache.load(manifest.pictures, SIZE, { root })
    for (const [index, entry] of manifest.pictures.entries()) {
      const kept = await store.readDecoded(index)
      const original = await decodePicture(join(root, entry.path))
      expect(Math.min(kept.width, kept.height)).toBe(Math.min(2 * SIZE, original.width, original.height))
      expect(Math.abs(kept.width / kept.height - original.width / original.height)).toBeLessThan(0.03)
      expect(store.indexOf(entry.path)).toBe(index)
    }
  })

  test('a second load reads no source; another image size has files of its own', async () => {
    const { root, manifest } = await dataset()
    const cache = new PictureCache({ directory: await temporaryFolder() })
    await readAll(cache, root, manifest)
    // Same length, other content: only a decode would notice.
    const path = join(root, 'a/1.jpg')
    await writeFile(path, Buffer.alloc((await readFile(path)).length, 1))
    expect((await readAll(cache, root, manifest)).setAside).toEqual([])
    await cache.load(manifest.pictures, 16, { root })
    expect((await cache.usage()).files).toBe(39)
  })

  test('what was read twice, or decoded just now, stays in memory', async () => {
    const { root, manifest } = await dataset()
    const cache = new PictureCache({ directory: await temporaryFolder() })
    const cold = await cache.load(manifest.pictures, SIZE, { root })
    const warm = await cache.load(manifest.pictures, SIZE, { root })
    const views = async (store: PictureStore) => {
      const pixels = new Uint8Array(20 * store.pictureBytes)
      for (const index of manifest.pictures.keys()) await store.read(index, pixels, index * store.pictureBytes)
      return pixels
    }
    const [once, twice] = [await views(warm), await views(warm)]
    await cache.clear()
    for (const { path } of manifest.pictures) await rm(join(root, path))
    for (const again of [twice, await views(warm), await views(warm), await views(cold)]) expect(again).toEqual(once)
  })

  test('damaged and cut cache files are decoded again', async () => {
    const { root, manifest } = await dataset()
    const directory = await temporaryFolder()
    const cache = new PictureCache({ directory })
    const before = await readAll(cache, root, manifest)
    const files = cacheFiles(directory)
    const whole = await readFile(files[0] as string)
    for (const [index, path] of files.entries()) {
      const bytes = Buffer.from(await readFile(path))
      if (index % 4 === 0) await writeFile(path, bytes.subarray(0, bytes.length - 1 - index))
      else if (index % 4 === 1) await writeFile(path, '')
      else {
        const at = index % 4 === 2 ? 9 : bytes.length - 5
        bytes[at] = (bytes[at] ?? 0) ^ 0x40
        await writeFile(path, bytes)
      }
    }
    const after = await readAll(cache, root, manifest)
    expect(after.setAside).toEqual([])
    expect(Buffer.compare(after.pixels, before.pixels)).toBe(0)
    expect(await readFile(files[0] as string)).toEqual(whole)
  })
})

describe('pictures in their own shape', () => {
  const shown = async (store: PictureStore, index: number) => {
    const { pixels, width, height } = await store.readDecoded(index)
    return { pixels: new Uint8Array(pixels), width, height }
  }
  const bytesOf = (directory: string) => cacheFiles(directory).reduce((sum, path) => sum + statSync(path).size, 0)

  test('are cached where crops will be cut, or when one is; damage to one is found when it is read', async () => {
    const { root, manifest } = await dataset()
    const [lean, full] = [await temporaryFolder(), await temporaryFolder()]
    const store = await new PictureCache({ directory: lean }).load(manifest.pictures, SIZE, { root })
    const whole = await new PictureCache({ directory: full }).load(manifest.pictures, SIZE, { root, wantsWhole: true })
    expect(bytesOf(lean)).toBe(20 * (36 + SIZE * SIZE * 3))
    const written = bytesOf(full)
    expect(written).toBeGreaterThan(2 * bytesOf(lean))
    for (const index of manifest.pictures.keys()) expect(await shown(store, index)).toEqual(await shown(whole, index))
    expect(bytesOf(lean)).toBe(written)

    const before = await shown(whole, 0)
    const path = cacheFiles(full).find((file) => file.includes(manifest.pictures[0]?.sha256 ?? '?')) ?? ''
    const bytes = await readFile(path)
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 4
    await writeFile(path, bytes)
    expect(await shown(whole, 0)).toEqual(before)
    expect(await readFile(path)).not.toEqual(bytes)
  })

  test('much smaller than the image size are cached alone, and give the same views', async () => {
    const root = await temporaryFolder()
    await writeTree(root, { 'a/0.png': await pattern(8, 9).png().toBuffer(), 'b/0.png': await pattern(9, 8, 3, 2).png().toBuffer() })
    const pictures = (await scanDataset(root)).pictures.map((entry) => ({ ...entry, split: 'train' as const }))
    const directory = await temporaryFolder()
    for (const memoryBytes of [undefined, undefined, 0]) {
      const store = await new PictureCache({ directory }).load(pictures, SIZE, { root, memoryBytes })
      for (const [index, entry] of pictures.entries()) {
        const view = new Uint8Array(store.pictureBytes)
        await store.read(index, view)
        expect(view).toEqual(await plainView(join(root, entry.path)))
        expect(await shown(store, index)).toEqual(await decodePicture(join(root, entry.path)))
      }
      expect(bytesOf(directory)).toBe(2 * (36 + 8 * 9 * 3))
    }
  })
})

describe('bad pictures', () => {
  test('changed, vanished and undecodable ones are set aside, the others are there', async () => {
    const { root, manifest } = await dataset()
    await writeFile(join(root, 'a/0.jpg'), await jpeg(77))
    await rm(join(root, 'a/1.jpg'))
    const sameLength = await readFile(join(root, 'a/2.jpg'))
    sameLength[sameLength.length - 3] = (sameLength[sameLength.length - 3] ?? 0) ^ 1
    await writeFile(join(root, 'a/2.jpg'), sameLength)
    const broken = await readFile(join(root, 'b/3.png'))
    broken.fill(0x5a, broken.length >> 1, (broken.length >> 1) + 40)
    await writeFile(join(root, 'b/3.png'), broken)
    const sha256 = createHash('sha256').update(broken).digest('hex')
    const pictures = manifest.pictures.map((picture) => (picture.path === 'b/3.png' ? { ...picture, sha256 } : picture))
    const setAside: SetAside[] = []
    const store = await new PictureCache({ directory: await temporaryFolder() }).load(pictures, SIZE, {
      root,
      onSetAside: (file) => setAside.push(file),
    })
    setAside.sort((a, b) => (a.path < b.path ? -1 : 1))
    expect(setAside.map((file) => [file.path, file.reason])).toEqual([
      ['a/0.jpg', 'unreadable'],
      ['a/1.jpg', 'unreadable'],
      ['a/2.jpg', 'unreadable'],
      ['b/3.png', 'corrupt'],
    ])
    expect(pictures.filter((_, index) => !store.has(index)).map((picture) => picture.path)).toEqual(setAside.map((file) => file.path))
    const out = new Uint8Array(store.pictureBytes)
    await expect(store.read(store.indexOf('a/1.jpg'), out)).rejects.toThrow(RangeError)
    await store.read(store.indexOf('b/4.png'), out)
    expect(out).toEqual(await plainView(join(root, 'b/4.png')))
  })

  test('a cached picture whose source is gone is set aside', async () => {
    const { root, manifest } = await dataset()
    const cache = new PictureCache({ directory: await temporaryFolder() })
    await readAll(cache, root, manifest)
    await rm(join(root, 'b/7.png'))
    expect((await readAll(cache, root, manifest)).setAside.map((file) => file.path)).toEqual(['b/7.png'])
  })
})

describe('bounds', () => {
  test('least recently used files go first, and a cache that is too small still works', async () => {
    const { root, manifest } = await dataset()
    const directory = await temporaryFolder()
    const expected = (await readAll(new PictureCache({ directory }), root, manifest)).pixels
    const { bytes } = await new PictureCache({ directory }).usage()
    const files = cacheFiles(directory)
    const old = files[5] as string
    await utimes(old, new Date(0), new Date(0))
    const bounded = new PictureCache({ directory, maximumBytes: bytes })
    await bounded.load(manifest.pictures.slice(0, 1), 31, { root })
    expect(cacheFiles(directory)).not.toContain(old)
    expect((await bounded.usage()).bytes).toBeLessThanOrEqual(bytes)
    for (const maximumBytes of [0, 30_000]) {
      const small = await temporaryFolder()
      const cache = new PictureCache({ directory: small, maximumBytes })
      expect(Buffer.compare((await readAll(cache, root, manifest, 0)).pixels, expected)).toBe(0)
      expect((await cache.usage()).bytes).toBeLessThanOrEqual(maximumBytes)
    }
  })

  test('clear deletes the pictures and nothing else; a store survives it', async () => {
    const { root, manifest } = await dataset()
    const directory = await temporaryFolder()
    await writeFile(join(directory, 'not-ours.txt'), 'x')
    const cache = new PictureCache({ directory })
    const store = await cache.load(manifest.pictures, SIZE, { root, memoryBytes: 0 })
    await cache.clear()
    expect(await cache.usage()).toEqual({ files: 0, bytes: 0 })
    expect(cacheFiles(directory)).toEqual([join(directory, 'not-ours.txt')])
    const out = new Uint8Array(store.pictureBytes)
    await store.read(3, out)
    expect(out).toEqual(await plainView(join(root, manifest.pictures[3]?.path ?? '')))
  })

  test('half-written files of a crash are deleted once they are old', async () => {
    const directory = await temporaryFolder()
    const shard = join(directory, 'v1', 'ab')
    await mkdir(shard, { recursive: true })
    for (const name of ['old.tmp', 'new.tmp']) await writeFile(join(shard, name), 'x')
    await utimes(join(shard, 'old.tmp'), new Date(0), new Date(0))
    await new PictureCache({ directory }).usage()
    expect(readdirSync(shard)).toEqual(['new.tmp'])
  })

  test('two caches over one folder at once, and cancelling', async () => {
    const { root, manifest } = await dataset()
    const directory = await temporaryFolder()
    const results = await Promise.all([0, 1, 2].map(() => readAll(new PictureCache({ directory }), root, manifest, 0)))
    expect(new Set(results.map(({ pixels }) => createHash('sha256').update(pixels).digest('hex'))).size).toBe(1)
    expect((await new PictureCache({ directory }).usage()).files).toBe(20)
    const controller = new AbortController()
    const loading = new PictureCache({ directory: await temporaryFolder() }).load(manifest.pictures, SIZE, {
      root,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    await expect(loading).rejects.toBeInstanceOf(Cancelled)
  })
})

test.skipIf(!canBeNobody)('somebody else’s cache costs time and not a picture: read, full, and closed', async () => {
  const { root, manifest } = await dataset()
  const directory = await temporaryFolder()
  const expected = await readAll(new PictureCache({ directory }), root, manifest)
  for (const folder of [root, directory]) await chmod(folder, 0o755)
  const [first = '', second = ''] = cacheFiles(directory)
  await writeFile(first, 'damaged')
  await chmod(second, 0o600)
  await chmod(dirname(cacheFiles(directory).at(-1) ?? ''), 0o700)
  for (const maximumBytes of [undefined, 1000, 0]) {
    const options = maximumBytes === undefined ? {} : { maximumBytes }
    expect(await asNobody(() => readAll(new PictureCache({ directory, ...options }), root, manifest))).toEqual(expected)
  }
  expect(cacheFiles(directory)).toHaveLength(20)
})

test.skipIf(!havePhotographs)('real photographs, cold and warm', async () => {
  const manifest = splitDataset(await scanDataset(PHOTOGRAPHS), { train: 0.7, val: 0.15, test: 0.15 }, 42)
  const directory = await temporaryFolder()
  const cache = new PictureCache({ directory })
  const entries = manifest.pictures.filter((_, index) => index % 8 === 0)
  const stores = [await cache.load(entries, 224, { root: PHOTOGRAPHS }), await cache.load(entries, 224, { root: PHOTOGRAPHS })]
  const [cold, warm] = [new Uint8Array(224 * 224 * 3), new Uint8Array(224 * 224 * 3)]
  for (let i = 0; i < entries.length; i++) {
    await stores[0]?.read(i, cold)
    await stores[1]?.read(i, warm)
    expect(Buffer.compare(cold, warm)).toBe(0)
  }
})
