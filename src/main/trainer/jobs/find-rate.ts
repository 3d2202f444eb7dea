/** `find-rate`: the learning-rate range test for the first stage of a configuration, in a process and on weights of its own. */
import { RATE_STEPS, type RateFinderResult } from '../../../shared/domain/rate-finder'
import { Cancelled, GraftError } from '../../../shared/domain/error'
import { assumedBatchSize } from '../../../shared/domain/run-config'
import { withSetAside } from '../../dataset/split'
import { NetworkSession } from '../../engine/runtime/network-session'
import { loadTensorFlow } from '../../engine/runtime/tensorflow'
import { criterionOf } from '../../engine/train/criterion'
import { Heads } from '../../engine/train/heads'
import { findRate } from '../../engine/train/rate-finder'
import { featureCacheDirectory } from '../../storage/paths'
import { FEATURE_BUDGET_BYTES } from '../feature-budget'
import type { Job } from '../messages'
import { loadPictures, pictureSource } from '../pictures'
import { startingWeights } from '../pretrained'
import { compileRun, runNetwork } from '../run-session'
import { type JobContext, yieldToMessages } from './context'

/** @throws GraftError BAD_INPUT where there is nothing to train on */
export async function runFindRateJob({ config, manifest }: Extract<Job, { kind: 'find-rate' }>, context: JobContext): Promise<RateFinderResult> {
  loadTensorFlow()
  const { signal } = context.control
  const { store, setAside } = await loadPictures(manifest, {
    imageSize: config.image_size,
    workers: config.num_workers,
    wantsWhole: config.augment && config.augmentation.random_resized_crop,
    signal,
    onProgress: (done, total) => {
      context.progress('Decoding pictures', done, total)
    },
  })
  const usable = withSetAside(manifest, setAside)
  const source = pictureSource(usable, store, 'train')
  if (source.count === 0) throw new GraftError('BAD_INPUT', 'There are no training pictures to try learning rates on.', { action: 'Give the split a training part.' })
  const run = runNetwork(config, manifest.classes.length)
  const start = await startingWeights(run.backbone, run.network, config, manifest.classes)
  const session = new NetworkSession(compileRun(run, config, { preprocessing: start.preprocessing, accumulates: false }))
  session.load(start.weights)
  const heads = new Heads(source, { session, network: run.network, cut: run.cut, config, featureBudgetBytes: FEATURE_BUDGET_BYTES, featureDirectory: featureCacheDirectory() })
  const counts = manifest.classes.map((_, index) => source.labels.filter((label) => label === index).length)
  try {
    const result = await findRate(
      {
        session,
        config,
        groups: run.groups,
        criterion: criterionOf(config, manifest.classes, counts),
        batchSize: Math.min(assumedBatchSize(config), source.count),
        train: { heads, labels: source.labels },
        trainsBatchNorm: run.trainsBatchNorm,
      },
      {
        async onFeatures(done, total) {
          context.progress('Running the frozen part', done, total)
          await yieldToMessages()
          if (signal.aborted) throw new Cancelled()
        },
        async onPoint(points) {
          context.progress('Trying learning rates', points.length, RATE_STEPS, { points: [...points] })
          await yieldToMessages()
          return signal.aborted
        },
      },
    )
    if (result === null) throw new Cancelled()
    return result
  } finally {
    heads.close()
    session.close()
  }
}
