import { describe, expect, test } from 'vitest'
import { readGolden } from '../golden/compare'
import { hashed } from '../golden/formula'
import { confidentLearning } from './confident-learning'
import { groupFolds } from './group-folds'
import { fitLogisticRegression, logisticProbabilities, type Rows } from './logistic-regression'

interface Case {
  case: number
  classes: number
  c: number
  labels: number[]
  /** Of every seventh row. */
  whole: number[][]
  outOfFold: number[][]
  joint: number[][]
  issues: number[]
}
const golden = readGolden<{ count: number; size: number; cases: Case[] }>('suspects.json')
const { count, size } = golden
const all = Array.from({ length: count }, (_, row) => row)
const rowsOf = (which: number): Rows => ({ values: Float64Array.from({ length: count * size }, (_, i) => ((hashed(9000 + which, i) >>> 0) % 2001) / 1000 - 1), count, size })
const furthest = (got: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number =>
  expected.reduce((most, row, i) => row.reduce((worst, value, k) => Math.max(worst, Math.abs(value - (got[i]?.[k] ?? Infinity))), most), 0)

describe.each(golden.cases)('case $case: $classes classes, C = $c', ({ case: which, classes, c, labels, whole, outOfFold, joint, issues }) => {
  const rows = rowsOf(which)
  const options = { c, tolerance: 1e-10, maximumIterations: 5000 }

  test('logistic regression is scikit-learn’s to 1e-6, learned from all and out of fold', () => {
    const model = fitLogisticRegression(rows, all, labels, classes, options)
    const got = logisticProbabilities(model, rows, all.filter((row) => row % 7 === 0))
    expect(furthest(got, whole)).toBeLessThan(1e-6)
    for (let fold = 0; fold < 5; fold++) {
      const held = all.filter((row) => row % 5 === fold)
      const learned = fitLogisticRegression(rows, all.filter((row) => row % 5 !== fold), labels, classes, options)
      expect(furthest(logisticProbabilities(learned, rows, held), held.map((row) => outOfFold[row] ?? []))).toBeLessThan(1e-6)
    }
  })

  test('suspects and their order are those of cleanlab’s find_label_issues, the joint is its confident joint', () => {
    const got = confidentLearning(outOfFold, labels, classes)
    expect(got.suspects.map(({ picture }) => picture)).toEqual(issues)
    expect(got.joint).toEqual(joint)
    expect(issues.length).toBeGreaterThan(5)
  })
})

test('a fit goes on from another, and a row may count for several', () => {
  const { labels, classes } = golden.cases[2] as Case
  const rows = rowsOf(2)
  const options = { c: 1, tolerance: 1e-9 }
  const first = fitLogisticRegression(rows, all, labels, classes, options)
  expect(first.hasConverged).toBe(true)
  expect(fitLogisticRegression(rows, all, labels, classes, { ...options, start: first }).iterations).toBe(0)
  const twice = fitLogisticRegression(rows, [...all, ...all.slice(0, 30)], labels, classes, options)
  const weighed = fitLogisticRegression(rows, all, labels, classes, { ...options, rowWeights: Float64Array.from(all, (row) => (row < 30 ? 2 : 1)) })
  expect(furthest(logisticProbabilities(weighed, rows, all), logisticProbabilities(twice, rows, all))).toBeLessThan(1e-6)
})

test('a class that no picture has is nobody’s guess by its threshold', () => {
  const { thresholds, suspects } = confidentLearning([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.1, 0.9, 0]], [0, 1, 0], 3) // prettier-ignore
  expect(thresholds[2]).toBe(1)
  expect(suspects).toEqual([{ picture: 2, label: 0, guess: 1, margin: expect.closeTo(-0.8) as number }])
})

test('folds hold each class evenly and no group straddles them', () => {
  const labels = Array.from({ length: 103 }, (_, i) => (i < 70 ? 0 : i < 95 ? 1 : 2))
  const groups = labels.map((_, i) => (i % 10 < 4 ? Math.floor(i / 10) : undefined))
  const folds = groupFolds(labels, groups, 5, 42)
  for (let group = 0; group <= 10; group++) expect(new Set([...folds].filter((_, i) => groups[i] === group)).size).toBe(1)
  for (const [classIndex, total] of [70, 25, 8].entries()) {
    const held = [0, 1, 2, 3, 4].map((fold) => labels.filter((label, i) => label === classIndex && folds[i] === fold).length)
    expect(Math.max(...held) - Math.min(...held), `class ${classIndex} of ${total}: ${held.join(' ')}`).toBeLessThanOrEqual(3)
  }
  expect(groupFolds(labels, groups, 5, 42)).toEqual(folds)
  expect(groupFolds(labels, groups, 5, 43)).not.toEqual(folds)
})
