import { expect, test } from 'vitest'
import { KeyedRandom } from '../../../shared/domain/random'
import { alikePairs } from './alike-pairs'

const atOnce = () => Promise.resolve()

/** Points on a circle, so that their cosines are those of the angles between them. */
function rowsAt(angles: readonly number[]) {
  return { values: Float64Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])), count: angles.length, size: 2 }
}

test('all pairs are counted and the most alike told, the same as when all are sorted', async () => {
  const random = new KeyedRandom(7, 'sample')
  const angles = Array.from({ length: 120 }, () => random.below(400) / 400)
  const isKnown = (first: number, second: number) => (first + second) % 7 === 0
  const rows = rowsAt(angles)
  const every = await alikePairs(rows, { threshold: 0.9, most: Infinity }, isKnown, atOnce)
  expect(every.found).toBe(every.pairs.length)
  const expected = angles.flatMap((_, first) => angles.slice(first + 1).map((__, i) => [first, first + 1 + i] as const)).filter(([first, second]) => !isKnown(first, second) && Math.cos((angles[first] ?? 0) - (angles[second] ?? 0)) >= 0.9)
  expect(every.found).toBe(expected.length)
  for (const most of [1, 10, 200]) {
    const { found, pairs } = await alikePairs(rows, { threshold: 0.9, most }, isKnown, atOnce)
    expect(found).toBe(every.found)
    expect(pairs).toEqual(every.pairs.slice(0, most))
  }
})

test('of pictures that are all alike no more pairs are held than are told', async () => {
  const count = 1500
  const before = process.memoryUsage().heapUsed
  let most = 0
  const watch = () => {
    most = Math.max(most, process.memoryUsage().heapUsed - before)
    return Promise.resolve()
  }
  const { found, pairs } = await alikePairs(rowsAt(Array.from({ length: count }, () => 0)), { threshold: 0.95, most: 200 }, () => false, watch)
  expect([found, pairs.length, pairs[0], pairs[199]]).toEqual([(count * (count - 1)) / 2, 200, { first: 0, second: 1, similarity: 1 }, { first: 0, second: 200, similarity: 1 }])
  // A million pairs are 60 MB and more.
  expect(most).toBeLessThan(30e6)
})
