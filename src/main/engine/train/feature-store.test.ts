import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { FeatureStore } from './feature-store'

const directory = mkdtempSync(join(tmpdir(), 'graft-features-'))
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const features = (first: number, count: number, size: number) => Float32Array.from({ length: count * size }, (_, i) => first * size + i + 0.5)

test.each([
  ['memory', 1e6],
  ['a file', 0],
])('what is kept in %s comes back row by row, written in any order', (_, memoryBudgetBytes) => {
  const store = new FeatureStore(3, { memoryBudgetBytes, directory })
  expect(store.has('1')).toBe(false)
  const room = store.add('1', 5)
  room.write(3, features(3, 2, 3))
  room.write(0, features(0, 3, 3))
  expect(store.has('1')).toBe(false)
  room.done()
  expect(store.has('1')).toBe(true)
  expect(store.rows('1', [4, 0, 4])).toEqual(Float32Array.of(12.5, 13.5, 14.5, 0.5, 1.5, 2.5, 12.5, 13.5, 14.5))
  expect(() => store.rows('2', [0])).toThrow(/view 2/)
  store.close()
  if (memoryBudgetBytes === 0) expect(readdirSync(directory)).toEqual([])
})

test('views beyond the budget go to files, and none is mistaken for another', () => {
  const store = new FeatureStore(2, { memoryBudgetBytes: 4 * 2 * 4, directory })
  for (const view of ['0', '1', '2']) {
    const room = store.add(view, 4)
    room.write(0, features(Number(view) * 100, 4, 2))
    room.done()
  }
  // The files have no names any more, so that nothing is left behind when the process is killed.
  if (process.platform !== 'win32') expect(readdirSync(directory)).toEqual([])
  for (const view of ['0', '1', '2']) expect(store.rows(view, [1])).toEqual(Float32Array.of(Number(view) * 200 + 2.5, Number(view) * 200 + 3.5))
  store.close()
  expect(readdirSync(directory)).toEqual([])
})

test('two stores in one folder do not share a file', () => {
  const [train, val] = [0, 1].map((split) => {
    const store = new FeatureStore(2, { memoryBudgetBytes: 0, directory })
    const room = store.add('0', 4)
    room.write(0, features(split * 100, 4, 2))
    room.done()
    return store
  })
  expect(train?.rows('0', [3])).toEqual(Float32Array.of(6.5, 7.5))
  expect(val?.rows('0', [3])).toEqual(Float32Array.of(206.5, 207.5))
  train?.close()
  val?.close()
})
