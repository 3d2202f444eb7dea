/** What the pictures themselves say: which labels are probably wrong, which pictures are hard or typical, and what more of them would bring. */
import { z } from 'zod'
import { splitSchema } from './dataset'

/** A picture as a model sees it that has not learned from it. */
export const lookedAtPictureSchema = z.object({
  /** Relative to the dataset's root. */
  path: z.string(),
  /** Its label. */
  classIndex: z.int().nonnegative(),
  split: splitSchema,
  /** What it is taken for. */
  guess: z.int().nonnegative(),
  /** Class and probability, the likeliest first, its label among them. */
  top: z.array(z.tuple([z.int().nonnegative(), z.number()])),
  /** Probability of the label less that of the likeliest other class: −1 to 1. */
  margin: z.number(),
  /** Cosine of the angle between its features and the mean of its class's. */
  closeness: z.number(),
})
export type LookedAtPicture = z.infer<typeof lookedAtPictureSchema>

/** Two pictures that a backbone can hardly tell apart and that their pixels' hashes do not bring together. */
export const alikePairSchema = z.object({
  first: lookedAtPictureSchema,
  second: lookedAtPictureSchema,
  /** Cosine of the angle between their features. */
  similarity: z.number(),
})
export type AlikePair = z.infer<typeof alikePairSchema>

/** Share of held-out pictures that the same head recognises, by how many it has learned from. */
export const curvePointSchema = z.object({ pictures: z.int().positive(), recall: z.number() })

export const classCurveSchema = z.object({
  points: z.array(curvePointSchema),
  /** The law that was fitted, from the fewest pictures to `more` beyond the most; the band holds 95 % of the draws. */
  law: z.array(z.object({ pictures: z.number(), recall: z.number(), low: z.number(), high: z.number() })),
  /** What `more` pictures would add to the recall, as a share. Null where the points do not bear a law. */
  gain: z.object({ estimate: z.number(), low: z.number(), high: z.number() }).nullable(),
})
export type ClassCurve = z.infer<typeof classCurveSchema>

export const learningCurveSchema = z.object({
  /** Pictures more of one class. */
  more: z.int().positive(),
  /** Draws of the pictures at each size. */
  repeats: z.int().positive(),
  /** In the order of the classes; null where a class has too few pictures. */
  classes: z.array(classCurveSchema.nullable()),
})
export type LearningCurve = z.infer<typeof learningCurveSchema>

export const suspectsReportSchema = z.object({
  /** Of all that it depends on. */
  key: z.string(),
  classes: z.array(z.string()),
  /** Pictures that were looked at, and those that could not be read. */
  pictures: z.int().nonnegative(),
  unread: z.int().nonnegative(),
  backbone: z.string(),
  weights: z.string(),
  imageSize: z.int().positive(),
  folds: z.int().positive(),
  /** Share of the pictures that are taken for what they are labelled as. */
  accuracy: z.number(),
  /** For each class how sure of it the head is on average of pictures with its label. */
  thresholds: z.array(z.number()),
  /** [label][class]: pictures with the label that are confidently of the class. */
  joint: z.array(z.array(z.int())),
  /** How many labels are suspected. */
  suspected: z.int().nonnegative(),
  /** The first of them, the most doubtful first. */
  suspects: z.array(lookedAtPictureSchema),
  perClass: z.array(
    z.object({
      pictures: z.int().nonnegative(),
      recall: z.number().nullable(),
      /** The least sure first, those suspected left out. */
      hardest: z.array(lookedAtPictureSchema),
      /** The most typical first. */
      typical: z.array(lookedAtPictureSchema),
    }),
  ),
  alike: z.object({ threshold: z.number(), found: z.int().nonnegative(), pairs: z.array(alikePairSchema) }).nullable(),
  curve: learningCurveSchema.nullable(),
})
export type SuspectsReport = z.infer<typeof suspectsReportSchema>

/** All classes' probabilities; those that are not told share nothing. */
export function probabilitiesOf({ top }: LookedAtPicture, classes: number): number[] {
  const result = new Array<number>(classes).fill(0)
  for (const [classIndex, probability] of top) result[classIndex] = probability
  return result
}

/** Picture by picture: the probability of its label, as it is told. */
export const ofLabel = ({ top, classIndex }: LookedAtPicture): number => top.find(([k]) => k === classIndex)?.[1] ?? 0
export const ofGuess = ({ top, guess }: LookedAtPicture): number => top.find(([k]) => k === guess)?.[1] ?? 0
