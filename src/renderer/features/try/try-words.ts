/** What an answer and its model are called, in words. */
import type { AnsweringModelCard, PictureAnswer } from '../../../shared/domain/answer'
import { formatPlural, formatShare } from '../../ui/format'

export interface AnswerWords {
  /** The answer itself. */
  title: string
  /** Why it is that; empty where the title says all. */
  reason: string
}

export function answerWords(answer: PictureAnswer, model: AnsweringModelCard): AnswerWords {
  const name = model.classes[answer.top] ?? String(answer.top)
  const confidence = answer.probabilities[answer.top]
  if (answer.verdict === 'class') return { title: name, reason: '' }
  if (answer.verdict === 'unsure') {
    return { title: 'Not sure', reason: `Its likeliest class is ${name}, but below the threshold that was fitted for ${name} on the validation pictures (${formatShare(answer.threshold)} before calibration).` }
  }
  const rule = model.noneOfThese
  const least = `Of its classes ${name} would be the likeliest.`
  if (rule.kind !== 'fitted' || answer.distance === null) return { title: 'None of these', reason: least }
  if (answer.distance > rule.limit) return { title: 'None of these', reason: `It is farther from the training pictures than ${passingWords(rule)}. ${least}` }
  return { title: 'None of these', reason: `It is rather far from the training pictures, and the model is less sure of it (${formatShare(confidence)}) than of nearly all validation pictures. ${least}` }
}

/** `59 of 60 validation pictures are`. */
function passingWords(rule: Extract<AnsweringModelCard['noneOfThese'], { kind: 'fitted' }>): string {
  if (rule.validationPictures === 0) return 'nearly all of them are from each other'
  return `${Math.round(rule.passing * rule.validationPictures)} of ${formatPlural(rule.validationPictures, 'validation picture')} are`
}

/** How far the percentages can be believed. */
export function calibrationWords({ calibration }: AnsweringModelCard): string {
  if (calibration.kind === 'pending') return 'not calibrated yet'
  if (calibration.kind === 'fitted') return `calibrated on ${formatPlural(calibration.pictures, 'validation picture')}`
  const why = { 'no validation pictures': 'there are no validation pictures', 'every answer is right': 'every validation picture is right', 'no better than chance': 'it is no better than chance' }
  return `not calibrated: ${why[calibration.why]}`
}

/** What an answer is called where there is room for a word: a changed picture's answer of before, a picture in the strip. */
export function shortAnswer(answer: Pick<PictureAnswer, 'verdict' | 'top'>, classes: readonly string[]): string {
  if (answer.verdict === 'none') return 'none of these'
  const name = classes[answer.top] ?? String(answer.top)
  return answer.verdict === 'unsure' ? `perhaps ${name}` : name
}
