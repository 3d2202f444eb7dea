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

test('an answer by a threshold of one’s own says what is likelier', () => {
  const chosen = { likeliest: 1, threshold: 0.17, isDecided: true }
  expect(answerWords({ ...answer, top: 0, chosen }, model)).toEqual({ title: 'dandelion', reason: 'grass is likelier, but dandelion is said from 17.0 % on, as you chose.' })
  expect(answerWords({ ...answer, chosen }, model)).toEqual({ title: 'grass', reason: '' })
  expect(answerWords({ ...answer, top: 0, chosen: { ...chosen, threshold: null } }, model).reason).toBe('grass is likelier, but below the threshold that you chose for it.')
  expect(answerWords({ ...answer, verdict: 'unsure', chosen: { likeliest: 1, threshold: null, isDecided: false } }, model).reason).toMatch(/every class has a threshold of your own, and none is reached/)
  expect(answerWords({ ...answer, top: 0, verdict: 'none', distance: 1.2, chosen }, model).reason).toContain('Of its classes grass would be the likeliest.')
})
