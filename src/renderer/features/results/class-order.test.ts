import { expect, test } from 'vitest'
import { sortClasses } from './class-order'

const rows = [
  { name: 'leaf 10', precision: 0.5, recall: 1, f1: 0.6, support: 3 },
  { name: 'leaf 9', precision: 0.9, recall: 1, f1: 0.2, support: 4 },
  { name: 'bark', precision: 0.7, recall: 1, f1: 0.9, support: 3 },
]
const order = (column: 'name' | 'recall' | 'f1' | 'support' | null, isDescending = false) => sortClasses(rows, { column, isDescending }).map(({ index }) => index)

test('classes sort by any column and keep their index', () => {
  expect(order(null)).toEqual([0, 1, 2])
  expect(order('f1')).toEqual([1, 0, 2])
  expect(order('f1', true)).toEqual([2, 0, 1])
  expect(order('name')).toEqual([2, 1, 0])
})

test('equal classes keep their order in both directions', () => {
  expect(order('recall', true)).toEqual([0, 1, 2])
  expect(order('support', true)).toEqual([1, 0, 2])
})
