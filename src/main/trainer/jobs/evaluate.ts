/** `evaluate`: a checkpoint, or an export on a folder of pictures, measured on one split. */
import { GraftError } from '../../../shared/domain/error'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import type { Manifest } from '../../../shared/domain/dataset'
import type { Evaluation } from '../../../shared/domain/metrics'
import { manifestForLabels } from '../../dataset/manifest-for-labels'
import { scanDataset } from '../../dataset/scan'
import { splitDataset } from '../../dataset/split'
import { RunFolder } from '../../storage/run-folder'
import { loadModel } from '../checkpoint-model'
import { evaluateModel } from '../evaluate'
import type { Job } from '../messages'
import { loadPictures, pictureSource } from '../pictures'
import type { JobContext } from './context'

/** The manifest of a folder for an export: its given splits, or the default split with the default seed. */
async function manifestOf(root: string): Promise<Manifest> {
  const { train_ratio: train, val_ratio: val, test_ratio: test, seed } = DEFAULT_RUN_CONFIG
  return splitDataset(await scanDataset(root, {}), { train, val, test }, seed)
}

export async function runEvaluateJob(job: Extract<Job, { kind: 'evaluate' }>, context: JobContext): Promise<Evaluation> {
  const { source } = job
  const folder = source.kind === 'run' ? await RunFolder.open(source.directory) : null
  if (folder === null && job.datasetRoot === null) {
    throw new GraftError('BAD_INPUT', 'An exported model has no pictures of its own.', { action: 'Give the folder of pictures to evaluate it on.' })
  }
  const given = job.datasetRoot === null ? null : await manifestOf(job.datasetRoot)
  const model = await loadModel(source)
  const base = given ?? (await folder?.manifest())
  if (base === undefined) throw new Error('There is no manifest to evaluate on')
  const manifest = manifestForLabels(base, model.labels)
  const split = job.split ?? (manifest.pictures.some((entry) => entry.split === 'test') ? 'test' : 'val')
  const only = { ...manifest, pictures: manifest.pictures.filter((entry) => entry.split === split) }
  if (only.pictures.length === 0) {
    throw new GraftError('NOT_FOUND', `There are no ${split} pictures.`, { action: 'Choose another split: train, val or test.' })
  }
  const onProgress = (done: number, total: number) => {
    context.progress('Decoding pictures', done, total)
  }
  const { store, setAside } = await loadPictures(only, { imageSize: model.imageSize, workers: null, signal: context.control.signal, onProgress })
  const gone = new Set(setAside.map(({ path }) => path))
  const usable = { ...only, pictures: only.pictures.filter((entry) => !gone.has(entry.path)) }
  const evaluation = await evaluateModel(model, pictureSource(usable, store, split), {
    split,
    checkpoint: source.kind === 'run' ? source.checkpoint : 'export',
    checkpointEpoch: model.epoch,
    onProgress: (done, total) => {
      context.progress('Evaluating', done, total)
    },
  })
  await model.close()
  if (folder !== null && job.datasetRoot === null) await folder.writeEvaluation(evaluation)
  return evaluation
}
