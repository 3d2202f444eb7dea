import { expect, test } from 'vitest'
import { bootstrapIntervals, wilsonInterval } from './uncertainty'

test('Wilson’s interval is statsmodels’ (proportion_confint, method wilson)', () => {
  const rounded = (hits: number, count: number) => Object.values(wilsonInterval(hits, count)).map((value) => Number(value.toFixed(6)))
  expect(rounded(8, 10)).toEqual([0.490162, 0.943318])
  expect(rounded(0, 10)).toEqual([0, 0.277533])
  expect(rounded(60, 60)).toEqual([0.939828, 1])
  expect(rounded(0, 0)).toEqual([0, 1])
})

/** `right` of `count` answers right, the truth taking turns over two classes. */
const answers = (right: number, count: number) => Array.from({ length: count }, (_, i) => ({ truth: i % 2, prediction: i < right ? i % 2 : 1 - (i % 2) }))

test('the bootstrap gives the binomial’s spread, the same for the same seed', () => {
  const got = bootstrapIntervals(answers(900, 1000), 2, 42)
  // 0.9 ± 1.96 √(0.9 · 0.1 / 1000)
  expect(got?.accuracy.low).toBeCloseTo(0.8814, 2)
  expect(got?.accuracy.high).toBeCloseTo(0.9186, 2)
  // Both classes are equally hard, so that macro F1 moves with the accuracy.
  expect(got?.macroF1.low).toBeCloseTo(got?.accuracy.low ?? NaN, 2)
  expect(bootstrapIntervals(answers(900, 1000), 2, 42)).toEqual(got)
  expect(bootstrapIntervals(answers(900, 1000), 2, 43)).not.toEqual(got)
})

test('where all answers are right there is nothing to draw from', () => {
  expect(bootstrapIntervals(answers(60, 60), 2, 42)).toBeNull()
  expect(bootstrapIntervals(answers(0, 60), 2, 42)).toBeNull()
  expect(bootstrapIntervals([], 2, 42)).toBeNull()
})
