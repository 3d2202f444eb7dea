import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, copyFileSync, ftruncateSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FeatureCache } from './feature-cache'
import { featureFileBytes, type FeatureShape } from './feature-file'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'graft-feature-cache-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const shapeOf = (name: string, count = 5, size = 3): FeatureShape => ({ key: createHash('sha256').update(name).digest('hex'), count, size })
const numbers = ({ count, size, key }: FeatureShape) => Float32Array.from({ length: count * size }, (_, i) => Number.parseInt(key.slice(0, 4), 16) + i / 7)
const bytesOf = (data: Float32Array | null) => new Uint8Array(data?.buffer ?? new ArrayBuffer(0))
const pathOf = ({ key }: FeatureShape, folder = directory) => join(folder, `${key}.features`)

function keep(cache: FeatureCache, shape: FeatureShape): boolean {
  const file = cache.create(shape)
  if (file === null) return false
  const all = numbers(shape)
  const half = Math.floor(shape.count / 2)
  file.write(0, all.subarray(0, half * shape.size))
  const isWritten = file.write(half, all.subarray(half * shape.size))
  file.publish()
  file.close()
  return isWritten
}

function taken(cache: FeatureCache, shape: FeatureShape): Float32Array | null {
  const file = cache.open(shape)
  if (file === null) return null
  const result = new Float32Array(shape.count * shape.size)
  file.read(0, result)
  file.close()
  return result
}

test('what is kept comes back bit for bit in another cache over the folder, row by row too', () => {
  const shape = shapeOf('a')
  expect(taken(new FeatureCache(directory), shape)).toBeNull()
  keep(new FeatureCache(directory), shape)
  const cache = new FeatureCache(directory)
  expect(cache.has(shape)).toBe(true)
  expect(taken(cache, shape)).toEqual(numbers(shape))
  const file = cache.open(shape)!
  const row = new Float32Array(3)
  file.read(4, row)
  expect(row).toEqual(numbers(shape).subarray(12, 15))
  file.close()
  expect(statSync(pathOf(shape)).size).toBe(featureFileBytes(shape))
  expect(cache.has(shapeOf('b'))).toBe(false)
  expect(cache.takeProblem()).toBeNull()
})

test('a file larger than what is checked at once is checked to its end', () => {
  const shape = shapeOf('large', 1200, 1024)
  keep(new FeatureCache(directory), shape)
  expect(Buffer.compare(bytesOf(taken(new FeatureCache(directory), shape)), bytesOf(numbers(shape)))).toBe(0)
  damage(pathOf(shape), 64 + 4 * 1199 * 1024 + 8)
  expect(taken(new FeatureCache(directory), shape)).toBeNull()
})

function damage(path: string, position: number): void {
  const byte = readFileSync(path)[position] ?? 0
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, Uint8Array.of(byte ^ 1), 0, 1, position)
  closeSync(descriptor)
}

test('one bit anywhere in the file, and it is deleted, counted and not believed', () => {
  const shape = shapeOf('a')
  keep(new FeatureCache(directory), shape)
  const whole = readFileSync(pathOf(shape))
  for (let position = 0; position < whole.length; position++) {
    writeFileSync(pathOf(shape), whole)
    damage(pathOf(shape), position)
    const cache = new FeatureCache(directory)
    expect(taken(cache, shape), `byte ${position}`).toBeNull()
    expect(cache.damaged).toBe(1)
    expect(readdirSync(directory)).toEqual([])
  }
  writeFileSync(pathOf(shape), whole)
  expect(taken(new FeatureCache(directory), shape)).toEqual(numbers(shape))
})

test.each([0, 1, 63, 64, 100, 143])('a file cut to %d bytes is not believed', (bytes) => {
  const shape = shapeOf('a')
  keep(new FeatureCache(directory), shape)
  const descriptor = openSync(pathOf(shape), 'r+')
  ftruncateSync(descriptor, bytes)
  closeSync(descriptor)
  const cache = new FeatureCache(directory)
  expect(cache.has(shape)).toBe(false)
  expect(taken(cache, shape)).toBeNull()
  expect(readdirSync(directory)).toEqual([])
  expect(keep(cache, shape)).toBe(true)
  expect(taken(cache, shape)).toEqual(numbers(shape))
})

test('a file under another one’s name, of another length or of another version is not believed', () => {
  const shape = shapeOf('a')
  const cache = new FeatureCache(directory)
  keep(cache, shape)
  copyFileSync(pathOf(shape), pathOf(shapeOf('b')))
  expect(taken(cache, shapeOf('b'))).toBeNull()
  keep(cache, shape)
  expect(taken(cache, { ...shape, count: 3, size: 5 })).toBeNull()
  keep(cache, shape)
  const bytes = readFileSync(pathOf(shape))
  bytes.writeUInt32LE(2, 8)
  writeFileSync(pathOf(shape), bytes)
  expect(taken(cache, shape)).toBeNull()
})

