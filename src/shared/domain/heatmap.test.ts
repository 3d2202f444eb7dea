import { expect, test } from 'vitest'
import { heatColor, heatmapPlace, paintHeatmap } from './heatmap'

const lightness = ([red, green, blue]: readonly number[]): number => {
  const linear = (value = 0): number => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  return luminance > 0.008856 ? 116 * Math.cbrt(luminance) - 16 : 903.3 * luminance
}

test('the scale grows lighter evenly: no step of the eye is more than half as large again as the mean', () => {
  const steps = Array.from({ length: 21 }, (_, i) => lightness(heatColor(i / 20)))
  const grown = steps.slice(1).map((value, i) => value - (steps[i] ?? 0))
  const mean = ((steps.at(-1) ?? 0) - (steps[0] ?? 0)) / grown.length
  expect(mean).toBeGreaterThan(4.5)
  for (const step of grown) expect(step / mean).toBeGreaterThan(0.25)
  for (const step of grown) expect(step / mean).toBeLessThan(1.5)
})

test('ends of the scale, and values beyond them', () => {
  expect(heatColor(0)).toEqual([0, 0, 4])
  expect(heatColor(1)).toEqual([252, 255, 164])
  expect(heatColor(-1)).toEqual(heatColor(0))
  expect(heatColor(2)).toEqual(heatColor(1))
})

test('a painted map is brightest where the grid is largest', () => {
  const pixels = paintHeatmap({ height: 2, width: 2, values: [0, 0, 0, 1] }, 20, 10)
  const at = (x: number, y: number): number[] => [...pixels.slice((y * 20 + x) * 4, (y * 20 + x) * 4 + 4)]
  expect(at(19, 9)).toEqual([252, 255, 164, 255])
  expect(at(0, 0)).toEqual([0, 0, 4, 255])
  expect(lightness(at(12, 6))).toBeGreaterThan(lightness(at(5, 2)))
})

test('where most of a map lies is told in words', () => {
  const spot = (row: number, column: number) => ({ height: 5, width: 5, values: Array.from({ length: 25 }, (_, i) => (i === row * 5 + column ? 1 : 0)) })
  expect([spot(0, 4), spot(2, 2), spot(4, 0), spot(2, 4)].map(heatmapPlace)).toEqual(['upper right', 'middle', 'lower left', 'middle right'])
  expect(heatmapPlace({ height: 1, width: 2, values: [0, 0] })).toBeNull()
})
