/** Training on from a run's model: a new run that begins with its best weights. */
import type { RunRecord } from '../../../shared/domain/run'
import { openSummary } from '../../state/dataset'
import { draftFromModel } from '../../state/draft'
import { client } from '../../state/host'
import { go } from '../../state/place'
import { bestWeightsPath } from '../../state/starting-model'
import { withDataset } from './with-dataset'

/** Fills Configure from the model. The open dataset stays; where none is open, the run's own is opened, if it has one. */
export async function trainOnFrom(run: RunRecord): Promise<void> {
  const { config, directory } = await client().runs.get({ runId: run.run_id })
  draftFromModel({ backbone: config.backbone, head: config.head, imageSize: config.image_size, weights: bestWeightsPath(directory) })
  const configure = (): void => go('configure')
  if (openSummary() === null && run.dataset_root !== '') withDataset(run.dataset_root, configure)
  else configure()
}
