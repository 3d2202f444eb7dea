/** Disks that are full or read-only, and the features that would be kept on them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FeatureStore } from '../../src/main/engine/train/feature-store'
import { FeatureCache } from '../../src/main/storage/feature-cache'
import { mountDiskSync, MOUNTS, READ_ONLY, readOnlySync } from './disks'

const SHAPE = { key: 'a1'.repeat(32), count: 100, size: 1024 }
const row = (index: number) => new Float32Array(SHAPE.size).fill(index + 0.5)

/** All rows in tens, as a run computes them, and some of them back. */
function fill(cache: FeatureCache, memoryBudgetBytes: number, directory: string): Float32Array {
  const kept = { count: SHAPE.count, open: () => cache.open(SHAPE), create: () => cache.create(SHAPE) }
  const store = new FeatureStore(SHAPE.size, { memoryBudgetBytes, directory, kept })
  expect(store.has('0')).toBe(false)
  const room = store.add('0', SHAPE.count)
  for (let first = 0; first < SHAPE.count; first += 10) {
    room.write(first, Float32Array.from({ length: 10 * SHAPE.size }, (_, i) => first + Math.floor(i / SHAPE.size) + 0.5))
  }
  room.done()
  const rows = store.rows('0', [0, 57, 99])
  store.close()
  return rows
}

const EXPECTED = Float32Array.from([...row(0), ...row(57), ...row(99)])

test.skipIf(!MOUNTS).each([
  ['memory', 1e9],
  ['files', 0],
])('a disk that is full in the middle of a view: features in %s are all there, nothing is kept, and it says so', (_, memoryBudgetBytes) => {
  const disk = mountDiskSync(256)!
  const elsewhere = mkdtempSync(join(tmpdir(), 'graft-features-'))
  try {
    const cache = new FeatureCache(disk.path, { maximumBytes: 1e9 })
    expect(fill(cache, memoryBudgetBytes, elsewhere)).toEqual(EXPECTED)
    expect(readdirSync(disk.path)).toEqual([])
    expect(cache.takeProblem()).toMatch(/^Features are not kept for later runs: the disk is full/)
    expect(cache.takeProblem()).toBeNull()
  } finally {
    disk.leave()
    rmSync(elsewhere, { recursive: true })
  }
})

test.skipIf(!READ_ONLY).each([
  ['memory', 1e9],
  ['files', 0],
])('a read-only folder: features in %s are all there, nothing is kept, and it says so', (_, memoryBudgetBytes) => {
  const directory = mkdtempSync(join(tmpdir(), 'graft-features-'))
  const folder = readOnlySync(directory)!
  try {
    const cache = new FeatureCache(folder.path)
    expect(fill(cache, memoryBudgetBytes, folder.path)).toEqual(EXPECTED)
    expect(cache.takeProblem()).toMatch(/^Features are not kept for later runs: the disk/)
  } finally {
    folder.leave()
    rmSync(directory, { recursive: true })
  }
})

test.skipIf(!READ_ONLY)('what lies in a read-only folder is used', () => {
  const directory = mkdtempSync(join(tmpdir(), 'graft-features-'))
  expect(fill(new FeatureCache(directory), 0, directory)).toEqual(EXPECTED)
  const folder = readOnlySync(directory)!
  try {
    const cache = new FeatureCache(folder.path)
    const store = new FeatureStore(SHAPE.size, { memoryBudgetBytes: 1e9, directory, kept: { count: SHAPE.count, open: () => cache.open(SHAPE), create: () => cache.create(SHAPE) } })
    expect(store.has('0')).toBe(true)
    expect(store.rows('0', [0, 57, 99])).toEqual(EXPECTED)
    store.close()
    expect(cache.takeProblem()).toBeNull()
  } finally {
    folder.leave()
    rmSync(directory, { recursive: true })
  }
})