test('a view that is not finished is not there, and leaves nothing behind', () => {
  const cache = new FeatureCache(directory)
  const file = cache.create(shapeOf('a'))!
  file.write(0, numbers(shapeOf('a')))
  expect(readdirSync(directory)).toHaveLength(1)
  expect(cache.has(shapeOf('a'))).toBe(false)
  file.close()
  expect(readdirSync(directory)).toEqual([])
})

test('what a killed process left half written goes after a while, what a live one writes, or one that cannot be seen here, stays', async () => {
  const gone = spawn(process.execPath, ['-e', ''])
  await new Promise((ended) => gone.on('close', ended))
  const live = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const names = [gone.pid, live.pid].map((pid) => `${shapeOf('x').key}.features.${pid}-0123456789ab.tmp`)
  for (const name of names) writeFileSync(join(directory, name), 'half')
  writeFileSync(join(directory, 'notes.txt'), 'mine')
  keep(new FeatureCache(directory), shapeOf('a'))
  expect(readdirSync(directory).sort()).toEqual([`${shapeOf('a').key}.features`, 'notes.txt', ...names].sort())
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
  for (const name of names) utimesSync(join(directory, name), minutesAgo(11), minutesAgo(11))
  keep(new FeatureCache(directory), shapeOf('b'))
  live.kill()
  expect(readdirSync(directory).sort()).toEqual([...['a', 'b'].map((name) => `${shapeOf(name).key}.features`), 'notes.txt', names[1]].sort())
})

test('two at once write the same view, and either’s is whole', () => {
  const shape = shapeOf('a')
  const caches = [new FeatureCache(directory), new FeatureCache(directory)]
  const files = caches.map((cache) => cache.create(shape)!)
  for (const file of files) file.write(0, numbers(shape))
  for (const file of files) file.publish()
  // The one that was replaced can still be read by its writer.
  const row = new Float32Array(3)
  files[0]!.read(1, row)
  expect(row).toEqual(numbers(shape).subarray(3, 6))
  for (const file of files) file.close()
  expect(readdirSync(directory)).toHaveLength(1)
  expect(taken(caches[0]!, shape)).toEqual(numbers(shape))
})

describe('beyond the limit', () => {
  const shapes = ['a', 'b', 'c', 'd'].map((name) => shapeOf(name))
  const one = featureFileBytes(shapes[0]!)
  const old = (shape: FeatureShape, hours: number) => utimesSync(pathOf(shape), new Date(), new Date(Date.now() - hours * 3_600_000))

  test('the least recently used go; a use counts', () => {
    const [a, b, c, d] = shapes as [FeatureShape, FeatureShape, FeatureShape, FeatureShape]
    for (const [i, shape] of [a, b, c].entries()) {
      keep(new FeatureCache(directory), shape)
      old(shape, 10 - i)
    }
    expect(taken(new FeatureCache(directory), a)).not.toBeNull()
    const cache = new FeatureCache(directory, { maximumBytes: 3 * one })
    expect(keep(cache, d)).toBe(true)
    expect(shapes.map((shape) => cache.has(shape))).toEqual([true, false, true, true])
    expect(cache.takeProblem()).toBeNull()
  })

  test('a run does not push out what it uses itself: the rest is not kept, and it says so once', () => {
    const cache = new FeatureCache(directory, { maximumBytes: 2.5 * one })
    expect(shapes.map((shape) => keep(cache, shape))).toEqual([true, true, false, false])
    expect(cache.takeProblem()).toMatch(/^Not all features are kept/)
    expect(cache.takeProblem()).toBeNull()
    const next = new FeatureCache(directory, { maximumBytes: 2.5 * one })
    expect(shapes.map((shape) => next.has(shape))).toEqual([true, true, false, false])
    expect(keep(next, shapes[2]!)).toBe(false)
  })

  test('one that is larger than all there may be pushes nothing out', () => {
    keep(new FeatureCache(directory), shapes[0]!)
    expect(keep(new FeatureCache(directory, { maximumBytes: 2 * one }), shapeOf('large', 50))).toBe(false)
    expect(new FeatureCache(directory).has(shapes[0]!)).toBe(true)
  })
})

test('a file where the folder should be: nothing is kept, and why is said once', () => {
  writeFileSync(join(directory, 'features'), '')
  const cache = new FeatureCache(join(directory, 'features'))
  expect(cache.has(shapeOf('a'))).toBe(false)
  expect(keep(cache, shapeOf('a'))).toBe(false)
  expect(cache.takeProblem()).toMatch(/^Features are not kept for later runs: the disk refuses it \((EEXIST|ENOTDIR)\)/)
  expect(cache.takeProblem()).toBeNull()
})
