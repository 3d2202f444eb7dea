import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ManifestEntry, SetAside } from '../../shared/domain/dataset'
import { Cancelled } from '../../shared/domain/error'
import { decodePicture } from './decode'
import { PictureCache } from './picture-cache'
import { PictureThreads } from './picture-threads'
import type { PictureTask } from './prepare-picture'
import { resizeBilinearAntialiased } from './resize'
import { coefficientJpeg, numbersFrom } from './test-jpegs'
import { pattern, temporaryFolder, writeTree } from './test-pictures'

const SIZE = 24

/** Threads of this process that are workers: each has a port to this one. */
const threadsHere = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

/** Plain JPEG files with others among them. */
async function folderOf(plainCount: number): Promise<{ root: string; entries: ManifestEntry[] }> {
  const root = await temporaryFolder()
  const below = numbersFrom(9)
  const files: Record<string, Buffer> = {}
  for (let i = 0; i < plainCount; i++) {
    const sampling = [[1 + (i % 2), 1 + (i % 3 === 0 ? 1 : 0)] as const, [1, 1] as const, [1, 1] as const]
    files[`plain-${i}.jpg`] = coefficientJpeg({ width: 8 + below(120), height: 8 + below(90), sampling, seed: i })
  }
  files['turned.jpg'] = await pattern(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  files['inks.jpg'] = await pattern(40, 20).toColourspace('cmyk').jpeg().toBuffer()
  files['another-format.jpg'] = await pattern(40, 20).png().toBuffer()
  files['lossless.png'] = await pattern(40, 20).png().toBuffer()
  files['cut.jpg'] = files['plain-1.jpg']?.subarray(0, 500) ?? Buffer.alloc(0)
  await writeTree(root, files)
  const entries = Object.entries(files).map(([path, bytes]) => ({
    path,
    classIndex: 0,
    split: 'train' as const,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }))
  return { root, entries }
}

/** Every file of a cache's folder by its name within. */
function contentsOf(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(files.map((file) => [join(file.parentPath, file.name).slice(directory.length), readFileSync(join(file.parentPath, file.name)).toString('base64')] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
}

describe('a cache that threads fill', () => {
  test.each([
    { wantsWhole: false, memoryBytes: undefined },
    { wantsWhole: false, memoryBytes: 0 },
    { wantsWhole: true, memoryBytes: undefined },
  ])('is the same whatever their number: %o', async (options) => {
    const { root, entries } = await folderOf(110)
    const before = threadsHere()
    const results = []
    for (const workers of [0, 1, 2, 5, 16]) {
      const directory = await temporaryFolder()
      const setAside: SetAside[] = []
      let most = 0
      const onProgress = () => (most = Math.max(most, threadsHere() - before))
      const store = await new PictureCache({ directory }).load(entries, SIZE, { root, workers, onProgress, onSetAside: (file) => setAside.push(file), ...options })
      expect(most).toBeGreaterThan(0)
      expect(threadsHere()).toBe(before)
      const views = new Uint8Array(entries.length * store.pictureBytes)
      for (const index of entries.keys()) if (store.has(index)) await store.read(index, views, index * store.pictureBytes)
      results.push({ views, setAside, files: contentsOf(directory) })
    }
    const first = results[0] ?? expect.fail()
    for (const result of results) expect(result).toEqual(first)
    expect(first.setAside.map(({ path, reason }) => [path, reason])).toEqual([['cut.jpg', 'truncated']])
    expect(first.files.size).toBe(entries.length - 1 - (entries.length - new Set(entries.map(({ sha256 }) => sha256)).size))
    for (const [index, { path }] of entries.entries()) {
      if (path === 'cut.jpg') continue
      const { pixels, width, height } = await decodePicture(join(root, path))
      const view = first.views.subarray(index * SIZE * SIZE * 3, (index + 1) * SIZE * SIZE * 3)
      expect(Buffer.compare(view, resizeBilinearAntialiased(pixels, width, height, SIZE, SIZE))).toBe(0)
    }
  })

  test('cancelled on the way: the threads end and the folder can be filled by the next load', async () => {
    const { root, entries } = await folderOf(110)
    const directory = await temporaryFolder()
    const before = threadsHere()
    const controller = new AbortController()
    const loading = new PictureCache({ directory }).load(entries, SIZE, { root, workers: 4, signal: controller.signal, onProgress: () => controller.abort() })
    await expect(loading).rejects.toBeInstanceOf(Cancelled)
    expect(threadsHere()).toBe(before)
    const store = await new PictureCache({ directory }).load(entries, SIZE, { root })
    expect(entries.filter((_, index) => !store.has(index)).map(({ path }) => path)).toEqual(['cut.jpg'])
  })

  test('a picture that changed since the scan is set aside in the same words', async () => {
    const { root, entries } = await folderOf(110)
    const path = join(root, 'plain-2.jpg')
    const bytes = await readFile(path)
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
    await writeFile(path, bytes)
    const setAside: SetAside[] = []
    await new PictureCache({ directory: await temporaryFolder() }).load(entries, SIZE, { root, onSetAside: (file) => setAside.push(file) })
    expect(setAside.find((file) => file.path === 'plain-2.jpg')).toMatchObject({ reason: 'unreadable', message: 'The file changed since the folder was scanned (other content).' })
  })
})

describe('threads', () => {
  const taskOf = async (): Promise<PictureTask> => {
    const { root, entries } = await folderOf(1)
    const entry = entries[0] ?? expect.fail()
    return { path: join(root, entry.path), sizeBytes: entry.sizeBytes, sha256: entry.sha256, imageSize: SIZE, wantsWhole: false, cachePath: join(await temporaryFolder(), 'x', 'y.pixels'), target: null }
  }

  test('write what they answer for, leave what cannot be read or written, and take nothing once closed', async () => {
    const threads = new PictureThreads(2)
    onTestFinished(() => threads.close())
    const task = await taskOf()
    expect(await threads.prepare(task)).toBe((await readFile(task.cachePath)).length)
    expect(await threads.prepare({ ...task, path: `${task.path}.gone` })).toBeNull()
    expect(await threads.prepare({ ...task, sha256: '0' })).toBeNull()
    expect(await threads.prepare({ ...task, cachePath: join(task.path, 'no-folder', 'y.pixels') })).toBeNull()
    await threads.close()
    expect(await threads.prepare(task)).toBeNull()
  })

  test('one that breaks leaves its pictures, present and to come, to others', async () => {
    const threads = new PictureThreads(1)
    onTestFinished(() => threads.close())
    const task = await taskOf()
    expect(await threads.prepare(task)).not.toBeNull()
    // No machine has memory for such a view.
    const answers = [threads.prepare({ ...task, imageSize: 2 ** 26 }), threads.prepare(task)]
    expect(await Promise.all(answers)).toEqual([null, null])
    expect(await threads.prepare(task)).toBeNull()
  })
})
