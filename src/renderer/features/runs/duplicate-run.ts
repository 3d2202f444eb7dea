/** A run's dataset and settings again, to change and train once more. */
import type { RunRecord } from '../../../shared/domain/run'
import { openSummary, splitDataset } from '../../state/dataset'
import { draftFrom } from '../../state/draft'
import { client } from '../../state/host'
import { go } from '../../state/place'
import { withDataset } from './with-dataset'

/** Fills Configure from the run. Its dataset is opened first where it is not open; if that fails, the Dataset screen says why. */
export async function duplicateRun(run: RunRecord): Promise<void> {
  const { config } = await client().runs.get({ runId: run.run_id })
  draftFrom(config, run.preset, run.name)
  const ratios = { train: config.train_ratio, val: config.val_ratio, test: config.test_ratio }

  withDataset(run.dataset_root, () => {
    const summary = openSummary()
    if (summary === null) return
    go('configure')
    const isSame = summary.seed === config.seed && Object.entries(ratios).every(([split, ratio]) => Math.abs(summary.ratios[split as keyof typeof ratios] - ratio) < 1e-9)
    if (!isSame) void splitDataset(ratios, config.seed)
  })
}
