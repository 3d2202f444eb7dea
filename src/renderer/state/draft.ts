/** The run being configured: a preset and what was changed from it. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import { layerConfig } from '../../shared/domain/config-layers'
import type { DatasetSummary } from '../../shared/domain/dataset'
import { DEFAULT_PRESET, PRESET_CONFIGS, type PresetName, presetNameSchema } from '../../shared/domain/presets'
import type { Augmentation, RunConfig } from '../../shared/domain/run-config'
import type { Stage } from '../../shared/domain/stages'

/** Kept by the dataset, not by the draft: changing them draws the split again. */
export const SPLIT_KEYS = ['train_ratio', 'val_ratio', 'test_ratio', 'seed'] as const

/** What differs from the preset. Of the augmentation only the parts that do; stages are given whole. */
export type DraftChanges = Partial<Omit<RunConfig, 'augmentation'>> & { augmentation?: Partial<Augmentation> }

export interface Draft {
  preset: PresetName
  changes: DraftChanges
  name: string
  /** Where the values came from, when a run was duplicated. */
  copiedFrom: string | null
}

export const useDraft = create<Draft>(() => ({ preset: DEFAULT_PRESET, changes: {}, name: '', copiedFrom: null }))

/** The preset of that name; the usual one where there is none. */
export function knownPreset(name: string | null): PresetName {
  return presetNameSchema.safeParse(name).data ?? DEFAULT_PRESET
}

/** What a setting is when nothing was changed. */
export function presetConfig(preset: PresetName): RunConfig {
  return layerConfig([{ source: 'preset', values: PRESET_CONFIGS[preset] }]).config
}

export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Every setting of the run to be. The split comes from the dataset. */
export function draftConfig(draft: Pick<Draft, 'preset' | 'changes'>, dataset: DatasetSummary | null): RunConfig {
  const { config } = layerConfig([
    { source: 'preset', values: PRESET_CONFIGS[draft.preset] },
    { source: 'flag', values: draft.changes },
  ])
  if (dataset === null) return config
  const { train, val, test } = dataset.ratios
  return { ...config, train_ratio: train, val_ratio: val, test_ratio: test, seed: dataset.seed }
}

/** The amounts that stand before single ones are changed: the preset's, or those of a policy that was chosen instead. */
export function baseAugmentation({ preset, changes }: Pick<Draft, 'preset' | 'changes'>): Augmentation {
  const { augmentation_policy } = changes
  return draftConfig({ preset, changes: augmentation_policy === undefined ? {} : { augmentation_policy } }, null).augmentation
}

/** Changes that differ from the preset, the split left out. */
export function realChanges(preset: PresetName, changes: DraftChanges): DraftChanges {
  const base: Record<string, unknown> = presetConfig(preset)
  const split: readonly string[] = SPLIT_KEYS
  const { augmentation = {}, ...keys } = changes
  const real: DraftChanges = Object.fromEntries(Object.entries(keys).filter(([key, value]) => value !== undefined && !split.includes(key) && !sameValue(value, base[key])))
  const amounts = new Map<string, unknown>(Object.entries(baseAugmentation({ preset, changes: real })))
  const parts = Object.entries(augmentation).filter(([key, value]) => value !== undefined && !sameValue(value, amounts.get(key)))
  return parts.length === 0 ? real : { ...real, augmentation: Object.fromEntries(parts) }
}

function change(next: (draft: Draft) => DraftChanges): void {
  useDraft.setState((draft) => ({ changes: realChanges(draft.preset, next(draft)) }))
}

export function setSetting<K extends keyof RunConfig>(key: K, value: RunConfig[K]): void {
  change(({ changes }) => ({ ...changes, [key]: value }))
}

/** One part of the augmentation; the others stay as they are. */
export function setAugmentation<K extends keyof Augmentation>(key: K, value: Augmentation[K]): void {
  change(({ changes }) => ({ ...changes, augmentation: { ...changes.augmentation, [key]: value } }))
}

/** A policy sets every amount; parts that were changed by hand go, as the policy's own are what is asked for. */
export function choosePolicy(policy: RunConfig['augmentation_policy']): void {
  change(({ preset, changes }) => {
    const { augmentation: _, augmentation_policy: __, ...rest } = changes
    if (policy !== null) return { ...rest, augmentation_policy: policy }
    // Without a policy the amounts stay as they were, each by itself.
    const amounts = draftConfig({ preset, changes }, null).augmentation
    return { ...rest, augmentation_policy: null, augmentation: amounts }
  })
}

/** The stages are given whole; the epochs are then theirs together. No stages: the run's epochs stay as many. */
export function setStages(stages: readonly Stage[], epochs?: number): void {
  change(({ changes }) => {
    const { epochs: _, ...rest } = changes
    return { ...rest, stages: [...stages], ...(epochs === undefined ? {} : { epochs }) }
  })
}

export function resetSetting(key: keyof RunConfig): void {
  change(({ changes }) => {
    const { [key]: _, ...rest } = changes
    return rest
  })
}

/** Back to the amount that the policy or the preset has. */
export function resetAugmentation(key: keyof Augmentation): void {
  change(({ changes }) => {
    const { [key]: _, ...augmentation } = changes.augmentation ?? {}
    return { ...changes, augmentation }
  })
}

export function choosePreset(preset: PresetName): void {
  useDraft.setState(({ changes }) => ({ preset, changes: realChanges(preset, changes) }))
}

export function resetDraft(): void {
  useDraft.setState({ changes: {}, copiedFrom: null })
}

/** What a run gives to one that trains on from its model. */
export interface StartingModel {
  backbone: RunConfig['backbone']
  head: RunConfig['head']
  imageSize: number
  /** The file of its best weights. */
  weights: string
}

/** The run to be begins with this model; how it is trained stays as it was set. */
export function draftFromModel({ backbone, head, imageSize, weights }: StartingModel): void {
  change(({ preset, changes }) => {
    const kept = draftConfig({ preset, changes }, null).backbone === backbone ? changes : withoutLayerNames(changes)
    return { ...kept, backbone, head, image_size: imageSize, weights }
  })
}

/** The layers of one network are not another's: lists of them go. */
export function withoutLayerNames(changes: DraftChanges): DraftChanges {
  const { freeze, stages, ...rest } = changes
  return {
    ...rest,
    ...(freeze === undefined || Array.isArray(freeze) ? {} : { freeze }),
    ...(stages === undefined ? {} : { stages: stages.map(({ freeze: own, ...stage }) => (own === undefined || Array.isArray(own) ? stage : { ...stage, freeze: own })) }),
  }
}

/** Fills the draft from a run's configuration. */
export function draftFrom(config: RunConfig, preset: string | null, name: string): void {
  const known = knownPreset(preset)
  const { epochs, ...rest } = config
  const changes = realChanges(known, config.stages.length === 0 ? { ...rest, epochs } : rest)
  useDraft.setState({ preset: known, changes, name: t`${name} copy`.slice(0, 200), copiedFrom: name })
}
