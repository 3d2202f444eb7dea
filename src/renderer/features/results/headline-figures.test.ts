import { expect, test } from 'vitest'
import { classificationReportSchema } from '../../../shared/domain/metrics'
import { headlineFigures } from './headline-figures'

const average = { precision: 0.5, recall: 0.5, f1: 0.5 }
const older = classificationReportSchema.parse({
  count: 50,
  loss: 0.25,
  accuracy: 0.92,
  macro: average,
  weighted: average,
  classes: ['a', 'b'].map((name) => ({ ...average, name, support: 25 })),
  confusion_matrix: [
    [24, 1],
    [3, 22],
  ],
  confusion_matrix_normalized: [
    [0.96, 0.04],
    [0.12, 0.88],
  ],
})
const interval = { low: 0.8123, high: 0.98, method: 'bootstrap' as const }

test('an evaluation of an older version shows what it has', () => {
  const figures = headlineFigures(older, 'val')
  expect(figures.map(({ label }) => label)).toEqual(['Accuracy', 'Macro-F1', 'Loss'])
  expect(figures[0]).toMatchObject({ value: '92.0 %', note: '46 of 50 validation pictures right' })
  expect(figures[0]?.between).toBeUndefined()
})

test('balanced accuracy stands first where it leads; intervals stand beside their figures', () => {
  const report = { ...older, balanced_accuracy: 0.9, intervals: { resamples: 2000, accuracy: interval, balanced_accuracy: interval, macro_f1: null } }
  const labels = (leading: 'accuracy' | 'balanced_accuracy') => headlineFigures({ ...report, leading }, 'test').map(({ label }) => label)
  expect(labels('accuracy').slice(0, 2)).toEqual(['Accuracy', 'Macro-F1'])
  expect(labels('balanced_accuracy').slice(0, 2)).toEqual(['Balanced accuracy', 'Accuracy'])
  expect(headlineFigures(report, 'test').map(({ between }) => between)).toEqual(['81.2–98.0 %', undefined, undefined])
  const [first, second, third] = headlineFigures({ ...report, leading: 'balanced_accuracy', intervals: { ...report.intervals, macro_f1: interval } }, 'test')
  expect([first?.between, second?.note, third?.note]).toEqual(['81.2–98.0 %', '95 %: 81.2–98.0 %', '95 %: 81.2–98.0 %'])
})
