import { expect, test } from 'vitest'
import type { ManifestEntry, Split } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import { exportOptionsSchema } from '../../../shared/domain/export'
import { exampleManifest } from '../../storage/run-folder.examples'
import { type AnswerPair, compareAnswers, parityPictures, requireParity } from './parity'

const LABELS = ['a', 'b', 'c']
const pair = (truth: number, original: number[], exported: number[]): AnswerPair => ({ truth, original, exported })
const SURE = pair(0, [0.9, 0.05, 0.05], [0.9, 0.05, 0.05])

function refusal(pairs: AnswerPair[], options: Parameters<typeof exportOptionsSchema.parse>[0]): GraftError | null {
  const parsed = exportOptionsSchema.parse(options)
  try {
    requireParity(compareAnswers(pairs, LABELS, parsed.precision), pairs.length, parsed)
    return null
  } catch (error) {
    if (error instanceof GraftError) return error
    throw error
  }
}

test('answers are compared overall and by class', () => {
  const comparison = compareAnswers([SURE, pair(1, [0.2, 0.5, 0.3], [0.2, 0.3, 0.5]), pair(1, [0.1, 0.8, 0.1], [0.1, 0.8, 0.1])], LABELS, 'float32')
  expect(comparison.agreement).toBeCloseTo(2 / 3)
  expect(comparison.largestDifference).toBeCloseTo(0.2)
  expect(comparison.accuracy).toEqual({ original: 1, exported: 2 / 3 })
  expect(comparison.contradictions).toBe(1)
  expect(comparison.classes).toEqual([
    { label: 'a', pictures: 1, agreement: 1, largestDifference: 0 },
    { label: 'b', pictures: 2, agreement: 0.5, largestDifference: expect.closeTo(0.2) },
    { label: 'c', pictures: 0, agreement: 0, largestDifference: 0 },
  ])
})

test('float32: a difference beyond the bound, a missing answer and what is not a number are refused', () => {
  expect(refusal([SURE, pair(0, [0.9, 0.05, 0.05], [0.89991, 0.05009, 0.05])], {})).toBeNull()
  expect(refusal([SURE, pair(0, [0.9, 0.05, 0.05], [0.8998, 0.0502, 0.05])], {})).toMatchObject({ code: 'MISMATCH', message: expect.stringMatching(/differs by 2\.0e-4, expected at most 0\.0001/) })
  expect(refusal([SURE, pair(0, [0.9, 0.05, 0.05], [0.9, NaN, 0.05])], {})?.message).toMatch(/a number for every class/)
  expect(refusal([SURE, pair(0, [0.9, 0.05, 0.05], [])], {})?.message).toMatch(/a number for every class/)
})

test('float32: an exchange of the first two is let pass where only rounding parts them', () => {
  const tied = pair(0, [0.4000001, 0.4, 0.1999999], [0.4, 0.4000001, 0.1999999])
  expect(refusal([SURE, tied], {})).toBeNull()
  expect(compareAnswers([SURE, tied], LABELS, 'float32')).toMatchObject({ agreement: 0.5, ties: 1, contradictions: 0, accuracy: { original: 1, exported: 0.5 } })
  expect(refusal([SURE, pair(0, [0.40004, 0.39996, 0.2], [0.39996, 0.40004, 0.2])], {})?.message).toMatch(/another class than the original for 1 of 2/)
})

test('float16: the first class may change only where the two best lie within the bound', () => {
  const options = { format: 'safetensors', precision: 'float16' }
  const near = pair(0, [0.402, 0.398, 0.2], [0.399, 0.401, 0.2])
  expect(refusal([SURE, near], options)).toBeNull()
  expect(compareAnswers([SURE, near], LABELS, 'float16')).toMatchObject({ agreement: 0.5, ties: 0 })
  expect(refusal([SURE, pair(0, [0.408, 0.392, 0.2], [0.3995, 0.4005, 0.2])], options)?.message).toMatch(/another class/)
  expect(refusal([SURE, pair(0, [0.9, 0.05, 0.05], [0.885, 0.065, 0.05])], options)?.message).toMatch(/expected at most 0\.01/)
})

test('int8: a drop of accuracy asks for consent, a gain does not', () => {
  const options = { format: 'onnx', precision: 'int8' }
  const worse = pair(0, [0.6, 0.3, 0.1], [0.3, 0.6, 0.1])
  const better = pair(1, [0.6, 0.3, 0.1], [0.3, 0.6, 0.1])
  expect(refusal([SURE, SURE, SURE, better], options)).toBeNull()
  const refused = refusal([SURE, SURE, SURE, worse], options)
  expect(refused?.message).toMatch(/right for 75\.0 % of 4 pictures, the original for 100\.0 %: a drop of 25\.0 points, where 0\.0 were agreed to\. It names the same class for 75\.0 %/)
  expect(refused?.action).toMatch(/--accept-drop 0\.25/)
  expect(refused?.figures).toEqual({ accuracyDrop: 0.25 })
  expect(refusal([SURE, SURE, SURE, worse], { ...options, accepted_accuracy_drop: 0.2 })).not.toBeNull()
  expect(refusal([SURE, SURE, SURE, worse], { ...options, accepted_accuracy_drop: 0.25 })).toBeNull()
})

function manifestWith(counts: Record<Split, number>) {
  const entry = (split: Split, i: number): ManifestEntry => ({ path: `${split}/${i}`, classIndex: 0, split, sizeBytes: 1, sha256: 'ab' })
  const pictures = (['train', 'val', 'test'] as const).flatMap((split) => Array.from({ length: counts[split] }, (_, i) => entry(split, i)))
  return { ...exampleManifest(), pictures }
}

test('pictures for the check: test, val where test is small, at most a thousand spread over all', () => {
  const of = (train: number, val: number, count: number) => {
    const { entries, splits } = parityPictures(manifestWith({ train, val, test: count }))
    return { pictures: entries.length, splits, last: entries.at(-1)?.path }
  }
  expect(of(300, 60, 60)).toEqual({ pictures: 120, splits: ['test', 'val'], last: 'val/59' })
  expect(of(300, 60, 200)).toEqual({ pictures: 200, splits: ['test'], last: 'test/199' })
  expect(of(300, 60, 0)).toEqual({ pictures: 60, splits: ['val'], last: 'val/59' })
  expect(of(300, 60, 2500)).toEqual({ pictures: 1000, splits: ['test'], last: 'test/2497' })
  expect(new Set(parityPictures(manifestWith({ train: 0, val: 0, test: 1001 })).entries).size).toBe(1000)
})
