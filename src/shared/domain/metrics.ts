/** What is measured: one record an epoch, one report an evaluation. Fractions are of 1. */
import { z } from 'zod'
import { splitSchema } from './dataset'

export const epochRecordSchema = z.object({
  epoch: z.int().positive(),
  /** From 1; runs without stages have one. */
  stage: z.int().positive().default(1),
  train_loss: z.number(),
  train_accuracy: z.number(),
  val_loss: z.number(),
  val_accuracy: z.number(),
  val_macro_f1: z.number(),
  /** The rate this epoch trained with. */
  learning_rate: z.number(),
  /** The same by parameter group: all, or head and backbone, or each child of the network. */
  learning_rates: z.record(z.string(), z.number()).default({}),
  /** Mean over the epoch's steps of the gradients' global norm before clipping. */
  gradient_norm: z.number().nullable().default(null),
  seconds: z.number(),
  images_per_second: z.number(),
  /** Resident memory of the trainer at the end of the epoch. */
  memory_bytes: z.number(),
  /** TensorFlow's tensors alive between two steps. */
  tensors: z.int().nullable().default(null),
  /** Best by the run's monitor so far. */
  is_best: z.boolean(),
  /** Rows are the truth, columns the prediction, on the validation pictures. */
  confusion_matrix: z.array(z.array(z.int().nonnegative())),
})
export type EpochRecord = z.infer<typeof epochRecordSchema>

const averageSchema = z.object({ precision: z.number(), recall: z.number(), f1: z.number() })

export const intervalSchema = z.object({
  low: z.number(),
  high: z.number(),
  /** Wilson's score interval where every picture is right, or none: then there is nothing to draw differently. */
  method: z.enum(['bootstrap', 'wilson']),
})
export type MeasuredInterval = z.infer<typeof intervalSchema>

/** The answers as the model gives them, or at another temperature. */
export const reliabilitySchema = z.object({
  expected_calibration_error: z.number(),
  negative_log_likelihood: z.number(),
  /** Equal widths; each is (low, high]. Means are 0 where there is no picture. */
  bins: z.array(z.object({ low: z.number(), high: z.number(), count: z.int().nonnegative(), confidence: z.number(), accuracy: z.number() })),
})
export type ReliabilityReport = z.infer<typeof reliabilitySchema>

export const calibrationSchema = z.object({
  /** Of the model as it is. */
  before: reliabilitySchema,
  /** By which the logits are divided: fitted on the validation pictures. Null where it cannot be: see `temperature_missing`. */
  temperature: z.number().positive().nullable(),
  /** The answers of this split at that temperature. */
  after: reliabilitySchema.nullable(),
  temperature_missing: z.enum(['no validation pictures', 'every answer is right', 'no better than chance']).nullable(),
})
export type Calibration = z.infer<typeof calibrationSchema>

/** Classification metrics as scikit-learn defines them (zero where a ratio is 0/0). What may be missing is not in files of older versions. */
export const classificationReportSchema = z.object({
  count: z.int().nonnegative(),
  loss: z.number(),
  accuracy: z.number(),
  /** Mean recall of the classes that occur. */
  balanced_accuracy: z.number().optional(),
  /** The figure to look at first: balanced accuracy where the largest class has more than three times the pictures of the smallest. */
  leading: z.enum(['accuracy', 'balanced_accuracy']).optional(),
  /** 95 % intervals: percentile bootstrap over the pictures. Null where they cannot be told. */
  intervals: z
    .object({ resamples: z.int().positive(), accuracy: intervalSchema, balanced_accuracy: intervalSchema.nullable(), macro_f1: intervalSchema.nullable() })
    .optional(),
  macro: averageSchema,
  weighted: averageSchema,
  classes: z.array(
    averageSchema.extend({
      name: z.string(),
      support: z.int().nonnegative(),
      /** This class against all others, by its probability; null where it has no picture, or every one. */
      roc_auc: z.number().nullable().optional(),
      average_precision: z.number().nullable().optional(),
      /** The probability from which on a picture is best said to be of the class: the largest F1 on the validation pictures. The scores are of this split. */
      threshold: averageSchema.extend({ probability: z.number() }).nullable().optional(),
    }),
  ),
  calibration: calibrationSchema.optional(),
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
