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
  const confidence = answer.probabilities[answer.chosen?.likeliest ?? answer.top]
  const likeliest = model.classes[answer.chosen?.likeliest ?? answer.top] ?? ''
  if (answer.verdict === 'class') return { title: name, reason: chosenReason(answer, name, likeliest) }
  if (answer.verdict === 'unsure') {
    if (answer.chosen?.isDecided === false) return { title: 'Not sure', reason: `Its likeliest class is ${likeliest}, but every class has a threshold of your own, and none is reached.` }
    if (likeliest !== name) return { title: 'Not sure', reason: `Its likeliest class is ${likeliest}, but below the threshold that you chose. The next is ${name}, which is below the one that was fitted for it.` }
    return { title: 'Not sure', reason: `Its likeliest class is ${name}, but below the threshold that was fitted for ${name} on the validation pictures (${formatShare(answer.threshold)} before calibration).` }
  }
  const rule = model.noneOfThese
  const least = `Of its classes ${likeliest} would be the likeliest.`
  if (rule.kind !== 'fitted' || answer.distance === null) return { title: 'None of these', reason: least }
  if (answer.distance > rule.limit) return { title: 'None of these', reason: `It is farther from the training pictures than ${passingWords(rule)}. ${least}` }
  return { title: 'None of these', reason: `It is rather far from the training pictures, and the model is less sure of it (${formatShare(confidence)}) than of nearly all validation pictures. ${least}` }
}

/** Why it is not the likeliest class; empty where it is. */
function chosenReason({ chosen, top }: PictureAnswer, name: string, likeliest: string): string {
  if (chosen === undefined || chosen === null || chosen.likeliest === top) return ''
  if (chosen.threshold === null) return `${likeliest} is likelier, but below the threshold that you chose for it.`
  return `${likeliest} is likelier, but ${name} is said from ${formatShare(chosen.threshold)} on, as you chose.`
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
