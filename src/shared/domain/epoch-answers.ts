/** What a model answered to every validation picture after each epoch, and which answers an epoch changed. */
import { z } from 'zod'
import { changeKindSchema, type ChangeKind, changeOf } from './compare'

/** One epoch's answers, picture by picture in the order of the manifest's validation pictures. */
export interface EpochAnswers {
  /** Class indexes. */
  readonly predictions: Uint16Array
  /** Probabilities of these answers, in parts of `FULL_CONFIDENCE`. */
  readonly confidences: Uint16Array
}

/** A probability of 1. The steps are finer than what is ever shown. */
export const FULL_CONFIDENCE = 65_535

const answerSchema = z.object({ prediction: z.int().nonnegative(), probability: z.number() })

export const answeredPictureSchema = z.object({
  /** Relative to the dataset's root. */
  path: z.string(),
  truth: z.int().nonnegative(),
  /** After the epoch before; null where that is not known. */
  before: answerSchema.nullable(),
  now: answerSchema,
  /** Null where the answer is as it was. */
  kind: changeKindSchema.nullable(),
})
export type AnsweredPicture = z.infer<typeof answeredPictureSchema>

export const epochPicturesSchema = z.object({
  /** False where the run has not kept the epoch's answers: it is of an older version, or the file is damaged. */
  is_known: z.boolean(),
  /** Of all pictures, whatever was asked for; null where the epoch before is not known. */
  changes: z.object({ right_to_wrong: z.int(), wrong_to_right: z.int(), wrong_otherwise: z.int() }).nullable(),
  total: z.int().nonnegative(),
  pictures: z.array(answeredPictureSchema),
})
export type EpochPictures = z.infer<typeof epochPicturesSchema>

export interface PicturesWanted {
  /** One kind of change; null: any. Where neither kind nor cell is given, all that changed. */
  readonly kind: ChangeKind | null
  /** Pictures of this cell of the epoch's confusion matrix, changed or not. */
  readonly cell: { readonly truth: number; readonly prediction: number } | null
}

/**
 * The pictures asked for, those that the model is surest of first.
 * @param pictures of the split, in the order of the answers @param before answers of the epoch before
 */
export function answeredPictures(pictures: readonly { path: string; classIndex: number }[], now: EpochAnswers, before: EpochAnswers | null, wanted: PicturesWanted): Omit<EpochPictures, 'is_known'> {
  const counts = { 'right to wrong': 0, 'wrong to right': 0, 'wrong otherwise': 0 }
  const found: AnsweredPicture[] = []
  pictures.forEach(({ path, classIndex: truth }, index) => {
    const answer = answerAt(now, index)
    const earlier = before === null ? null : answerAt(before, index)
    const kind = earlier === null ? null : changeOf({ truth, base: earlier.prediction, other: answer.prediction })
    if (kind !== null) counts[kind]++
    const { cell } = wanted
    const isWanted = cell === null ? kind !== null && (wanted.kind === null || wanted.kind === kind) : truth === cell.truth && answer.prediction === cell.prediction
    if (isWanted) found.push({ path, truth, before: earlier, now: answer, kind })
  })
  found.sort((a, b) => b.now.probability - a.now.probability || (a.path < b.path ? -1 : 1))
  const changes = before === null ? null : { right_to_wrong: counts['right to wrong'], wrong_to_right: counts['wrong to right'], wrong_otherwise: counts['wrong otherwise'] }
  return { changes, total: found.length, pictures: found }
}

function answerAt({ predictions, confidences }: EpochAnswers, index: number): { prediction: number; probability: number } {
  return { prediction: predictions[index] ?? 0, probability: (confidences[index] ?? 0) / FULL_CONFIDENCE }
}
