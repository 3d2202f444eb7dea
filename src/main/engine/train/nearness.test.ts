import { expect, test } from 'vitest'
import { KeyedRandom } from '../../../shared/domain/random'
import { distances, type FeatureRows, fitNoneOfThese, isNoneOfThese, joined, normalised } from './nearness'

const rowsOf = (...rows: number[][]): FeatureRows => ({ count: rows.length, width: rows[0]?.length ?? 0, values: Float32Array.from(rows.flat()) })

test('features keep their signs, lose their length, and loud ones are quieted', () => {
  const { values } = normalised(rowsOf([9, -16, 0], [0, 0, 0]))
  expect([...values]).toEqual([0.6, -0.8, 0, 0, 0, 0].map((value) => Math.fround(value)))
})

test('of two sets of features each counts for half, however loud or wide it is', () => {
  const rows = joined(rowsOf([9, -16], [4, 0]), rowsOf([1, 0, 0], [0, 900, 0]))
  expect(rows).toMatchObject({ count: 2, width: 5 })
  const [first, second] = [rows.values.slice(0, 5), rows.values.slice(5)]
  for (const [i, value] of [0.6, -0.8, 1, 0, 0].entries()) expect(first[i]).toBeCloseTo(value * Math.SQRT1_2, 6)
  for (const [i, value] of [1, 0, 0, 1, 0].entries()) expect(second[i]).toBeCloseTo(value * Math.SQRT1_2, 6)
})

test('the distance is to the fifth nearest, whatever the length', () => {
  const training = normalised(rowsOf([1, 0], [1, 0], [1, 0], [1, 0], [0, 1], [0, 1]))
  const [same, other] = distances(normalised(rowsOf([7, 0], [0, 3])), training)
  expect(same).toBeCloseTo(Math.SQRT2, 6)
  expect(other).toBeCloseTo(Math.SQRT2, 6)
  expect(distances(normalised(rowsOf([7, 0])), normalised(rowsOf([1, 0], [2, 0], [3, 0])))[0]).toBeCloseTo(0, 3)
})

/** Rows around a few directions of many. */
function drawn(seed: number, count: number, isLike: boolean): FeatureRows {
  const width = 64
  const values = new Float32Array(count * width)
  for (let row = 0; row < count; row++) {
    const random = new KeyedRandom(seed, 'sample', isLike ? 1 : 2, row)
    for (let i = 0; i < width; i++) values[row * width + i] = Math.abs(random.normal()) * ((isLike ? i < 16 : i >= 48) ? 4 : 1)
  }
  return normalised({ count, width, values })
}

test('what is like the training pictures passes, what is like none does not', () => {
  const training = drawn(1, 120, true)
  const validation = drawn(2, 60, true)
  const rule = fitNoneOfThese(training, validation, new Array<number>(60).fill(0.9))
  expect(rule.passing).toBeGreaterThanOrEqual(0.95)
  const share = (rows: FeatureRows) => distances(rows, training).filter((distance) => isNoneOfThese(rule, distance, 0.9)).length / rows.count
  expect(share(drawn(3, 200, true))).toBeLessThan(0.08)
  expect(share(drawn(4, 50, false))).toBe(1)
})

test('a picture that is rather far is one of the classes only where the model is sure', () => {
  const rule = { limit: 1, nearLimit: 0.8, doubt: 0.6 }
  expect(isNoneOfThese(rule, 1.1, 0.99)).toBe(true)
  expect(isNoneOfThese(rule, 0.9, 0.99)).toBe(false)
  expect(isNoneOfThese(rule, 0.9, 0.55)).toBe(true)
  expect(isNoneOfThese(rule, 0.7, 0.55)).toBe(false)
})

test('without validation pictures the training pictures set the limit', () => {
  const training = drawn(1, 40, true)
  const rule = fitNoneOfThese(training, { count: 0, width: 64, values: new Float32Array(0) }, [])
  expect(rule.limit).toBeGreaterThan(0)
  expect(rule).toMatchObject({ doubt: 0, passing: 1 })
})
