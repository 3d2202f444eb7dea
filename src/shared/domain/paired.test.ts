import { expect, test } from 'vitest'
import { holmAdjusted, mcnemarExact, pairedFigures, type PairedAnswer } from './paired'

/** 240 answers of two models; the numbers below are scipy's, scikit-learn's and numpy's for the same. */
const answers: PairedAnswer[] = Array.from({ length: 240 }, (_, i) => {
  const truth = i % 3
  return { truth, base: (i * 7919) % 100 < 80 ? truth : (truth + 1) % 3, other: (i * 104729) % 100 < 88 ? truth : (truth + 2) % 3 }
})

test.each([
  [0, 0, 1],
  [0, 1, 1],
  [0, 5, 0.0625],
  [0, 6, 0.03125],
  [3, 12, 0.03515625],
  [10, 10, 1],
  [1, 9, 0.021484375],
  [22, 42, 0.01685819004428113],
  [40, 71, 0.004195534185394861],
  [900, 1100, 8.45708953550381e-6],
  [20_000, 20_500, 0.013153825113144245],
])('McNemar of %i and %i is what scipy.stats.binomtest says', (left, right, expected) => {
  expect(mcnemarExact(left, right)).toBeCloseTo(expected, 9)
  expect(mcnemarExact(right, left) / expected).toBeCloseTo(1, 7)
})

test('p of several comparisons is adjusted as statsmodels does by Holm', () => {
  expect(holmAdjusted([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02])
  expect(holmAdjusted([0.7, 0.8])).toEqual([1, 1])
  expect(holmAdjusted([])).toEqual([])
})

test('accuracy, macro-F1 and their differences are those of scikit-learn', async () => {
  const { count, counts, accuracy, macroF1, pValue } = await pairedFigures(answers, 3, 1)
  expect(count).toBe(240)
  expect(counts).toEqual({ rightToWrong: 22, wrongToRight: 42, bothRight: 170, bothWrong: 6 })
  expect([accuracy.base, accuracy.other]).toEqual([0.8, 0.8833333333333333])
  expect(macroF1.base).toBeCloseTo(0.7999545738736273, 12)
  expect(macroF1.other).toBeCloseTo(0.8833302407646132, 12)
  expect(pValue).toBeCloseTo(0.01685819004428113, 12)
})

test('intervals are those of 40,000 draws by numpy, within what 2,000 draws vary', async () => {
  const { accuracy, macroF1, resamples } = await pairedFigures(answers, 3, 1)
  expect(resamples).toBe(2000)
  for (const [found, low, high] of [
    [accuracy.interval, 0.01666667, 0.1459375],
    [macroF1.interval, 0.01882831, 0.14871943],
  ] as const) {
    expect(Math.abs((found?.low ?? 0) - low)).toBeLessThan(0.006)
    expect(Math.abs((found?.high ?? 0) - high)).toBeLessThan(0.006)
  }
})

test('the same seed gives the same interval; others turn around when base and other do', async () => {
  const one = await pairedFigures(answers, 3, 7)
  expect(await pairedFigures(answers, 3, 7)).toEqual(one)
  const turned = await pairedFigures(answers.map(({ truth, base, other }) => ({ truth, base: other, other: base })), 3, 7)
  expect(turned.accuracy.difference).toBe(-one.accuracy.difference)
  expect(turned.accuracy.interval?.low).toBeCloseTo(-(one.accuracy.interval?.high ?? 0), 12)
})

test('two models that are right and wrong on the same pictures have no interval to tell', async () => {
  const same = await pairedFigures(answers.map(({ truth, base }) => ({ truth, base, other: base })), 3, 1)
  expect(same.accuracy).toMatchObject({ difference: 0, interval: null })
  expect(same.macroF1.interval).toBeNull()
  expect(same.pValue).toBe(1)
})

test('a class that neither sees nor names counts for nothing, and whoever waits is let in between', async () => {
  let pauses = 0
  const many = Array.from({ length: 6000 }, (_, i) => answers[i % 240] as PairedAnswer)
  const figures = await pairedFigures(many, 5, 1, () => {
    pauses++
    return Promise.resolve()
  })
  expect(figures.macroF1.base).toBeCloseTo(0.7999545738736273, 12)
  expect(pauses).toBeGreaterThan(20)
  expect(figures.accuracy.interval?.low).toBeGreaterThan(0.06)
})
