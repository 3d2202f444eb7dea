/**
 * A training as a list of stages, each with its epochs, its freezing and its learning rates. A run without stages is one stage. What
 * a stage leaves out it takes from the run.
 */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { FREEZINGS, metricNameSchema, SCHEDULERS } from './training-choices'

const fraction = z.number().min(0).max(1)

export const freezeSchema = z.union([z.enum(FREEZINGS), z.array(z.string().min(1)).min(1)])

/** What a stage may have of its own and the run has for all of them. */
export const stageSettingShape = {
  freeze: freezeSchema.describe(t`What keeps its weights: ratio (see freeze_ratio), stage (the early stages), all, none, or a list of layers and stages`),
  freeze_ratio: fraction.describe(t`Share of the backbone that keeps its weights: 1 all, 0 none`),
  learning_rate: z.number().min(0).max(10).describe(t`Step size of the optimizer at the start; with backbone_learning_rate, of the head`),
  backbone_learning_rate: z.number().min(0).max(10).nullable().describe(t`Step size for the backbone; empty: the same`),
  layer_decay: z.number().gt(0).max(1).describe(t`What the learning rate is multiplied by from each stage of the backbone to the one before it; 1: the same for all`),
  scheduler: z.enum(SCHEDULERS).describe(t`How the learning rate falls`),
  scheduler_metric: metricNameSchema.describe(t`What the plateau schedule watches`),
  scheduler_factor: z.number().gt(0).lt(1).describe(t`Plateau: what the learning rate is multiplied by`),
  scheduler_patience: z.int().nonnegative().describe(t`Plateau: bad epochs that are let pass`),
  scheduler_step_size: z.int().min(1).max(10_000).describe(t`Step: epochs after which the learning rate falls`),
  scheduler_gamma: z.number().gt(0).max(1).describe(t`Step: what the learning rate is multiplied by`),
  minimum_learning_rate: z.number().min(0).describe(t`The learning rate never falls below this`),
  warmup_steps: z.int().min(0).max(1_000_000).describe(t`Optimizer steps over which the learning rate rises from nothing`),
  early_stopping_patience: z.int().nonnegative().describe(t`Epochs without a gain after which training stops; 0: never`),
  early_stopping_metric: metricNameSchema.describe(t`What early stopping watches`),
}
export type StageSettings = { [K in keyof typeof stageSettingShape]: z.infer<(typeof stageSettingShape)[K]> }
export const STAGE_SETTINGS = Object.keys(stageSettingShape) as (keyof StageSettings)[]

export const STAGE_STARTS = ['best', 'last'] as const
export const OPTIMIZER_CARRIES = ['restart', 'carry'] as const

export const stageSchema = z.strictObject({
  name: z.string().min(1).max(60).nullable().default(null).describe(t`What the stage is called in charts`),
  epochs: z.int().min(1).max(10_000).default(10).describe(t`Times the training pictures are gone through in this stage`),
  start_from: z.enum(STAGE_STARTS).default('best').describe(t`best: go on from the best epoch so far, so that a stage without a gain is rolled back; last: from where the one before ended`),
  optimizer_state: z.enum(OPTIMIZER_CARRIES).default('restart').describe(t`restart: begin with a fresh optimizer; carry: keep its running averages`),
  ...z.strictObject(stageSettingShape).partial().shape,
})
export type Stage = z.infer<typeof stageSchema>

/** A stage with every setting filled in, and where it lies in the run. */
export interface PlannedStage extends StageSettings {
  /** From 1. */
  readonly index: number
  readonly name: string
  /** The run's epoch, from 1, that is the stage's first. */
  readonly firstEpoch: number
  readonly epochs: number
  readonly start_from: Stage['start_from']
  readonly optimizer_state: Stage['optimizer_state']
}

export type StagedConfig = StageSettings & { readonly epochs: number; readonly stages: readonly Stage[] }

/** The stages of a run in order; one where it names none. */
export function plannedStages(config: StagedConfig): PlannedStage[] {
  const run = Object.fromEntries(STAGE_SETTINGS.map((key) => [key, config[key]])) as unknown as StageSettings
  if (config.stages.length === 0) {
    return [{ ...run, index: 1, name: t`Training`, firstEpoch: 1, epochs: config.epochs, start_from: 'best', optimizer_state: 'restart' }]
  }
  let firstEpoch = 1
  return config.stages.map((stage, i) => {
    const { name, epochs, start_from, optimizer_state, ...own } = stage
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
    const planned: PlannedStage = { ...run, ...given, index: i + 1, name: name ?? t`Stage ${{ number: i + 1 }}`, firstEpoch, epochs, start_from, optimizer_state }
    firstEpoch += epochs
    return planned
  })
}

/** Epochs of all stages together. */
export function totalEpochs(config: Pick<StagedConfig, 'epochs' | 'stages'>): number {
  return config.stages.length === 0 ? config.epochs : config.stages.reduce((sum, stage) => sum + stage.epochs, 0)
}

/** The stage that an epoch of the run (from 1) belongs to, as far as no stage ends early. */
export function stageOfEpoch(stages: readonly PlannedStage[], epoch: number): PlannedStage {
  const found = stages.findLast((stage) => stage.firstEpoch <= epoch) ?? stages[0]
  if (found === undefined) throw new Error('A run has at least one stage')
  return found
}
