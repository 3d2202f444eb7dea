/** The split that goes with a preset: some recipes hold nothing out. Pure. */
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { PresetName } from '../../shared/domain/presets'
import type { RunConfig } from '../../shared/domain/run-config'
import { presetConfig } from './draft'

type Ratios = DatasetSummary['ratios']

const ratiosOf = ({ train_ratio, val_ratio, test_ratio }: RunConfig): Ratios => ({ train: train_ratio, val: val_ratio, test: test_ratio })
const isSame = (a: Ratios, b: Ratios): boolean => (['train', 'val', 'test'] as const).every((split) => Math.abs(a[split] - b[split]) < 1e-9)

/** The ratios to draw anew when the preset changes; null where a split that was chosen by hand or by the folders stays. */
export function ratiosAfter(before: PresetName, after: PresetName, dataset: Pick<DatasetSummary, 'layout' | 'ratios'>): Ratios | null {
  const wanted = ratiosOf(presetConfig(after))
  if (dataset.layout !== 'folder-per-class' || isSame(dataset.ratios, wanted)) return null
  return isSame(dataset.ratios, ratiosOf(presetConfig(before))) ? wanted : null
}
