import { expect, test } from 'vitest'
import { type ClassOrder, nextOrder, sortClasses } from './class-order'

const ROWS = [
  { label: 'class 10', pictures: 4, agreement: 1, largestDifference: 0.01 },
  { label: 'class 2', pictures: 0, agreement: 0, largestDifference: 0 },
  { label: 'class 1', pictures: 9, agreement: 0.5, largestDifference: 0.3 },
]
const order = (by: ClassOrder) => sortClasses(ROWS, by).map(({ index }) => index)

test('classes are sorted by each column; those without a picture have no measure and come last', () => {
  expect(order({ column: null, isDescending: false })).toEqual([0, 1, 2])
  expect(order({ column: 'label', isDescending: false })).toEqual([2, 1, 0])
  expect(order({ column: 'pictures', isDescending: true })).toEqual([2, 0, 1])
  expect(order({ column: 'agreement', isDescending: false })).toEqual([2, 0, 1])
  expect(order({ column: 'agreement', isDescending: true })).toEqual([0, 2, 1])
  expect(order({ column: 'largestDifference', isDescending: true })).toEqual([2, 0, 1])
})

test('the first press shows what is worst, the second turns it round', () => {
  const first = nextOrder({ column: null, isDescending: false }, 'largestDifference')
  expect(first).toEqual({ column: 'largestDifference', isDescending: true })
  expect(nextOrder(first, 'largestDifference').isDescending).toBe(false)
  expect(nextOrder(first, 'agreement')).toEqual({ column: 'agreement', isDescending: false })
})
