import { expect, test } from 'vitest'
import { epochTicks, rangeFromZero, rangeOfRates, rangeOfShares, stepAtLeast } from './axis'

test.each([
  [0.3, 0.5],
  [0.5, 0.5],
  [1, 1],
  [1.01, 2],
  [2.2, 2.5],
  [26, 50],
  [700, 1000],
])('the step at or above %d is %d', (value, step) => expect(stepAtLeast(value)).toBeCloseTo(step, 12))

test('a loss axis starts at zero, holds all values and stays while values grow a little', () => {
  const before = rangeFromZero([0.61, 0.4])
  expect(before).toMatchObject({ low: 0, high: 1, scale: 'linear', ticks: [0, 0.25, 0.5, 0.75, 1] })
  expect(rangeFromZero([0.61, 0.4, 0.9])).toEqual(before)
  expect(rangeFromZero([1.1]).high).toBe(2)
})

test('an axis of nothing is still an axis', () => {
  expect(rangeFromZero([]).high).toBe(1)
  expect(rangeFromZero([Number.NaN, 0]).high).toBe(1)
  expect(rangeOfShares([]).low).toBe(0)
  expect(rangeOfRates([]).scale).toBe('linear')
  expect(rangeOfRates([0, 0]).high).toBe(1)
})

test('a share axis ends at one and starts low enough', () => {
  for (const lowest of [0, 0.3, 0.49, 0.5, 0.79, 0.8, 0.9, 0.97]) {
    const range = rangeOfShares([lowest, 0.99])
    expect(range.low).toBeLessThanOrEqual(lowest)
    expect(range.high).toBe(1)
    expect(range.ticks[0]).toBe(range.low)
    expect(range.ticks.at(-1)).toBe(1)
  }
})

test('learning rates that span decades get a logarithmic axis with a mark at each', () => {
  const range = rangeOfRates([1e-3, 5e-4, 1e-7])
  expect(range.scale).toBe('log')
  expect(range.low).toBeCloseTo(1e-7, 15)
  expect(range.high).toBeCloseTo(1e-3, 12)
  expect(range.ticks).toHaveLength(5)
  expect(rangeOfRates([5e-4, 2.5e-4])).toMatchObject({ low: 0, scale: 'linear' })
})

test('epoch marks are whole and not more than fit', () => {
  expect(epochTicks(5, 8)).toEqual([1, 2, 3, 4, 5])
  expect(epochTicks(30, 6)).toEqual([0, 5, 10, 15, 20, 25, 30])
  for (const epochs of [1, 7, 15, 100, 999, 10_000]) {
    const ticks = epochTicks(epochs, 8)
    expect(ticks.length).toBeLessThanOrEqual(9)
    expect(ticks.every((tick) => Number.isInteger(tick) && tick <= epochs)).toBe(true)
  }
})

test.each([
  [0.45, [0, 0.1, 0.2, 0.3, 0.4, 0.5]],
  [0.9, [0, 0.25, 0.5, 0.75, 1]],
  [1.7, [0, 0.5, 1, 1.5, 2]],
  [2.3, [0, 0.5, 1, 1.5, 2, 2.5]],
  [3.9e-6, [0, 1e-6, 2e-6, 3e-6, 4e-6, 5e-6]],
])('an axis for %d is marked with short numbers', (value, ticks) => expect(rangeFromZero([value]).ticks).toEqual(ticks))
