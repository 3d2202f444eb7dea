/** What an answer and its model are called, in words. */
import { plural, t } from '@lingui/core/macro'
import type { AnsweringModelCard, PictureAnswer } from '../../../shared/domain/answer'
import { formatShare } from '../../ui/format'

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
    if (answer.chosen?.isDecided === false) return { title: t`Not sure`, reason: t`Its likeliest class is ${likeliest}, but every class has a threshold of your own, and none is reached.` }
    if (likeliest !== name) return { title: t`Not sure`, reason: t`Its likeliest class is ${likeliest}, but below the threshold that you chose. The next is ${name}, which is below the one that was fitted for it.` }
    return { title: t`Not sure`, reason: t`Its likeliest class is ${name}, but below the threshold that was fitted for ${name} on the validation pictures (${{ threshold: formatShare(answer.threshold) }} before calibration).` }
  }
  const rule = model.noneOfThese
  const least = t`Of its classes ${likeliest} would be the likeliest.`
  if (rule.kind !== 'fitted' || answer.distance === null) return { title: t`None of these`, reason: least }
  if (answer.distance > rule.limit) return { title: t`None of these`, reason: `${fartherWords(rule)} ${least}` }
  return { title: t`None of these`, reason: `${t`It is rather far from the training pictures, and the model is less sure of it (${{ confidence: formatShare(confidence) }}) than of nearly all validation pictures.`} ${least}` }
}

/** Why it is not the likeliest class; empty where it is. */
function chosenReason({ chosen, top }: PictureAnswer, name: string, likeliest: string): string {
  if (chosen === undefined || chosen === null || chosen.likeliest === top) return ''
  if (chosen.threshold === null) return t`${likeliest} is likelier, but below the threshold that you chose for it.`
  return t`${likeliest} is likelier, but ${name} is said from ${{ threshold: formatShare(chosen.threshold) }} on, as you chose.`
}

function fartherWords({ passing, validationPictures }: Extract<AnsweringModelCard['noneOfThese'], { kind: 'fitted' }>): string {
  if (validationPictures === 0) return t`It is farther from the training pictures than nearly all of them are from each other.`
  const nearer = Math.round(passing * validationPictures)
  return t`It is farther from the training pictures than ${nearer} of ${plural(validationPictures, { one: '# validation picture', other: '# validation pictures' })} are.`
}

const WHY_NOT_CALIBRATED: Readonly<Record<Extract<AnsweringModelCard['calibration'], { kind: 'impossible' }>['why'], string>> = {
  'no validation pictures': t`not calibrated: there are no validation pictures`,
  'every answer is right': t`not calibrated: every validation picture is right`,
  'no better than chance': t`not calibrated: it is no better than chance`,
}

/** How far the percentages can be believed. */
export function calibrationWords({ calibration }: AnsweringModelCard): string {
  if (calibration.kind === 'pending') return t`not calibrated yet`
  if (calibration.kind === 'impossible') return WHY_NOT_CALIBRATED[calibration.why]
  const { pictures } = calibration
  return plural(pictures, { one: 'calibrated on # validation picture', other: 'calibrated on # validation pictures' })
}

/** What an answer is called where there is room for a word: a changed picture's answer of before, a picture in the strip. */
export function shortAnswer(answer: Pick<PictureAnswer, 'verdict' | 'top'>, classes: readonly string[]): string {
  if (answer.verdict === 'none') return t`none of these`
  const name = classes[answer.top] ?? String(answer.top)
  return answer.verdict === 'unsure' ? t`perhaps ${name}` : name
}
