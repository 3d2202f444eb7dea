import { expect, test } from 'vitest'
import { cutIntoBatches, epochOrder } from './batches'

test('an epoch’s order is a function of seed and epoch, and holds every picture once', () => {
  const order = epochOrder(42, 3, 100)
  expect(epochOrder(42, 3, 100)).toEqual(order)
  expect(epochOrder(42, 4, 100)).not.toEqual(order)
  expect(epochOrder(43, 3, 100)).not.toEqual(order)
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
})

test('batches hold all pictures in order; a single last one joins its neighbour where it must', () => {
  const order = Array.from({ length: 9 }, (_, i) => 8 - i)
  expect(cutIntoBatches(order, 4, false).map((batch) => batch.length)).toEqual([4, 4, 1])
  expect(cutIntoBatches(order, 4, true).map((batch) => batch.length)).toEqual([4, 5])
  expect(cutIntoBatches(order, 3, true).map((batch) => batch.length)).toEqual([3, 3, 3])
  expect(cutIntoBatches(order, 7, true).map((batch) => batch.length)).toEqual([7, 2])
  expect(cutIntoBatches(order, 4, true).flat()).toEqual(order)
  expect(cutIntoBatches([5], 4, true)).toEqual([[5]])
  expect(cutIntoBatches([], 4, true)).toEqual([])
})
