/** A run: one training from a configuration and a dataset, kept as a folder. */
import { z } from 'zod'
import { splitCountsSchema } from './dataset'
import { failureSchema } from './error'
import { classificationReportSchema, epochRecordSchema } from './metrics'
import { HEADS, runConfigSchema } from './run-config'

export const RUN_STATUSES = ['waiting', 'preparing', 'training', 'paused', 'evaluating', 'completed', 'stopped', 'interrupted', 'failed'] as const
export const runStatusSchema = z.enum(RUN_STATUSES)
export type RunStatus = z.infer<typeof runStatusSchema>

/** True while a trainer should be at work on the run. */
export function isLive(status: RunStatus): boolean {
  return status === 'waiting' || status === 'preparing' || status === 'training' || status === 'paused' || status === 'evaluating'
}

/** `run.json` in a run's folder: what the list of runs shows. Rewritten whole at each change of state. */
export const runRecordSchema = z.object({
  version: z.literal(1),
  run_id: z.string(),
  name: z.string(),
  /** `imported`: trained by another program, so that there is nothing to resume and no history. */
  origin: z.enum(['trained', 'imported']).default('trained'),
  dataset_root: z.string(),
  dataset_name: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  status: runStatusSchema,
  backbone: z.string(),
  preset: z.string().nullable(),
  classes: z.array(z.string()),
  counts: splitCountsSchema,
  epochs_planned: z.int(),
  epochs_done: z.int(),
  best_epoch: z.int().nullable(),
  best_metric: z.number().nullable(),
  monitor: z.string(),
  /** Accuracy on the held-out test pictures, or null where there is no test split or it is not known yet. */
  test_accuracy: z.number().nullable(),
  device: z.string().nullable(),
  /** Seconds of work over all sessions. */
  total_s: z.number(),
  /** Process that works on the run, while it is live. */
  owner_pid: z.int().nullable(),
  failure: failureSchema.nullable(),
})
export type RunRecord = z.infer<typeof runRecordSchema>

/** True when there is a model to look at, export and train on from: an imported one has no best epoch. */
export function hasModel(run: Pick<RunRecord, 'origin' | 'best_epoch' | 'status'>): boolean {
  return !isLive(run.status) && (run.origin === 'imported' || run.best_epoch !== null)
}

/** True when there are pictures to measure the run on. */
export function hasHeldOutPictures(run: Pick<RunRecord, 'counts'>): boolean {
  return run.counts.val > 0 || run.counts.test > 0
}

export const preparePhaseSchema = z.enum(['engine', 'weights', 'decoding', 'features', 'compiling'])
export type PreparePhase = z.infer<typeof preparePhaseSchema>

/** What happens in a run, in order. `--json` prints these; the studio's charts are made of them. */
export const runEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('start'),
    run_id: z.string(),
    run_dir: z.string(),
    device: z.string(),
    classes: z.array(z.string()),
    counts: splitCountsSchema,
    parameters: z.int(),
    trainable_parameters: z.int(),
    frozen_layers: z.int(),
    layers: z.int(),
    views: z.int(),
    prefix_cached: z.boolean(),
    config: runConfigSchema,
    resumed_from_epoch: z.int().nullable(),
  }),
  z.object({ event: z.literal('prepare'), phase: preparePhaseSchema, done: z.int(), total: z.int() }),
  /** A picture that decoding showed to be unusable. */
  z.object({ event: z.literal('set_aside'), path: z.string(), reason: z.string(), message: z.string() }),
  z.object({ event: z.literal('log'), level: z.enum(['info', 'warning']), message: z.string() }),
  z.object({
    event: z.literal('progress'),
    epoch: z.int(),
    phase: z.enum(['features', 'train', 'val']),
    done: z.int(),
    total: z.int(),
    loss: z.number().nullable(),
    accuracy: z.number().nullable(),
    images_per_second: z.number(),
    memory_bytes: z.number(),
    /** Seconds to the end of the last epoch, or null until it can be told. */
    time_left_s: z.number().nullable(),
  }),
  epochRecordSchema.extend({ event: z.literal('epoch') }),
  z.object({ event: z.literal('status'), status: runStatusSchema, message: z.string().nullable() }),
  z.object({ event: z.literal('error'), failure: failureSchema }),
  z.object({
    event: z.literal('done'),
    run_id: z.string(),
    run_dir: z.string(),
    status: runStatusSchema,
    best_epoch: z.int(),
    best_metric: z.number(),
    total_s: z.number(),
    /** On the held-out test pictures; null where there is no test split. */
    test: classificationReportSchema.nullable(),
  }),
])
export type RunEvent = z.infer<typeof runEventSchema>

/** An event with its place in the run's stream, so that a client can ask for what it missed. */
export const sequencedRunEventSchema = z.object({ sequence: z.int().nonnegative(), at: z.iso.datetime(), event: runEventSchema })
export type SequencedRunEvent = z.infer<typeof sequencedRunEventSchema>

/** `checkpoints/<name>/state.json`: everything of a checkpoint but the tensors. */
export const checkpointStateSchema = z.object({
  version: z.literal(1),
  backbone: z.string(),
  head: z.enum(HEADS),
  dropout: z.number(),
  num_classes: z.int(),
  classes: z.array(z.string()),
  image_size: z.int(),
  preprocessing: z.object({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3), interpolation: z.literal('bilinear') }),
  frozen_layers: z.int(),
  epoch: z.int().nonnegative(),
  /** Optimizer steps taken; dropout's counter and Adam's bias correction come from it. */
  step: z.int().nonnegative(),
  best_epoch: z.int().nullable(),
  best_metric: z.number().nullable(),
  monitor: z.string(),
  learning_rate: z.number(),
  plateau: z.object({ best: z.number().nullable(), bad_epochs: z.int() }),
  early_stopping: z.object({ best: z.number().nullable(), epochs_without_gain: z.int() }),
  history: z.array(epochRecordSchema),
  /** Bits depend on it, so a resumed run uses the stored number. */
  intra_op_threads: z.int().positive(),
  elapsed_s: z.number(),
  seed: z.int(),
})
export type CheckpointState = z.infer<typeof checkpointStateSchema>

/** `checkpoints/<name>/manifest.json`: names every member with its hash; written last. */
export const checkpointManifestSchema = z.object({
  version: z.literal(1),
  members: z.record(z.string(), z.object({ sha256: z.string(), sizeBytes: z.int().nonnegative() })),
})
export type CheckpointManifest = z.infer<typeof checkpointManifestSchema>
