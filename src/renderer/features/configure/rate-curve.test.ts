import { expect, test } from 'vitest'
import type { RatePoint } from '../../../shared/domain/rate-finder'
import { lossRange, rateAt } from './rate-curve'

const points = (losses: readonly number[]): RatePoint[] => losses.map((loss, index) => ({ step: index + 1, learning_rate: 10 ** (index - 7), loss, smoothed_loss: loss }))

test('a rate has its place by its power of ten', () => {
  expect([1e-7, 1e-3, 1, 10].map((rate) => Number(rateAt(rate).toFixed(3)))).toEqual([0, 0.571, 1, 1])
})

test('the steep rise at the end does not press the fall together', () => {
  expect(lossRange(points([1.1, 1, 0.9, 0.4, 0.5, 40])).high).toBe(2)
  expect(lossRange(points([1.1, NaN])).high).toBe(2)
  expect(lossRange([]).high).toBe(1)
})
