import { afterAll, expect, test } from 'vitest'
import { readGolden } from '../golden/compare'
import { formulaUniform, hashed } from '../golden/formula'
import { argmax, classificationReport, confusionMatrix, crossEntropy, macroF1, softmax } from './metrics'

type Averages = Record<'precision' | 'recall' | 'f1', number>
interface ReportCase {
  case: number
  classes: number
  count: number
  present: number
  predictable: number
  accuracy: number
  matrixSquares: number
  /** Of the first six classes. */
  precision: number[]
  recall: number[]
  f1: number[]
  support: number[]
  macro: Averages
  weighted: Averages
}
interface LossCase {
  case: number
  rows: number
  classes: number
  size: number
  smoothing: number
  each: number[]
  softmax: number[]
}
/** scikit-learn's and PyTorch's numbers; made by scripts/golden/make-metrics.py. */
const reports = readGolden<ReportCase[]>('metrics.json')
const losses = readGolden<LossCase[]>('loss.json')
const KEYS = ['precision', 'recall', 'f1'] as const
const worst = { report: 0, crossEntropy: 0, softmax: 0 }

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

test.each(reports)('report $case is scikit-learn’s: $count of $classes classes', (golden) => {
  const { classes, count } = golden
  const truths = range(count).map((i) => hashed(7000 + golden.case, i) % golden.present)
  const predictions = range(count).map((i) => {
    const guess = hashed(8000 + golden.case, i)
    return guess % 3 === 0 ? Math.floor(guess / 3) % golden.predictable : (truths[i] ?? 0) % golden.predictable
  })
  const matrix = confusionMatrix(truths, predictions, classes)
  const report = classificationReport(matrix, range(classes).map(String), 0.25)
  const near = (ours: number | undefined, theirs: number | undefined, what: string) => {
    const difference = Math.abs((ours ?? NaN) - (theirs ?? NaN))
    worst.report = Math.max(worst.report, difference)
    expect(difference, what).toBeLessThan(1e-9)
  }
  expect(matrix.flat().reduce((sum, value, i) => sum + value * value * (i + 1), 0)).toBe(golden.matrixSquares)
  expect(report.confusion_matrix).toEqual(matrix)
  expect(report.count).toBe(count)
  expect(report.loss).toBe(0.25)
  near(report.accuracy, golden.accuracy, 'accuracy')
  near(macroF1(matrix), golden.macro.f1, 'macro F1 alone')
  for (const key of KEYS) {
    near(report.macro[key], golden.macro[key], `macro ${key}`)
    near(report.weighted[key], golden.weighted[key], `weighted ${key}`)
    golden[key].forEach((value, i) => {
      near(report.classes[i]?.[key], value, `${key} of class ${i}`)
    })
  }
  expect(report.classes.map(({ support }) => support).slice(0, 6)).toEqual(golden.support)
  report.confusion_matrix_normalized.forEach((row, i) => {
    const total = row.reduce((a, b) => a + b, 0)
    near(total, (report.classes[i]?.support ?? 0) > 0 ? 1 : 0, `row ${i} of the normalised matrix`)
  })
})

test('classes renamed in another order permute the report', () => {
  const truths = range(60).map((i) => hashed(1, i) % 4)
  const predictions = range(60).map((i) => hashed(2, i) % 4)
  const order = [2, 0, 3, 1]
  const plain = classificationReport(confusionMatrix(truths, predictions, 4), ['a', 'b', 'c', 'd'], 0)
  const renamed = (labels: number[]) => labels.map((label) => order[label] ?? -1)
  const permuted = classificationReport(confusionMatrix(renamed(truths), renamed(predictions), 4), ['b', 'd', 'a', 'c'], 0)
  expect(permuted.accuracy).toBe(plain.accuracy)
  expect(permuted.macro.f1).toBeCloseTo(plain.macro.f1, 12)
  for (const scores of plain.classes) expect(permuted.classes.find(({ name }) => name === scores.name)).toEqual(scores)
})

test('the first of equal values is the prediction, in any row', () => {
  expect(argmax([1, 3, 3, 2], 0, 4)).toBe(1)
  expect(argmax([9, 9, 0, 0, 0], 2, 3)).toBe(0)
  expect(argmax(Float32Array.of(5, -1, -0.5, -0.5), 1, 3)).toBe(1)
})

test.each(losses)('softmax and cross-entropy of logits up to ±$size with smoothing $smoothing are PyTorch’s', (golden) => {
  const { rows, classes, size } = golden
  const logits = formulaUniform(9000 + golden.case, rows * classes).map((value) => value * size)
  for (const row of range(rows)) {
    const label = hashed(9500 + golden.case, row) % classes
    const expected = golden.each[row] ?? NaN
    const loss = crossEntropy(logits, row * classes, classes, label, golden.smoothing)
    const difference = Math.abs(loss - expected) / Math.max(1, Math.abs(expected))
    worst.crossEntropy = Math.max(worst.crossEntropy, difference)
    expect(difference).toBeLessThan(1e-9)
    softmax(logits, row * classes, classes).forEach((share, i) => {
      const apart = Math.abs(share - (golden.softmax[row * classes + i] ?? NaN))
      worst.softmax = Math.max(worst.softmax, apart)
      expect(apart).toBeLessThan(1e-9)
    })
  }
})

afterAll(() => {
  console.info('Metrics against scikit-learn and PyTorch, largest differences:', worst)
})
