import { expect, test } from 'vitest'
import { hasDiverged, HIGHEST_RATE, LOWEST_RATE, nextPoint, RATE_STEPS, type RatePoint, rateOfStep, suggestRate } from './rate-finder'

/** The curve of losses over the test's rates. */
function curve(lossAt: (rate: number) => number): RatePoint[] {
  const points: RatePoint[] = []
  for (let step = 1; step <= RATE_STEPS; step++) {
    const rate = rateOfStep(step)
    points.push(nextPoint(points, lossAt(rate), rate))
    if (hasDiverged(points)) break
  }
  return points
}

test('the rates rise evenly in powers of ten from the lowest to the highest', () => {
  expect(rateOfStep(1)).toBe(LOWEST_RATE)
  expect(rateOfStep(RATE_STEPS)).toBeCloseTo(HIGHEST_RATE, 12)
  expect(rateOfStep(51) / rateOfStep(50)).toBeCloseTo(rateOfStep(21) / rateOfStep(20), 12)
})

test('a constant loss stays itself when smoothed', () => {
  for (const point of curve(() => 0.7)) expect(point.smoothed_loss).toBeCloseTo(0.7, 12)
})

test('a loss that falls and then explodes is cut off, and the suggestion lies within the fall', () => {
  const points = curve((rate) => 0.2 + 1 / (1 + (rate / 1e-3) ** 2) + (rate / 0.1) ** 2)
  expect(points.length).toBeLessThan(RATE_STEPS)
  const { suggestion, reason } = suggestRate(points)
  // A long flat start must not pull it down: the loss is half-way down at 1e-3.
  expect(suggestion).toBeGreaterThan(3e-4)
  expect(suggestion).toBeLessThan(1e-2)
  expect(reason).toContain('falls from')
})

test('a loss that only wavers, or only rises, suggests nothing', () => {
  expect(suggestRate(curve((rate) => 0.7 + 0.001 * Math.sin(1e7 * rate))).suggestion).toBeNull()
  expect(suggestRate(curve((rate) => 0.7 + rate)).suggestion).toBeNull()
  expect(suggestRate([]).suggestion).toBeNull()
})

test('a loss that is not a number ends the test', () => {
  const points = [nextPoint([], 0.7, 1e-3)]
  points.push(nextPoint(points, NaN, 2e-3))
  expect(hasDiverged(points)).toBe(true)
})
