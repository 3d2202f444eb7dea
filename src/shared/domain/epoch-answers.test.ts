import { expect, test } from 'vitest'
import { answeredPictures, type EpochAnswers, FULL_CONFIDENCE } from './epoch-answers'

const PICTURES = [0, 0, 1, 1, 2].map((classIndex, index) => ({ path: `${index}.png`, classIndex }))
const answers = (predictions: number[], shares: number[]): EpochAnswers => ({
  predictions: Uint16Array.from(predictions),
  confidences: Uint16Array.from(shares.map((share) => Math.round(share * FULL_CONFIDENCE))),
})
const BEFORE = answers([0, 1, 1, 0, 0], [0.9, 0.5, 0.6, 0.7, 0.4])
const NOW = answers([1, 0, 1, 1, 1], [0.6, 0.8, 0.9, 0.9, 0.5])
const paths = (found: { pictures: readonly { path: string }[] }) => found.pictures.map(({ path }) => path)

test('what an epoch changed is counted by kind, and listed with the surest answer first', () => {
  const changed = answeredPictures(PICTURES, NOW, BEFORE, { kind: null, cell: null })
  expect(changed.changes).toEqual({ right_to_wrong: 1, wrong_to_right: 2, wrong_otherwise: 1 })
  expect(paths(changed)).toEqual(['3.png', '1.png', '0.png', '4.png'])
  expect(changed.pictures[2]).toMatchObject({ truth: 0, kind: 'right to wrong', before: { prediction: 0 }, now: { prediction: 1 } })
  expect(changed.pictures[2]?.now.probability).toBeCloseTo(0.6, 4)
  expect(paths(answeredPictures(PICTURES, NOW, BEFORE, { kind: 'wrong to right', cell: null }))).toEqual(['3.png', '1.png'])
})

test('a cell has its pictures, changed or not', () => {
  const cell = answeredPictures(PICTURES, NOW, BEFORE, { kind: null, cell: { truth: 1, prediction: 1 } })
  expect(cell.pictures.map(({ path, kind }) => [path, kind])).toEqual([['2.png', null], ['3.png', 'wrong to right']])
})

test('of the first epoch nothing is said to have changed', () => {
  const first = answeredPictures(PICTURES, NOW, null, { kind: null, cell: null })
  expect(first).toEqual({ changes: null, total: 0, pictures: [] })
  expect(answeredPictures(PICTURES, NOW, null, { kind: null, cell: { truth: 0, prediction: 1 } }).pictures).toMatchObject([{ path: '0.png', before: null, kind: null }])
})
