/** What a run's best model says of pictures that somebody tries: calibrated, and "none of these" where a picture is like nothing it has learned. */
import { z } from 'zod'
import { failureSchema } from './error'
import { heatmapSchema } from './explanation'

/** A longer file is refused before it is read. */
export const MAXIMUM_TRIED_BYTES = 64 * 1024 * 1024
/** Pictures asked about in one call; more go in several. */
export const MOST_ASKED_AT_ONCE = 16

/** Where the pixels are: a file that the main process can read, or the file itself, as a pasted picture or a camera's is. */
export const triedSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
  z.object({ kind: z.literal('bytes'), base64: z.string().max(Math.ceil(MAXIMUM_TRIED_BYTES / 3) * 4) }),
])
export type TriedSource = z.infer<typeof triedSourceSchema>

export const questionSchema = z.object({
  runId: z.string(),
  /** The answers come once calibration and the distances to the training pictures are known; else at once, with what is known. */
  isSettled: z.boolean().default(false),
  /** A picture among them to be told where the model looked, for a class. */
  heatmap: z.object({ id: z.string(), classIndex: z.int().nonnegative() }).nullable().default(null),
  pictures: z.array(z.object({ /** The asker's own name for it, by which its pixels are kept. */ id: z.string().min(1).max(100), source: triedSourceSchema })).min(1).max(MOST_ASKED_AT_ONCE),
})
export type Question = z.infer<typeof questionSchema>

/** `class`: its likeliest class. `unsure`: that class's probability is below the class's own threshold. `none`: like none of the training pictures. */
export const verdictSchema = z.enum(['class', 'unsure', 'none'])
export type Verdict = z.infer<typeof verdictSchema>

export const triedAnswerSchema = z.object({
  id: z.string(),
  /** Null where the picture could not be read, as `failure` says. */
  answer: z
    .object({
      verdict: verdictSchema,
      /** Index of what it is said to be: the likeliest class, or what the chosen thresholds say. */
      top: z.int().nonnegative(),
      /** In the order of the classes, at the model's temperature. */
      probabilities: z.array(z.number()),
      /** To the training pictures, in units of its own; the limits are with the model. Null until it is known. */
      distance: z.number().nullable(),
      /** The probability, as the model gives it without a temperature, from which on its likeliest class is taken; null where none is set. */
      threshold: z.number().nullable(),
      /** Where thresholds were chosen for classes of the run: what they had to do with it. */
      chosen: z
        .object({
          /** Index of the likeliest class, which `top` may not be. */
          likeliest: z.int().nonnegative(),
          /** Of `top`, where it is said because its chosen threshold is reached; null where it is the likeliest of the classes that have none. */
          threshold: z.number().nullable(),
          /** False: every class has a chosen threshold, and none is reached. */
          isDecided: z.boolean(),
        })
        .nullable()
        .optional(),
    })
    .nullable(),
  failure: failureSchema.nullable(),
})
export type TriedAnswer = z.infer<typeof triedAnswerSchema>
export type PictureAnswer = NonNullable<TriedAnswer['answer']>

/** Who answers, and how far it can be believed. */
export const answeringModelSchema = z.object({
  epoch: z.int().nonnegative(),
  classes: z.array(z.string()),
  calibration: z.discriminatedUnion('kind', [
    /** The probabilities are the model's own, as yet. */
    z.object({ kind: z.literal('pending') }),
    z.object({ kind: z.literal('fitted'), temperature: z.number().positive(), /** Validation pictures that it was fitted on. */ pictures: z.int().positive(), isFromEvaluation: z.boolean() }),
    z.object({ kind: z.literal('impossible'), why: z.enum(['no validation pictures', 'every answer is right', 'no better than chance']) }),
  ]),
  noneOfThese: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('pending') }),
    z.object({
      kind: z.literal('fitted'),
      /** A picture farther from the training pictures is none of these. */
      limit: z.number(),
      /** One farther than this is, where its probability is below `doubt` as well. */
      nearLimit: z.number(),
      doubt: z.number(),
      /** Share of the validation pictures that pass. */
      passing: z.number(),
      trainPictures: z.int().positive(),
      validationPictures: z.int().nonnegative(),
    }),
    z.object({ kind: z.literal('impossible'), why: z.string() }),
  ]),
})
export type AnsweringModelCard = z.infer<typeof answeringModelSchema>

export const answersSchema = z.object({
  model: answeringModelSchema,
  answers: z.array(triedAnswerSchema),
  /** Null where it was not asked for, or cannot be told. */
  heatmap: heatmapSchema.nullable(),
})
export type Answers = z.infer<typeof answersSchema>
