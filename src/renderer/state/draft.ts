/** The run being configured: a preset and what was changed from it. */
import { create } from 'zustand'
import type { DatasetSummary } from '../../shared/domain/dataset'
import { DEFAULT_PRESET, PRESET_CONFIGS, type OwnPresetName } from '../../shared/domain/presets'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../shared/domain/run-config'

/** Kept by the dataset, not by the draft: changing them draws the split again. */
const SPLIT_KEYS = ['train_ratio', 'val_ratio', 'test_ratio', 'seed'] as const

export interface Draft {
  preset: OwnPresetName
  changes: Partial<RunConfig>
  name: string
  /** Where the values came from, when a run was duplicated. */
  copiedFrom: string | null
}

export const useDraft = create<Draft>(() => ({ preset: DEFAULT_PRESET, changes: {}, name: '', copiedFrom: null }))

/** What a setting is when nothing was changed. */
export function presetConfig(preset: OwnPresetName): RunConfig {
  return { ...DEFAULT_RUN_CONFIG, ...PRESET_CONFIGS[preset] }
}

export function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Every setting of the run to be. The split comes from the dataset. */
export function draftConfig(draft: Pick<Draft, 'preset' | 'changes'>, dataset: DatasetSummary | null): RunConfig {
  const config = { ...presetConfig(draft.preset), ...draft.changes }
  if (dataset === null) return config
  const { train, val, test } = dataset.ratios
  return { ...config, train_ratio: train, val_ratio: val, test_ratio: test, seed: dataset.seed }
}

/** Changes that differ from the preset, the split left out. */
export function realChanges(preset: OwnPresetName, changes: Partial<RunConfig>): Partial<RunConfig> {
  const base: Record<string, unknown> = presetConfig(preset)
  const split: readonly string[] = SPLIT_KEYS
  return Object.fromEntries(Object.entries(changes).filter(([key, value]) => !split.includes(key) && !sameValue(value, base[key])))
}

export function setSetting<K extends keyof RunConfig>(key: K, value: RunConfig[K]): void {
  useDraft.setState(({ preset, changes }) => ({ changes: realChanges(preset, { ...changes, [key]: value }) }))
}

export function resetSetting(key: keyof RunConfig): void {
  useDraft.setState(({ changes }) => {
    const { [key]: _, ...rest } = changes
    return { changes: rest }
  })
}

export function choosePreset(preset: OwnPresetName): void {
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
  useDraft.setState(({ preset, changes }) => {
    // The stages of one network are not another's.
    const { freeze, ...rest } = changes
    const kept = Array.isArray(freeze) && { ...presetConfig(preset), ...changes }.backbone !== backbone ? rest : changes
    return { changes: realChanges(preset, { ...kept, backbone, head, image_size: imageSize, weights }) }
  })
}

/** Fills the draft from a run's configuration. */
export function draftFrom(config: RunConfig, preset: string | null, name: string): void {
  const known = preset === 'fast' || preset === 'balanced' || preset === 'best' ? preset : DEFAULT_PRESET
  useDraft.setState({ preset: known, changes: realChanges(known, config), name: `${name} copy`.slice(0, 200), copiedFrom: name })
}
