/** What is measured: one record an epoch, one report an evaluation. Fractions are of 1. */
import { z } from 'zod'
import { splitSchema } from './dataset'

export const epochRecordSchema = z.object({
  epoch: z.int().positive(),
  train_loss: z.number(),
  train_accuracy: z.number(),
  val_loss: z.number(),
  val_accuracy: z.number(),
  val_macro_f1: z.number(),
  /** The rate this epoch trained with. */
  learning_rate: z.number(),
  seconds: z.number(),
  images_per_second: z.number(),
  /** Resident memory of the trainer at the end of the epoch. */
  memory_bytes: z.number(),
  /** Best by the run's monitor so far. */
  is_best: z.boolean(),
  /** Rows are the truth, columns the prediction, on the validation pictures. */
  confusion_matrix: z.array(z.array(z.int().nonnegative())),
})
export type EpochRecord = z.infer<typeof epochRecordSchema>

const averageSchema = z.object({ precision: z.number(), recall: z.number(), f1: z.number() })

/** Classification metrics as scikit-learn defines them (zero where a ratio is 0/0). */
export const classificationReportSchema = z.object({
  count: z.int().nonnegative(),
  loss: z.number(),
  accuracy: z.number(),
  macro: averageSchema,
  weighted: averageSchema,
  classes: z.array(averageSchema.extend({ name: z.string(), support: z.int().nonnegative() })),
  confusion_matrix: z.array(z.array(z.int().nonnegative())),
  /** Each row divided by its sum; a row without pictures is all zero. */
  confusion_matrix_normalized: z.array(z.array(z.number())),
})
export type ClassificationReport = z.infer<typeof classificationReportSchema>

export const predictionSchema = z.object({
  /** Relative to the dataset's root. */
  path: z.string(),
  truth: z.int().nonnegative(),
  prediction: z.int().nonnegative(),
  probabilities: z.array(z.number()),
})
export type Prediction = z.infer<typeof predictionSchema>

export const evaluationSchema = z.object({
  split: splitSchema,
  checkpoint: z.enum(['best', 'latest', 'export']),
  /** The epoch of the checkpoint that was measured; null for an export, missing in files of older versions. */
  checkpoint_epoch: z.int().nonnegative().nullable().optional(),
  classes: z.array(z.string()),
  report: classificationReportSchema,
  predictions: z.array(predictionSchema),
})
export type Evaluation = z.infer<typeof evaluationSchema>
