import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { FeatureStore, type KeptViews } from './feature-store'

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

/** Files whose disk takes `rows` rows, and then no more; as no disk does here when it is asked to. */
function refusing(rows: number, isReadable: boolean): { kept: KeptViews; states: string[] } {
  const states: string[] = []
  const create = () => {
    const place = states.push('open') - 1
    const held: number[] = []
    return {
      write: (first: number, features: Float32Array) => {
        if (first >= rows) return false
        held.push(...features)
        return true
      },
      read: (first: number, out: Float32Array) => {
        if (!isReadable) throw Object.assign(new Error('stale file handle'), { code: 'ESTALE' })
        out.set(held.slice(2 * first, 2 * first + out.length))
      },
      publish: () => undefined,
      close: () => {
        states[place] = 'closed'
      },
    }
  }
  return { kept: { count: 6, open: () => null, create }, states }
}

test('a file that takes no more is closed at once, whether memory or another file has the features', () => {
  for (const memoryBudgetBytes of [1e6, 0]) {
    const { kept, states } = refusing(4, true)
    const store = new FeatureStore(2, { memoryBudgetBytes, directory, kept })
    const room = store.add('1', 6)
    for (const first of [0, 2]) expect(room.write(first, features(first, 2, 2))).toBe(true)
    expect(states).toEqual(['open'])
    expect(room.write(4, features(4, 2, 2))).toBe(true)
    expect(states).toEqual(['closed'])
    room.done()
    expect(store.rows('1', [5, 1])).toEqual(Float32Array.of(10.5, 11.5, 2.5, 3.5))
    store.close()
  }
})

test('a file that cannot be read back either is given up, and the view is begun again where it will not be kept', () => {
  const { kept, states } = refusing(4, false)
  const store = new FeatureStore(2, { memoryBudgetBytes: 0, directory, kept })
  const room = store.add('1', 6)
  expect([0, 2, 4].map((first) => room.write(first, features(first, 2, 2)))).toEqual([true, true, false])
  expect(store.has('1')).toBe(false)
  const again = store.add('1', 6)
  expect([0, 2, 4].map((first) => again.write(first, features(first, 2, 2)))).toEqual([true, true, true])
  again.done()
  expect(states).toEqual(['closed'])
  expect(store.rows('1', [5, 0])).toEqual(Float32Array.of(10.5, 11.5, 0.5, 1.5))
  store.close()
})
