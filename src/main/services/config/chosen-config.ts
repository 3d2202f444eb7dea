/** What a new run starts from: its configuration in full, and the split of its pictures. */
import type { Manifest } from '../../../shared/domain/dataset'
import type { PresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { splitDataset } from '../../dataset/split'
import type { OpenDataset } from '../datasets'
import { combineConfig } from './run-config'

/** The configuration in full and the split that goes with it. */
export function chooseConfig(dataset: OpenDataset, input: { preset: PresetName | null; config: Partial<RunConfig> }): { preset: string; config: RunConfig; manifest: Manifest } {
  const chosen = dataset.isSplitChosen ? dataset.manifest : null
  const { config: flags } = input
  const isRatioGiven = flags.train_ratio !== undefined || flags.val_ratio !== undefined || flags.test_ratio !== undefined
  const { config, preset } = combineConfig({ preset: input.preset, flags })
  // A split that was chosen by hand is kept unless the configuration asks for other ratios.
  const ratios = chosen !== null && !isRatioGiven ? chosen.ratios : { train: config.train_ratio, val: config.val_ratio, test: config.test_ratio }
  return { preset, config, manifest: splitDataset(dataset.scan, ratios, chosen?.seed ?? config.seed) }
}
