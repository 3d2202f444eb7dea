import { expect, test } from 'vitest'
import { contrast, inkOn, luminance, mix, parseHex } from './colors'
import { cellColor, cellLabel, matrixScale } from './matrix'

const colors = { low: parseHex('#faf7f1'), high: parseHex('#b23a0e'), right: parseHex('#dcd7cd') }
const matrix = [
  [90, 10, 0],
  [1, 9, 0],
  [0, 0, 0],
]

test('the scale is set by the errors alone, as counts or as shares of the row', () => {
  expect(matrixScale(matrix, false)).toEqual({ rowSums: [100, 10, 0], largestError: 10 })
  expect(matrixScale(matrix, true).largestError).toBeCloseTo(0.1, 12)
})

test('the largest error is the strongest colour, no error the weakest, and the diagonal is quieter than either error', () => {
  const scale = matrixScale(matrix, false)
  const at = (truth: number, prediction: number) => cellColor(matrix[truth]![prediction]!, { truth, prediction }, scale, false, colors)
  expect(at(0, 1)).toEqual(colors.high)
  expect(at(0, 2)).toEqual(colors.low)
  expect(luminance(at(1, 0))).toBeLessThan(luminance(colors.low))
  expect(luminance(at(0, 0))).toBeGreaterThan(luminance(at(1, 0)))
})

test('a row without pictures and a matrix without errors have colours too', () => {
  const empty = matrixScale([[0, 0], [0, 0]], true)
  expect(cellColor(0, { truth: 0, prediction: 0 }, empty, true, colors)).toEqual(colors.low)
  expect(cellColor(0, { truth: 0, prediction: 1 }, empty, true, colors)).toEqual(colors.low)
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
