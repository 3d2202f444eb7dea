import { afterAll, expect, test } from 'vitest'
import type { ClassificationReport, Evaluation } from '../../shared/domain/metrics'
import { readGolden } from '../engine/golden/compare'
import { hashed } from '../engine/golden/formula'
import { argmax, classificationReport, confusionMatrix } from '../engine/train/metrics'
import { withFigures } from './measure'

type Case = [id: number, classes: number, count: number, present: number, levels: number, missing: number[], numbers: number[], temperature: number | null]
/** scikit-learn's and SciPy's numbers; made by scripts/golden/make-metrics.py. */
const cases = [...readGolden<Case[]>('evaluation-1.json'), ...readGolden<Case[]>('evaluation-2.json')]
const NAMES = ['accuracy', 'balanced accuracy', 'macro', 'weighted', 'classes', 'ROC AUC', 'average precision', 'thresholds', 'scores at the thresholds', 'calibration error']
const worst: Record<string, number> = {}

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

function evaluationOf(answers: readonly { truth: number; probabilities: number[] }[], classes: number): Evaluation {
  const predictions = answers.map((answer, i) => ({ ...answer, path: `${i}.jpg`, prediction: argmax(answer.probabilities, 0, classes) }))
  const names = range(classes).map(String)
  const matrix = confusionMatrix(predictions.map(({ truth }) => truth), predictions.map(({ prediction }) => prediction), classes) // prettier-ignore
  return { split: 'test', checkpoint: 'best', classes: names, report: classificationReport(matrix, names, 0), predictions }
}

/** The same answers as in make-metrics.py: the first half is fitted on, the second measured. */
function measured([number, classes, count, present, levels]: Case): ClassificationReport {
  const answers = range(2 * count).map((row) => {
    let truth = hashed(10000 + number, row) % present
    const parts = range(classes).map((c) => 1 + (hashed(11000 + number, row * classes + c) % levels))
    if (number % 5 === 4 && classes > 1) {
      parts[0] = 0
      truth = Math.max(truth, Math.min(1, present - 1))
    }
    const own = parts[truth] ?? 0
    if (hashed(12000 + number, row) % 4 !== 0 && own > 0) parts[truth] = own + levels
    const sum = parts.reduce((a, b) => a + b, 0)
    return { truth, probabilities: parts.map((part) => part / sum) }
  })
  return withFigures(evaluationOf(answers.slice(count), classes), evaluationOf(answers.slice(0, count), classes), 42).report
}

const digest = (values: readonly (number | null | undefined)[]) => values.reduce<number>((sum, value, i) => sum + (value ?? 0) * (1 + i), 0)
const missing = (values: readonly (number | null | undefined)[]) => values.filter((value) => value === null).length
const scores = (average: { precision: number; recall: number; f1: number }) => [average.precision, average.recall, average.f1]

test.each(cases)('case %i of %i classes, %i pictures, %i classes occurring, %i levels: every figure is scikit-learn’s', (...golden) => {
  const [, , , , , gone, numbers, temperature] = golden
  const report = measured(golden)
  const { classes, calibration } = report
  const auc = classes.map((row) => row.roc_auc)
  const average = classes.map((row) => row.average_precision)
  const thresholds = classes.map((row) => (row.threshold === null ? null : row.threshold?.probability))
  const at = classes.flatMap((row) => (row.threshold === null || row.threshold === undefined ? [] : scores(row.threshold)))
  const each = [...classes.map((row) => row.precision), ...classes.map((row) => row.recall), ...classes.map((row) => row.f1)]
  const ours = [report.accuracy, report.balanced_accuracy, digest(scores(report.macro)), digest(scores(report.weighted)), digest(each), digest(auc), digest(average), digest(thresholds), digest(at)]
  expect([missing(auc), missing(average), missing(thresholds)]).toEqual(gone)
  ;[...ours, calibration?.before.expected_calibration_error].forEach((value, i) => {
    const expected = numbers[i] ?? NaN
    const difference = Math.abs((value ?? NaN) - expected) / Math.max(1, Math.abs(expected))
    const name = NAMES[i] ?? ''
    worst[name] = Math.max(worst[name] ?? 0, difference)
    expect(difference, name).toBeLessThan(1e-9)
  })
  if (temperature !== null) {
    const difference = Math.abs((calibration?.temperature ?? NaN) / temperature - 1)
    worst['temperature'] = Math.max(worst['temperature'] ?? 0, difference)
    expect(difference).toBeLessThan(1e-5)
  }
})

