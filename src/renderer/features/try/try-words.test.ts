import { expect, test } from 'vitest'
import type { AnsweringModelCard, PictureAnswer } from '../../../shared/domain/answer'
import { answerWords, calibrationWords, shortAnswer } from './try-words'

const model: AnsweringModelCard = {
  epoch: 3,
  classes: ['dandelion', 'grass'],
  calibration: { kind: 'fitted', temperature: 1.2, pictures: 60, isFromEvaluation: false },
  noneOfThese: { kind: 'fitted', limit: 1, nearLimit: 0.8, doubt: 0.6, passing: 59 / 60, trainPictures: 280, validationPictures: 60 },
}
const answer: PictureAnswer = { verdict: 'class', top: 1, probabilities: [0.2, 0.8], distance: 0.7, threshold: 0.4 }

test('a class is its name; what is none says why, and what would be the likeliest', () => {
  expect(answerWords(answer, model)).toEqual({ title: 'grass', reason: '' })
  const far = answerWords({ ...answer, verdict: 'none', distance: 1.2 }, model)
  expect(far.title).toBe('None of these')
  expect(far.reason).toBe('It is farther from the training pictures than 59 of 60 validation pictures are. Of its classes grass would be the likeliest.')
  expect(answerWords({ ...answer, verdict: 'none', distance: 0.9 }, model).reason).toMatch(/rather far .* less sure of it \(80\.0 %\)/)
  expect(answerWords({ ...answer, verdict: 'unsure' }, model).reason).toMatch(/grass, but below the threshold .* \(40\.0 %/)
})

test('how far percentages can be believed', () => {
  expect(calibrationWords(model)).toBe('calibrated on 60 validation pictures')
  expect(calibrationWords({ ...model, calibration: { kind: 'pending' } })).toBe('not calibrated yet')
  expect(calibrationWords({ ...model, calibration: { kind: 'impossible', why: 'every answer is right' } })).toBe('not calibrated: every validation picture is right')
})

test('in the strip', () => {
  expect(shortAnswer({ verdict: 'none', top: 0 }, model.classes)).toBe('none of these')
  expect(shortAnswer({ verdict: 'unsure', top: 0 }, model.classes)).toBe('perhaps dandelion')
})
