/** A run: one training from a configuration and a dataset, kept as a folder. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { splitCountsSchema } from './dataset'
import { failureSchema } from './error'
import { fixCountsSchema } from './fix-since'
import { classificationReportSchema, epochRecordSchema } from './metrics'
import { HEADS, runConfigSchema } from './run-config'

export const RUN_STATUSES = ['queued', 'waiting', 'preparing', 'training', 'paused', 'evaluating', 'completed', 'stopped', 'interrupted', 'failed'] as const
export const runStatusSchema = z.enum(RUN_STATUSES)
export type RunStatus = z.infer<typeof runStatusSchema>

/** True while a process has the run in hand: at work, paused, or waiting for the machine. One in the queue is in nobody's. */
export function isLive(status: RunStatus): boolean {
  return status === 'waiting' || status === 'preparing' || status === 'training' || status === 'paused' || status === 'evaluating'
}

/** What settings that were left open became, by the path of the setting: `batch_size`, `weights`. */
export const resolvedSettingsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
export type ResolvedSettings = z.infer<typeof resolvedSettingsSchema>

/** What the numbers of a run depend on beside its settings and pictures: versions, processor, threads. */
export const runEnvironmentSchema = z.record(z.string(), z.union([z.string(), z.number()]))
export type RunEnvironment = z.infer<typeof runEnvironmentSchema>

/** Words to find a run by: short, without a comma, which separates them where they are typed. */
export const runTagSchema = z.string().trim().min(1).max(40).regex(/^[^,\p{Cc}]*$/u, t`A tag has no comma and stands on one line`)
export const MOST_TAGS = 20
export const runNoteSchema = z.string().max(4000)

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
  /** The same metric after the newest epoch; null in records of older versions. */
  last_metric: z.number().nullable().default(null),
  monitor: z.string(),
  resolved: resolvedSettingsSchema.default({}),
  environment: runEnvironmentSchema.default({}),
  /** The run that this one is to come out equal to, and the threads that one had. */
  reproduces: z.object({ run_id: z.string(), threads: z.int().positive().nullable() }).nullable().default(null),
  /** The run whose best weights, settings and split this one was trained again from, and what was decided about the pictures between the two. */
  retrains: z.object({ run_id: z.string(), name: z.string(), fixes: fixCountsSchema }).optional(),
  /** Accuracy on the held-out test pictures, or null where there is no test split or it is not known yet. */
  test_accuracy: z.number().nullable(),
  device: z.string().nullable(),
  /** Seconds of work over all sessions. */
  total_s: z.number(),
  /** Process that works on the run, while it is live. */
  owner_pid: z.int().nullable(),
  failure: failureSchema.nullable(),
  /** What somebody wrote on the run, to find it again; it changes nothing of it. */
  tags: z.array(runTagSchema).max(MOST_TAGS).default([]),
  note: runNoteSchema.default(''),
  /** Out of the way: not listed unless asked for. */
  archived: z.boolean().default(false),
})
export type RunRecord = z.infer<typeof runRecordSchema>

/** True when every word of the search is in the run's name, network, dataset, preset, tags or note, in whatever case. */
export function isFoundBy(run: RunRecord, search: string): boolean {
  const text = [run.name, run.backbone, run.dataset_name, run.preset ?? '', run.note, ...run.tags].join('\n').toLocaleLowerCase('en')
  return search.toLocaleLowerCase('en').split(/\s+/).every((word) => text.includes(word))
}

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
    resolved: resolvedSettingsSchema.default({}),
    environment: runEnvironmentSchema.default({}),
    resumed_from_epoch: z.int().nullable(),
  }),
  /** A stage begins. Told of runs that have several. */
  z.object({
    event: z.literal('stage'),
    stage: z.int().positive(),
    name: z.string(),
    stages: z.int().positive(),
    /** The run's epoch, from 1, that is the stage's first. */
    first_epoch: z.int().positive(),
    epochs: z.int().positive(),
    frozen_layers: z.int(),
    layers: z.int(),
    trainable_parameters: z.int(),
    views: z.int(),
    prefix_cached: z.boolean(),
    /** At its start, by parameter group. */
    learning_rates: z.record(z.string(), z.number()),
    /** Epoch whose weights it goes on from; null: the run's start. */
    from_epoch: z.int().nullable(),
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
  /** Stage at hand, from 1, and how many of its epochs are over; null in files of older versions: all of them. */
  stage: z.int().positive().default(1),
  stage_epoch: z.int().nonnegative().nullable().default(null),
  /** Optimizer steps taken; Adam's bias correction comes from it. */
  step: z.int().nonnegative(),
  /** Passes forward and backward, dropout's counter; null in files of older versions, where it was the step. */
  pass: z.int().nonnegative().nullable().default(null),
  /** Steps taken before each stage. */
  stage_starts: z.array(z.int().nonnegative()).default([0]),
  /** How far the epoch after `epoch` has come; null between two. */
  position: z
    .object({ steps: z.int().positive(), loss_sum: z.number(), hits: z.int(), pictures: z.int(), norm_sum: z.number(), seconds: z.number() })
    .nullable()
    .default(null),
  best_epoch: z.int().nullable(),
  best_metric: z.number().nullable(),
  monitor: z.string(),
  learning_rate: z.number(),
  /** Of each parameter group; null in files of older versions, which had one. */
  learning_rates: z.array(z.number()).nullable().default(null),
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