afterAll(() => {
  console.info(`Evaluations against scikit-learn and SciPy, ${cases.length} cases, largest differences:`, worst)
})

/** Says `confidence` for the first of two classes and is right in `right` of `count`. */
const boastful = (count: number, right: number, confidence: number) => range(count).map((i) => ({ truth: i < right ? 0 : 1, probabilities: [confidence, 1 - confidence] }))

test('a model that says 99 % and is right for 80 % is out by 19 points, which temperature takes back', () => {
  const validation = evaluationOf(boastful(100, 80, 0.99), 2)
  const { calibration } = withFigures(evaluationOf(boastful(50, 40, 0.99), 2), validation, 42).report
  expect(calibration?.before.expected_calibration_error).toBeCloseTo(0.19, 12)
  // log(.99 / .01) / T = log(.8 / .2)
  expect(calibration?.temperature).toBeCloseTo(Math.log(99) / Math.log(4), 9)
  expect(calibration?.after?.expected_calibration_error).toBeCloseTo(0, 9)
  expect(calibration?.after?.negative_log_likelihood).toBeLessThan(calibration?.before.negative_log_likelihood ?? 0)
  expect(calibration?.before.bins.map(({ count }) => count)).toEqual([...new Array<number>(14).fill(0), 50])
})

test('where there is nothing to fit a temperature to, it says why', () => {
  const right = evaluationOf(boastful(10, 10, 0.9), 2)
  const wrong = evaluationOf(boastful(10, 0, 0.9), 2)
  const missingOf = (fitting: Evaluation | null) => withFigures(right, fitting, 1).report.calibration
  expect(missingOf(null)).toMatchObject({ temperature: null, after: null, temperature_missing: 'no validation pictures' })
  expect(missingOf(right)).toMatchObject({ temperature: null, temperature_missing: 'every answer is right' })
  expect(missingOf(wrong)).toMatchObject({ temperature: null, temperature_missing: 'no better than chance' })
  expect(withFigures(right, null, 1).report.classes[0]).toMatchObject({ threshold: null, roc_auc: null, average_precision: 1 })
})

test('a probability that became 0 leaves every figure finite', () => {
  const answers = [...boastful(9, 8, 0.9), { truth: 1, probabilities: [1, 0] }]
  const { calibration } = withFigures(evaluationOf(answers, 2), evaluationOf(boastful(9, 8, 0.9), 2), 1).report
  expect([calibration?.before, calibration?.after].map((side) => Number.isFinite(side?.negative_log_likelihood))).toEqual([true, true])
})

test('balanced accuracy leads above three to one; intervals hold the figure and repeat', () => {
  const of = (many: number, few: number) =>
    withFigures(evaluationOf([...range(many).map((i) => ({ truth: 0, probabilities: i % 5 === 0 ? [0, 1] : [1, 0] })), ...range(few).map(() => ({ truth: 1, probabilities: [0, 1] }))], 2), null, 3).report
  expect(of(30, 10).leading).toBe('accuracy')
  expect(of(31, 10).leading).toBe('balanced_accuracy')
  const { accuracy, balanced_accuracy: balanced, intervals } = of(90, 10)
  expect(intervals?.accuracy.low).toBeLessThan(accuracy)
  expect(intervals?.accuracy.high).toBeGreaterThan(accuracy)
  expect(intervals?.balanced_accuracy?.low).toBeLessThan(balanced ?? 0)
  expect(of(90, 10).intervals).toEqual(intervals)
})

test('with every picture right the interval is Wilson’s, not a single point', () => {
  const { intervals } = withFigures(evaluationOf(boastful(60, 60, 0.9), 2), null, 3).report
  expect(intervals).toMatchObject({ accuracy: { method: 'wilson' }, macro_f1: null })
  expect(intervals?.accuracy.low).toBeCloseTo(0.939828, 6)
})
