/** What can be done to a list of stages, and the settings of one. Pure. */
import { t } from '@lingui/core/macro'
import type { RunConfig } from '../../../shared/domain/run-config'
import { plannedStages, type Stage, stageSchema, type StageSettings, totalEpochs } from '../../../shared/domain/stages'
import type { Setting } from './setting-fields'
import { OPTIMIZER_SETTINGS, SCHEDULE_SETTINGS, STOPPING_SETTINGS, TRAINING_SETTINGS } from './setting-tables'

type StageKey = keyof StageSettings
export type StageField = Setting<Exclude<StageKey, 'freeze' | 'freeze_ratio'>>

const isStageKey = (setting: Setting<keyof RunConfig>): setting is StageField =>
  ['learning_rate', 'backbone_learning_rate', 'layer_decay', 'scheduler', 'minimum_learning_rate', 'warmup_steps', 'early_stopping_patience', 'early_stopping_metric'].includes(setting.key) ||
  (setting.key.startsWith('scheduler_') && setting.kind !== 'range')

/** What a stage may have of its own, beside what it freezes. */
export const STAGE_FIELDS: readonly StageField[] = [...TRAINING_SETTINGS, ...OPTIMIZER_SETTINGS, ...SCHEDULE_SETTINGS, ...STOPPING_SETTINGS].filter(isStageKey)

export const START_WORDS: Readonly<Record<Stage['start_from'], string>> = { best: t`Best so far`, last: t`Last epoch` }
export const CARRY_WORDS: Readonly<Record<Stage['optimizer_state'], string>> = { restart: t`Fresh`, carry: t`Carried on` }

/** A stage with a value of its own, or, with undefined, the run's again. */
export function withValue<K extends keyof Stage>(stages: readonly Stage[], index: number, key: K, value: Stage[K] | undefined): Stage[] {
  return stages.map((stage, at) => (at === index ? stageSchema.parse({ ...stage, [key]: value }) : stage))
}

/** A stage's own freezing; a ratio that means nothing any more goes. Undefined: as the run. */
export function withFreezing(stages: readonly Stage[], index: number, freezing: Partial<Pick<RunConfig, 'freeze' | 'freeze_ratio'>> | undefined): Stage[] {
  const cleared = withValue(withValue(stages, index, 'freeze', undefined), index, 'freeze_ratio', undefined)
  if (freezing === undefined) return cleared
  const { freeze, freeze_ratio } = { ...stages[index], ...freezing }
  const chosen = withValue(cleared, index, 'freeze', freeze)
  return freeze === 'ratio' ? withValue(chosen, index, 'freeze_ratio', freeze_ratio) : chosen
}

/** One more at the end; a run that had none gets its own training as the first. The new one trains everything with a tenth of the rate before. */
export function withAnother(config: RunConfig): Stage[] {
  const before = plannedStages(config).at(-1)
  const first = config.stages.length === 0 ? [stageSchema.parse({ epochs: config.epochs })] : config.stages
  const rate = Number(((before?.learning_rate ?? config.learning_rate) / 10).toPrecision(3))
  return [...first, stageSchema.parse({ epochs: Math.max(1, Math.round((before?.epochs ?? 10) / 2)), freeze: 'none', learning_rate: rate })]
}

/** Head, then the later layers, then all with small steps: the usual three, over as many epochs as the run has, at least one each. */
export function inThree(config: RunConfig): Stage[] {
  const epochs = Math.max(3, totalEpochs(config))
  const head = Math.max(1, Math.round(epochs / 5))
  const late = Math.max(1, Math.round((epochs - head) / 2))
  return [
    stageSchema.parse({ name: t`Head`, epochs: head, freeze: 'all', learning_rate: 1e-3 }),
    stageSchema.parse({ name: t`Late layers`, epochs: late, freeze: 'stage', learning_rate: 1e-4 }),
    stageSchema.parse({ name: t`All layers`, epochs: Math.max(1, epochs - head - late), freeze: 'none', learning_rate: 5e-5, backbone_learning_rate: 1e-5 }),
  ]
}

export function withCopy(stages: readonly Stage[], index: number): Stage[] {
  return stages.flatMap((stage, at) => (at === index ? [stage, { ...stage, name: stage.name === null ? null : t`${{ name: stage.name }} again`.slice(0, 60) }] : [stage]))
}

export function withoutStage(stages: readonly Stage[], index: number): Stage[] {
  return stages.filter((_, at) => at !== index)
}

/** The stage at `from` comes to lie at `to`; a place beyond an end is that end. */
export function withMoved(stages: readonly Stage[], from: number, to: number): Stage[] {
  const moved = stages[from]
  if (moved === undefined) return [...stages]
  const rest = withoutStage(stages, from)
  rest.splice(Math.min(rest.length, Math.max(0, to)), 0, moved)
  return rest
}

/** The epochs of the run shared out among its stages as they are now, at least one each. */
export function withEpochs(stages: readonly Stage[], epochs: number): Stage[] {
  const total = stages.reduce((sum, stage) => sum + stage.epochs, 0)
  const parts = stages.map((stage) => Math.max(1, Math.floor((epochs * stage.epochs) / total)))
  const longest = parts.indexOf(Math.max(...parts))
  const rest = epochs - parts.reduce((sum, part) => sum + part, 0)
  return stages.map((stage, at) => ({ ...stage, epochs: Math.max(1, (parts[at] ?? 1) + (at === longest ? rest : 0)) }))
}

/** What a stage has of its own, by key. */
export function ownKeys(stage: Stage): ReadonlySet<string> {
  return new Set(Object.entries(stage).filter(([, value]) => value !== undefined).map(([key]) => key)) // prettier-ignore
}

/** A name as the schema takes it: none where it is empty. */
export function stageName(text: string): string | null {
  const name = text.trim().slice(0, 60)
  return name === '' ? null : name
}
