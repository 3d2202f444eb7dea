/** Choosing a preset together with the split that it has. */
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { PresetName } from '../../shared/domain/presets'
import { splitDataset } from './dataset'
import { choosePreset, useDraft } from './draft'
import { ratiosAfter } from './recipe-split'

export function chooseRecipe(preset: PresetName, dataset: DatasetSummary): void {
  const ratios = ratiosAfter(useDraft.getState().preset, preset, dataset)
  choosePreset(preset)
  if (ratios !== null) void splitDataset(ratios, dataset.seed)
}
