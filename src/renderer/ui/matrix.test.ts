import { expect, test } from 'vitest'
import { contrast, inkOn, luminance, mix, parseHex } from './colors'
import { cellColor, cellLabel, matrixOrder, matrixScale, steppedCell, worstPairs } from './matrix'

const colors = { low: parseHex('#faf7f1'), high: parseHex('#b23a0e'), right: parseHex('#dcd7cd') }
const matrix = [
  [90, 10, 0],
  [1, 9, 0],
  [0, 0, 0],
]

test('the scale is set by the errors alone, as counts or as shares of the row or the column', () => {
  expect(matrixScale(matrix, 'none')).toEqual({ normalise: 'none', rowSums: [100, 10, 0], columnSums: [91, 19, 0], largestError: 10 })
  expect(matrixScale(matrix, 'row').largestError).toBeCloseTo(0.1, 12)
  expect(matrixScale(matrix, 'column').largestError).toBeCloseTo(10 / 19, 12)
})

test('the largest error is the strongest colour, no error the weakest, and the diagonal is quieter than either error', () => {
  const scale = matrixScale(matrix, 'none')
  const at = (truth: number, prediction: number) => cellColor(matrix[truth]![prediction]!, { truth, prediction }, scale, colors)
  expect(at(0, 1)).toEqual(colors.high)
  expect(at(0, 2)).toEqual(colors.low)
  expect(luminance(at(1, 0))).toBeLessThan(luminance(colors.low))
  expect(luminance(at(0, 0))).toBeGreaterThan(luminance(at(1, 0)))
})

test('a row without pictures and a matrix without errors have colours too', () => {
  const empty = matrixScale([[0, 0], [0, 0]], 'row')
  expect(cellColor(0, { truth: 0, prediction: 0 }, empty, colors)).toEqual(colors.low)
  expect(cellColor(0, { truth: 0, prediction: 1 }, empty, colors)).toEqual(colors.low)
})

test('a cell says its truth, its prediction and its number', () => {
  expect(cellLabel(['oak', 'elm'], { truth: 0, prediction: 1 }, 1)).toBe('truth oak, predicted elm: 1 picture')
  expect(cellLabel(['oak', 'elm'], { truth: 1, prediction: 1 }, 12)).toBe('truth elm, predicted elm: 12 pictures')
})

test('numbers stay readable on every shade', () => {
  for (let share = 0; share <= 1; share += 0.02) {
    const shade = mix(colors.low, colors.high, share)
    expect(contrast(shade, parseHex(inkOn(shade)))).toBeGreaterThanOrEqual(4.5)
  }
})

test('a cell says its share too, of the row or of the column', () => {
  const names = ['oak', 'elm', 'ash']
  expect(cellLabel(names, { truth: 0, prediction: 1 }, 10, matrixScale(matrix, 'none'))).toBe('truth oak, predicted elm: 10 pictures, 10.0 % of oak')
  expect(cellLabel(names, { truth: 0, prediction: 1 }, 10, matrixScale(matrix, 'column'))).toBe('truth oak, predicted elm: 10 pictures, 52.6 % of all taken for elm')
  expect(cellLabel(names, { truth: 2, prediction: 1 }, 0, matrixScale(matrix, 'row'))).toBe('truth ash, predicted elm: 0 pictures, 0.0 % of ash')
})

test('classes are ordered by name, size and recall; without pictures they come last', () => {
  const names = ['leaf 10', 'leaf 2', 'leaf 1']
  const of = (order: Parameters<typeof matrixOrder>[2]) => matrixOrder(matrix, names, order)
  expect(of('name')).toEqual([2, 1, 0])
  expect(of('size')).toEqual([0, 1, 2])
  // 90 % both: as the model has them.
  expect(of('recall')).toEqual([0, 1, 2])
  expect(matrixOrder([[1, 9], [0, 10]], ['a', 'b'], 'recall')).toEqual([0, 1])
  expect(matrixOrder([[10, 0], [9, 1]], ['a', 'b'], 'recall')).toEqual([1, 0])
})

test('the worst pairs are those with the most pictures, or the largest share', () => {
  const confused = [[0, 30, 0], [0, 970, 0], [5, 0, 5]]
  expect(worstPairs(confused, matrixScale(confused, 'none')).map(({ truth, prediction, count }) => [truth, prediction, count])).toEqual([[0, 1, 30], [2, 0, 5]])
  expect(worstPairs(confused, matrixScale(confused, 'column')).map(({ truth }) => truth)).toEqual([2, 0])
  expect(worstPairs([[3]], matrixScale([[3]], 'none'))).toEqual([])
})

test('arrow keys stay within the matrix', () => {
  expect(steppedCell('ArrowUp', { truth: 0, prediction: 1 }, 3)).toEqual({ truth: 0, prediction: 1 })
  expect(steppedCell('PageDown', { truth: 0, prediction: 1 }, 3)).toEqual({ truth: 2, prediction: 1 })
  expect(steppedCell('End', { truth: 0, prediction: 0 }, 3)).toEqual({ truth: 0, prediction: 2 })
  expect(steppedCell('x', { truth: 0, prediction: 0 }, 3)).toBeNull()
})
