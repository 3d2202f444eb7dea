import { expect, test } from 'vitest'
import type { Prediction } from '../../../shared/domain/metrics'
import { equalCountReliability } from './calibration-bins'

const answer = (confidence: number, isRight: boolean): Prediction => ({ path: '', truth: isRight ? 0 : 1, prediction: 0, probabilities: [confidence, 1 - confidence] })

test('bins are cut and the error is summed as numpy does it', () => {
  // [0.5 + 0.4 * k / 22 for k in range(23)], right where k % 3 > 0; numpy.array_split(…, 2): 12 and 11 pictures.
  const predictions = Array.from({ length: 23 }, (_, k) => answer(0.5 + (0.4 * k) / 22, k % 3 > 0)).reverse()
  const { bins, expected_calibration_error: error } = equalCountReliability(predictions, null)
  expect(bins.map(({ count }) => count)).toEqual([12, 11])
  expect(bins[0]?.confidence).toBeCloseTo(0.6, 12)
  expect(bins[0]?.accuracy).toBeCloseTo(8 / 12, 12)
  expect(bins[1]?.confidence).toBeCloseTo(0.5 + (0.4 * 17) / 22, 12)
  expect(bins[1]?.accuracy).toBeCloseTo(7 / 11, 12)
  expect(error).toBeCloseTo(0.11739130434782609, 12)
  expect(bins[1]?.low).toBe(bins[0]?.high)
})

test('pictures that are all as sure, and none at all, have bins too', () => {
  const same = equalCountReliability(Array.from({ length: 40 }, (_, k) => answer(1, k % 2 === 0)), null)
  expect(same.bins.map(({ count }) => count)).toEqual([10, 10, 10, 10])
  expect(same.expected_calibration_error).toBeCloseTo(0.5, 12)
  expect(equalCountReliability([], null)).toMatchObject({ expected_calibration_error: 0, bins: [{ count: 0 }] })
})

test('at a temperature the confidences are others', () => {
  const { bins } = equalCountReliability([answer(0.9, true)], 2)
  expect(bins[0]?.confidence).toBeCloseTo(0.75, 12)
})
