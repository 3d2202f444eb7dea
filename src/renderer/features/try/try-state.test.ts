import { expect, test } from 'vitest'
import type { PictureAnswer } from '../../../shared/domain/answer'
import { beforeOf } from './try-state'

const answer = (verdict: PictureAnswer['verdict'], top: number): PictureAnswer => ({ verdict, top, probabilities: [0.5, 0.5], distance: null, threshold: null })
const picture = { answer: answer('class', 0), epoch: 1, before: null }

test('an answer that another epoch gives otherwise is marked with what it was', () => {
  expect(beforeOf(picture, answer('class', 1), 2)).toEqual({ answer: picture.answer, epoch: 1 })
  expect(beforeOf(picture, answer('none', 0), 2)).toEqual({ answer: picture.answer, epoch: 1 })
  expect(beforeOf(picture, answer('class', 0), 2)).toBeNull()
  expect(beforeOf({ answer: null, epoch: null, before: null }, answer('class', 1), 2)).toBeNull()
  // None of these is the same whatever would be the likeliest.
  expect(beforeOf({ ...picture, answer: answer('none', 0) }, answer('none', 1), 2)).toBeNull()
})

test('an answer that the same epoch completes is not changed, and keeps its mark', () => {
  const before = { answer: answer('class', 1), epoch: 1 }
  expect(beforeOf({ ...picture, epoch: 2 }, answer('none', 0), 2)).toBeNull()
  expect(beforeOf({ ...picture, epoch: 2, before }, answer('none', 0), 2)).toBe(before)
  // Back to what it was.
  expect(beforeOf({ ...picture, epoch: 2, before }, answer('class', 1), 2)).toBeNull()
})
