import { expect, test } from 'vitest'
import { bayesThreshold, cheapestThreshold, chosenThresholdsSchema, costOf, costSteps, decide, decideAbout, decisionRule, outcomesAt, precisionOf, recallOf } from './thresholds'
import { THRESHOLD_EXAMPLES as golden } from './thresholds.examples'
import { outcomeIntervals, tellThreshold } from './thresholds-told'

const picturesOf = ({ scores, truth }: { scores: number[]; truth: number[] }) => ({ scores, isOfClass: truth.map((value) => value === 1) })

test('what a threshold does is what scikit-learn counts, ties included', () => {
  for (const one of golden.cases) {
    for (const { threshold, precision, recall, cost, ...outcomes } of one.rows) {
      const told = outcomesAt(picturesOf(one), threshold)
      expect(told).toEqual(outcomes)
      expect(precisionOf(told)).toBeCloseTo(precision, 12)
      expect(recallOf(told)).toBeCloseTo(recall, 12)
      expect(costOf(told, one.cost)).toBeCloseTo(cost, 9)
    }
  }
})

test('the steps of the cost are what every threshold within them costs', () => {
  for (const one of golden.cases) {
    const pictures = picturesOf(one)
    const steps = costSteps(pictures, one.cost)
    expect(steps.at(-1)?.high).toBe(1)
    steps.forEach(({ low, high, outcomes }, i) => {
      expect(low).toBe(steps[i - 1]?.high ?? 0)
      for (const within of [high, low + (high - low) / 3]) expect(outcomesAt(pictures, within)).toEqual(outcomes)
    })
  }
})

test('the cheapest threshold costs as little as the cheapest of all, and is Bayes’ where that is as cheap', () => {
  let same = 0
  for (const one of golden.cases) {
    const pictures = picturesOf(one)
    const best = cheapestThreshold(pictures, one.cost)
    expect(best?.cost).toBeCloseTo(one.cheapest, 9)
    expect(costOf(outcomesAt(pictures, best?.threshold ?? -1), one.cost)).toBeCloseTo(one.cheapest, 9)
    const bayes = bayesThreshold(one.cost)
    if (Math.abs(costOf(outcomesAt(pictures, bayes), one.cost) - one.cheapest) < 1e-9) {
      same++
      expect(best?.threshold).toBe(bayes)
    }
  }
  expect(same).toBeGreaterThan(0)
  expect(same).toBeLessThan(golden.cases.length)
})

test('a class without a picture, or with all of them, has no cheapest threshold', () => {
  expect(cheapestThreshold({ scores: [0.2, 0.4], isOfClass: [false, false] }, 5)).toBeNull()
  expect(cheapestThreshold({ scores: [0.2, 0.4], isOfClass: [true, true] }, 5)).toBeNull()
  expect(cheapestThreshold({ scores: [], isOfClass: [] }, 5)).toBeNull()
})

test('scores of 0 and 1 have their steps', () => {
  const steps = costSteps({ scores: [0, 0, 1, 1], isOfClass: [false, true, true, false] }, 3)
  expect(steps).toEqual([{ low: 0, high: 1, outcomes: { hits: 1, missed: 1, false_alarms: 1, passed: 1 }, cost: 4 }])
})

test('the intervals are those of the bootstrap', async () => {
  for (const { miss_cost: missCost, recall, precision, cost, ...outcomes } of golden.bootstrap) {
    const told = await outcomeIntervals(outcomes, missCost, 7)
    // 2,000 draws beside 200,000.
    for (const [interval, [low = 0, high = 0], within] of [[told.recall, recall, 0.025], [told.precision, precision, 0.025], [told.cost, cost, Math.max(1, 0.06 * (cost[1] ?? 0))]] as const) {
      expect(interval?.method).toBe('bootstrap')
      expect(Math.abs((interval?.low ?? -1) - low)).toBeLessThanOrEqual(within)
      expect(Math.abs((interval?.high ?? -1) - high)).toBeLessThanOrEqual(within)
    }
  }
  expect(await outcomeIntervals({ hits: 5, missed: 0, false_alarms: 0, passed: 5 }, 2, 7)).toMatchObject({ recall: { method: 'wilson', high: 1 }, precision: { method: 'wilson' }, cost: null })
  expect(await outcomeIntervals({ hits: 0, missed: 0, false_alarms: 0, passed: 5 }, 2, 7)).toMatchObject({ recall: null, precision: null })
})

test('a class is said once its threshold is reached, else the likeliest without one; where there is none, nothing is', () => {
  expect(decide([0.3, 0.7], [0.25, null])).toEqual({ index: 0, isByThreshold: true })
  expect(decide([0.2, 0.8], [0.25, null])).toEqual({ index: 1, isByThreshold: false })
  expect(decide([0.25, 0.75], [0.25, null]).index).toBe(0)
  // Twice its threshold before one and a half times.
  expect(decide([0.2, 0.75, 0.05], [0.1, 0.5, null]).index).toBe(0)
  expect(decide([0.6, 0.3, 0.1], [0.9, null, null]).index).toBe(1)
  expect(decide([0.6, 0.4], [0.9, 0.9])).toEqual({ index: null, isByThreshold: false })
  expect(decide([0.5, 0.5], [null, null]).index).toBe(0)
})

test('chosen thresholds are found by the classes’ names, and hold at their temperature', () => {
  const chosen = chosenThresholdsSchema.parse({ version: 1, checkpoint_epoch: 3, temperature: 2, chosen_on: 'val', classes: [{ name: 'elm', threshold: 0.2, miss_cost: 4, source: 'bayes' }] })
  const rule = decisionRule(chosen, ['oak', 'elm'])
  expect(rule).toEqual({ temperature: 2, thresholds: [null, 0.2] })
  expect(decisionRule(chosen, ['ash'])).toBeNull()
  // 0.9 and 0.1 are 0.75 and 0.25 at temperature 2.
  expect(decideAbout([0.9, 0.1], rule ?? { temperature: null, thresholds: [] }).index).toBe(1)
  expect(decideAbout([0.9, 0.1], { temperature: null, thresholds: [null, 0.2] }).index).toBe(0)
})

test('what is told has the class by itself, the likeliest beside it, and the accuracy of all decisions', async () => {
  const picture = (truth: number, probabilities: number[]) => ({ path: String(truth), truth, prediction: probabilities.indexOf(Math.max(...probabilities)), probabilities })
  const predictions = [picture(0, [0.9, 0.1]), picture(0, [0.4, 0.6]), picture(1, [0.3, 0.7]), picture(1, [0.1, 0.9])]
  const told = await tellThreshold({ split: 'test', predictions, classIndex: 0, threshold: 0.25, missCost: 3, temperature: null, thresholds: [null, null], seed: 1 })
  expect(told).toMatchObject({
    outcomes: { hits: 2, missed: 0, false_alarms: 1, passed: 1 },
    cost: 1,
    recall: 1,
    likeliest: { outcomes: { hits: 1, missed: 1, false_alarms: 0, passed: 2 }, cost: 3 },
    accuracy: { likeliest: 0.75, decided: 0.75 },
  })
})
