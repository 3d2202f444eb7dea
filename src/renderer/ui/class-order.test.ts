import { expect, test } from 'vitest'
import { type ClassOrder, nextOrder, type OrderedColumn, sortClasses } from './class-order'

interface Row {
  label: string
  pictures: number
  agreement: number
  largestDifference: number
}

const ROWS: Row[] = [
  { label: 'class 10', pictures: 4, agreement: 1, largestDifference: 0.01 },
  { label: 'class 2', pictures: 0, agreement: 0, largestDifference: 0 },
  { label: 'class 1', pictures: 9, agreement: 0.5, largestDifference: 0.3 },
]
const measure = (key: 'agreement' | 'largestDifference') => (row: Row) => (row.pictures === 0 ? null : row[key])
const AGREEMENT: OrderedColumn<Row> = { key: 'agreement', value: measure('agreement') }
const DIFFERENCE: OrderedColumn<Row> = { key: 'largestDifference', value: measure('largestDifference'), isFirstDescending: true }
const COLUMNS: OrderedColumn<Row>[] = [{ key: 'label', value: (row) => row.label }, { key: 'pictures', value: (row) => row.pictures }, AGREEMENT, DIFFERENCE] // prettier-ignore
const order = (by: ClassOrder) => sortClasses(ROWS, COLUMNS, by).map(({ index }) => index)

test('classes are sorted by each column; those without a picture have no measure and come last', () => {
  expect(order({ column: null, isDescending: false })).toEqual([0, 1, 2])
  expect(order({ column: 'label', isDescending: false })).toEqual([2, 1, 0])
  expect(order({ column: 'pictures', isDescending: true })).toEqual([2, 0, 1])
  expect(order({ column: 'agreement', isDescending: false })).toEqual([2, 0, 1])
  expect(order({ column: 'agreement', isDescending: true })).toEqual([0, 2, 1])
  expect(order({ column: 'largestDifference', isDescending: true })).toEqual([2, 0, 1])
})

test('the first press shows what is worst, the second turns it round', () => {
  const first = nextOrder({ column: null, isDescending: false }, DIFFERENCE)
  expect(first).toEqual({ column: 'largestDifference', isDescending: true })
  expect(nextOrder(first, DIFFERENCE).isDescending).toBe(false)
  expect(nextOrder(first, AGREEMENT)).toEqual({ column: 'agreement', isDescending: false })
})

test('equal classes keep their order in both directions, those of which nothing can be told too', () => {
  const rows = [{ recall: 1 }, { recall: null }, { recall: 1 }, { recall: null }, { recall: 1 }]
  const columns = [{ key: 'recall', value: (row: { recall: number | null }) => row.recall }]
  for (const isDescending of [false, true]) {
    expect(sortClasses(rows, columns, { column: 'recall', isDescending }).map(({ index }) => index)).toEqual([0, 2, 4, 1, 3])
  }
})
