/** Where the time of a training went: `profile.json` in the run's folder, written by `graft train --profile`. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'

/** What the trainer's main thread may be at. Each moment counts for one of them, so that together they are the whole time. */
export const PHASES = {
  command: { title: t`Before the trainer`, means: t`the command itself: reading the folder, settings, waiting for the machine, earlier attempts` },
  start: { title: t`Start`, means: t`the trainer’s process, loading TensorFlow` },
  pictures: { title: t`Reading pictures`, means: t`decoding, or reading the cache; waiting for the pictures of a batch to be read` },
  weights: { title: t`Starting weights`, means: t`reading or drawing the weights that the run begins with, or its checkpoint` },
  choices: { title: t`Batch size, precision`, means: t`measuring what was left on auto` },
  compiling: { title: t`Compiling`, means: t`writing and loading the graphs, and the first pass of every shape, its work included` },
  augmentation: { title: t`Augmentation`, means: t`waiting for the threads that augment; what they do beside other phases costs no time here` },
  features: { title: t`Frozen part`, means: t`computing what the frozen part gives` },
  kept_features: { title: t`Kept features`, means: t`looking for, reading and writing what the frozen part gave` },
  steps: { title: t`Training steps`, means: t`forward, backward and update, feeding included` },
  validation: { title: t`Validation`, means: t`the validation pictures after each epoch` },
  checkpoints: { title: t`Checkpoints, history`, means: t`copying the state out, writing it and the history` },
  evaluation: { title: t`Evaluating the best`, means: t`the best checkpoint on the held-out pictures, at the end` },
  figures: { title: t`Figures, report`, means: t`drawing and writing them, at the end` },
  paused: { title: t`Paused`, means: t`waiting while paused` },
  other: { title: t`Other`, means: t`what none of these covers: the loop between the steps, messages, small files` },
} as const

export type Phase = keyof typeof PHASES
export const PHASE_NAMES = Object.keys(PHASES) as [Phase, ...Phase[]]

const milliseconds = z.number().nonnegative()
/** A difference of two times, which noise may take below zero. */
const difference = z.number()

/** One training step taken apart, by running parts of its graph. */
export const layerTimesSchema = z.strictObject({
  /** Stage of the run whose network it is, from 1. */
  stage: z.number().int().positive(),
  batch_size: z.number().int().positive(),
  image_size: z.number().int().positive(),
  precision: z.string(),
  /** The run gathers several passes a step; here one pass is followed by its update. */
  gathers: z.boolean(),
  /** The layer after which the step begins, where what comes before it ran ahead. */
  after: z.string().nullable(),
  /** How it was measured. */
  method: z.string(),
  /** How often every part was timed. */
  repeats: z.number().int().positive(),
  /** Median of the whole step, timed in between. */
  step_ms: milliseconds,
  /** In the order of computation. */
  rows: z.array(z.strictObject({ name: z.string(), layers: z.number().int().positive(), forward_ms: difference, backward_ms: difference })),
  loss_ms: difference,
  /** Gradient norm, running statistics, optimizer. */
  update_ms: difference,
  /** The whole step less all of the above. */
  remainder_ms: difference,
})
export type LayerTimes = z.infer<typeof layerTimesSchema>

const primitiveGroupSchema = z.strictObject({ kind: z.string(), implementation: z.string(), count: z.number().nonnegative(), ms: milliseconds })
const primitiveShapeSchema = primitiveGroupSchema.extend({ propagation: z.string(), types: z.string(), shape: z.string() })

/** What oneDNN says it ran in a training step; counts and times are of one step. */
export const primitivesSchema = z.discriminatedUnion('available', [
  z.strictObject({
    available: z.literal(true),
    version: z.string(),
    instructions: z.string(),
    /** Steps that were listened to. */
    steps: z.number().int().positive(),
    /** Mean time of those steps, which telling makes longer. */
    step_ms: milliseconds,
    /** In all primitives together; several may run at a time. */
    total_ms: milliseconds,
    groups: z.array(primitiveGroupSchema),
    /** The costliest. */
    shapes: z.array(primitiveShapeSchema),
  }),
  z.strictObject({ available: z.literal(false), reason: z.string() }),
])
export type Primitives = z.infer<typeof primitivesSchema>

export const profileSchema = z.strictObject({
  version: z.literal(1),
  run_id: z.string(),
  written_at: z.string(),
  /** What this session of the run began after; null for the whole run. */
  resumed_from_epoch: z.number().int().nonnegative().nullable(),
  epochs: z.number().int().nonnegative(),
  device: z.string(),
  processor: z.string(),
  /** From the command's start to the trainer's end, and where it went: the parts add up to it. */
  total_s: z.number().nonnegative(),
  phases: z.array(z.strictObject({ phase: z.enum(PHASE_NAMES), seconds: z.number().nonnegative(), times: z.number().int().nonnegative() })),
  /** Work of other threads beside the main one; no part of `total_s`. Seconds of all threads together. */
  beside: z.strictObject({ augmentation_s: z.number().nonnegative() }),
  /** Null until it is measured, which happens after the training. */
  layers: layerTimesSchema.nullable(),
  primitives: primitivesSchema.nullable(),
})
export type Profile = z.infer<typeof profileSchema>
