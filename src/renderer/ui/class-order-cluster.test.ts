import { expect, test } from 'vitest'
import { CLASS_ORDER_EXAMPLES } from './class-order.examples'
import { clusterOrder, clusterOrderInPieces, confusionDistances } from './class-order-cluster'

const lengthOf = (matrix: readonly (readonly number[])[], order: readonly number[]): number => {
  const distances = confusionDistances(matrix)
  return order.slice(1).reduce((sum, leaf, i) => sum + (distances[(order[i] ?? 0) * matrix.length + leaf] ?? 0), 0)
}

test('the order is the shortest of SciPy’s tree, and never longer than what SciPy finds', () => {
  for (const { matrix, length, scipy } of CLASS_ORDER_EXAMPLES) {
    const found = lengthOf(matrix, clusterOrder(matrix))
    expect(found).toBeCloseTo(length, 10)
    expect(found).toBeLessThanOrEqual(scipy + 1e-9)
  }
})

test('classes that are confused with each other stand side by side', () => {
  // 0 with 3, 1 with 4, 2 with 5.
  const matrix = Array.from({ length: 6 }, (_, truth) => Array.from({ length: 6 }, (__, prediction) => (truth === prediction ? 10 : Math.abs(truth - prediction) === 3 ? 5 : 0)))
  const order = clusterOrder(matrix)
  for (const [a, b] of [[0, 3], [1, 4], [2, 5]] as const) expect(Math.abs(order.indexOf(a) - order.indexOf(b))).toBe(1)
})

test('few classes, empty ones and nothing but ties have an order too', () => {
  expect(clusterOrder([])).toEqual([])
  expect(clusterOrder([[3]])).toEqual([0])
  expect(clusterOrder([[1, 2], [3, 4]])).toEqual([0, 1])
  const nothing = Array.from({ length: 7 }, () => Array.from({ length: 7 }, () => 0))
  expect(clusterOrder(nothing).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6])
  const many = Array.from({ length: 400 }, (_, a) => Array.from({ length: 400 }, (__, b) => (a * 7 + b * 13) % 11))
  expect(new Set(clusterOrder(many)).size).toBe(400)
})

test('in pieces it is the same order, and it is given up', async () => {
  const matrix = CLASS_ORDER_EXAMPLES.at(-1)?.matrix ?? []
  expect(await clusterOrderInPieces(matrix, new AbortController().signal)).toEqual(clusterOrder(matrix))
  expect(await clusterOrderInPieces(matrix, AbortSignal.abort())).toBeNull()
})
