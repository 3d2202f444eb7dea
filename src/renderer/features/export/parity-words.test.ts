import { expect, test } from 'vitest'
import type { ExportTask } from '../../state/export'
import { checkedPictures, formatDifference, formatPoints, taskWords, verdict } from './parity-words'

const SAME = { pictures: 120, agreement: 1, ties: 0, largestDifference: 3e-7, bound: 1e-4, accuracy: { original: 0.95, exported: 0.95 } }

test('a verdict says how many agree and how far apart the probabilities are', () => {
  expect(verdict(SAME)).toBe('Same answer on 120 of 120 pictures; the largest difference of a probability is 3e-7, allowed 1e-4.')
  expect(verdict({ ...SAME, pictures: 1, largestDifference: 0.00417, bound: 1e-2 })).toBe('Same answer on 1 of 1 picture; the largest difference of a probability is 0.0042, allowed 0.01.')
  expect(verdict({ ...SAME, agreement: 116 / 120, ties: 4 })).toContain('Same answer on 116 of 120 pictures, 4 others are ties that rounding decides; the largest')
})

test('int8 is told by its accuracy', () => {
  const int8 = { ...SAME, agreement: 117 / 120, largestDifference: 0.09, bound: null }
  expect(verdict({ ...int8, accuracy: { original: 0.95, exported: 112 / 120 } })).toBe(
    'Same answer on 117 of 120 pictures; right for 93.3 % of them, the original for 95.0 %: 1.7 points less, as agreed.',
  )
  expect(verdict(int8)).toBe('Same answer on 117 of 120 pictures; right for 95.0 % of them, as the original is.')
  expect(verdict({ ...int8, accuracy: { original: 0.95, exported: 0.96 } })).toContain('right for 96.0 % of them, the original for 95.0 %.')
})

test('small numbers are short', () => {
  expect([0, 2.43e-7, 1e-4, 0.001, 0.0953].map(formatDifference)).toEqual(['0', '2.4e-7', '1e-4', '0.001', '0.095'])
  expect([0.017, 0.01, 0.1].map(formatPoints)).toEqual(['1.7 points', '1.0 point', '10.0 points'])
})

test('the pictures of the check: test, validation too where those are few, at most a thousand', () => {
  expect(checkedPictures({ train: 280, val: 60, test: 60 })).toBe(120)
  expect(checkedPictures({ train: 280, val: 60, test: 200 })).toBe(200)
  expect(checkedPictures({ train: 0, val: 0, test: 5000 })).toBe(1000)
  expect(checkedPictures({ train: 0, val: 0, test: 0 })).toBe(0)
})

test('a task says how far it is', () => {
  const task: ExportTask = {
    id: 'onnx',
    options: { format: 'onnx', precision: 'int8', preprocessing_inside: false, accepted_accuracy_drop: null },
    directory: '/models/a',
    status: 'declined',
    progress: null,
    soFar: null,
    report: null,
    failure: { code: 'MISMATCH', message: 'It is worse.', figures: { accuracyDrop: 0.017 } },
  }
  expect(taskWords(task)).toBe('Not kept: 1.7 points less')
  expect(taskWords({ ...task, status: 'busy' })).toBe('Starting the trainer')
})
