/** Why a model answered as it did: where in the picture it looked, and what it has learned from that looks alike to it. */
import { z } from 'zod'
import { failureSchema } from './error'

/** Grad-CAM for one class. Row by row from the top left, 0…1: divided by its own largest value. The map covers the whole picture. */
export const heatmapSchema = z.object({
  classIndex: z.int().nonnegative(),
  height: z.int().positive(),
  width: z.int().positive(),
  values: z.array(z.number()),
  /** False where nothing in the picture speaks for the class; then all values are 0. */
  isSpokenFor: z.boolean(),
})
export type Heatmap = z.infer<typeof heatmapSchema>

/** A picture that the model was trained on. */
export const neighbourSchema = z.object({
  /** Relative to the dataset's root. */
  path: z.string(),
  classIndex: z.int().nonnegative(),
  /** Cosine of the angle between the two pictures' pooled features: 1 where the backbone sees the same. */
  similarity: z.number(),
})
export type Neighbour = z.infer<typeof neighbourSchema>

export const explanationSchema = z.object({
  /** As it was asked for. */
  path: z.string(),
  /** By the folder that the picture is in; null where it is none of the run's. */
  truth: z.int().nonnegative().nullable(),
  prediction: z.int().nonnegative(),
  /** At the run's temperature where there is one. */
  probabilities: z.array(z.number()),
  heatmaps: z.array(heatmapSchema),
  /** The most alike first; null where they have not been looked for. */
  neighbours: z.array(neighbourSchema).nullable(),
  /** Set where the picture could not be read; then there is nothing else. */
  failure: failureSchema.nullable(),
})
export type Explanation = z.infer<typeof explanationSchema>

export const explanationsSchema = z.object({
  labels: z.array(z.string()),
  epoch: z.int().nonnegative(),
  /** By which the logits were divided; null: as the model gives them. */
  temperature: z.number().positive().nullable(),
  pictures: z.array(explanationSchema),
  /** Why no nearest training pictures are told; null where they are. `busy`: looking at all of them waits for what has the machine. */
  neighboursMissing: z.enum(['not asked', 'no training pictures', 'busy', 'unreadable']).nullable(),
})
export type Explanations = z.infer<typeof explanationsSchema>

/** All but the neighbours, which may take a while. */
export const explanationsSoFarSchema = z.object({ explained: explanationsSchema })
