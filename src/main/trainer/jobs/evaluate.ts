/** `evaluate`: a checkpoint, or an export on a folder of pictures, measured on one split. */
import { GraftError } from '../../../shared/domain/error'
import { decisionsInForce } from '../../../shared/domain/fix-journal'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { type Manifest, type Split, SPLITS } from '../../../shared/domain/dataset'
import type { Evaluation } from '../../../shared/domain/metrics'
import { splitCurated } from '../../dataset/curation'
import { findLookAlikes } from '../../dataset/look-alikes'
import { manifestForLabels } from '../../dataset/manifest-for-labels'
import { measureDataset, measurementsFile } from '../../dataset/measure-dataset'
import { scanDataset } from '../../dataset/scan'
import { datasetIdOf, FixJournals } from '../../storage/fix-journals'
import { cacheDirectory, dataDirectory } from '../../storage/paths'
import { RunFolder } from '../../storage/run-folder'
import { type AnsweringModel, loadModel } from '../checkpoint-model'
import { evaluateModel } from '../evaluate'
import { keepEvaluation } from '../keep-evaluation'
import type { Job } from '../messages'
import { loadPictures, pictureSource } from '../pictures'
import { writeEvaluationFigures } from '../run-figures'
import type { JobContext } from './context'

/** The manifest of a folder for an export: its given splits, or the default split with the default seed, as a run on that folder would have it now. */
async function manifestOf(root: string, signal: AbortSignal): Promise<Manifest> {
  const { train_ratio: train, val_ratio: val, test_ratio: test, seed } = DEFAULT_RUN_CONFIG
  const scan = await scanDataset(root, { signal })
  const measurements = await measureDataset(scan, { cacheFile: measurementsFile(cacheDirectory(), scan.root), signal })
  const { state } = await new FixJournals(dataDirectory()).read(datasetIdOf(scan.root))
  return splitCurated(scan, { decisions: decisionsInForce(state), alikes: await findLookAlikes(scan.pictures, measurements, { signal }) }, { train, val, test }, seed)
}

/** Decodes the pictures of one split and asks the model about them. @throws GraftError NOT_FOUND where none can be read */
async function measuredOn(split: Split, model: AnsweringModel, manifest: Manifest, checkpoint: Evaluation['checkpoint'], context: JobContext): Promise<Evaluation> {
  const only = { ...manifest, pictures: manifest.pictures.filter((entry) => entry.split === split) }
  const onProgress = (done: number, total: number) => {
    context.progress('Decoding pictures', done, total)
  }
  const { store, setAside } = await loadPictures(only, { imageSize: model.imageSize, workers: null, signal: context.control.signal, onProgress })
  const gone = new Set(setAside.map(({ path }) => path))
  const usable = { ...only, pictures: only.pictures.filter((entry) => !gone.has(entry.path)) }
  if (usable.pictures.length === 0) {
    throw new GraftError('NOT_FOUND', `None of the ${only.pictures.length} ${SPLITS_IN_WORDS[split]} pictures in ${manifest.root} can be read.`, {
      action: 'Put the pictures back (is a disk not mounted?), and evaluate again.',
    })
  }
  return evaluateModel(model, pictureSource(usable, store, split), {
    split,
    checkpoint,
    checkpointEpoch: model.epoch,
    onProgress: (done, total) => {
      context.progress(split === 'val' ? 'Evaluating on the validation pictures' : 'Evaluating', done, total)
    },
  })
}

const SPLITS_IN_WORDS: Readonly<Record<Split, string>> = { train: 'training', val: 'validation', test: 'test' }

/** @throws GraftError NOT_FOUND naming the splits that there are */
function requirePictures(manifest: Manifest, split: Split): void {
  const there = SPLITS.filter((name) => manifest.pictures.some((entry) => entry.split === name))
  if (there.includes(split)) return
  const missing = `There are no ${SPLITS_IN_WORDS[split]} pictures`
  if (there.length === 0) {
    throw new GraftError('NOT_FOUND', `${missing}, nor any others: the model came without pictures.`, { action: 'Import it again together with pictures of its classes, and evaluate that run.' })
  }
  throw new GraftError('NOT_FOUND', `${missing}.`, { action: `Choose another split: ${there.join(' or ')}.` })
}

/** Temperature and thresholds are fitted on the validation pictures, so that these are asked about first where they have not been yet. */
export async function runEvaluateJob(job: Extract<Job, { kind: 'evaluate' }>, context: JobContext): Promise<Evaluation> {
  const { source } = job
  const folder = source.kind === 'run' ? await RunFolder.open(source.directory) : null
  if (folder === null && job.datasetRoot === null) {
    throw new GraftError('BAD_INPUT', 'An exported model has no pictures of its own.', { action: 'Give the folder of pictures to evaluate it on.' })
  }
  const given = job.datasetRoot === null ? null : await manifestOf(job.datasetRoot, context.control.signal)
  const model = await loadModel(source)
  if (model.note !== null) context.note(model.note)
  try {
    const base = given ?? (await folder?.manifest())
    if (base === undefined) throw new Error('There is no manifest to evaluate on')
    const manifest = manifestForLabels(base, model.labels)
    const has = (name: Split) => manifest.pictures.some((entry) => entry.split === name)
    const split = job.split ?? (has('test') ? 'test' : 'val')
    requirePictures(manifest, split)
    const checkpoint = source.kind === 'run' ? source.checkpoint : 'export'
    const keeper = given === null ? folder : null
    const measure = async (name: Split, fitting: Evaluation | null) => {
      const evaluation = await measuredOn(name, model, manifest, checkpoint, context)
      const complete = await keepEvaluation(keeper, evaluation, fitting, base.seed)
      if (keeper !== null) {
        context.progress('Drawing the pictures', 0, 1)
        await writeEvaluationFigures(keeper, complete)
      }
      return complete
    }
    const kept = keeper === null || source.kind !== 'run' ? null : await keeper.currentEvaluation('val', source.checkpoint)
    const fitting = split === 'val' || !has('val') ? null : (kept ?? (await measure('val', null)))
    return await measure(split, fitting)
  } finally {
    await model.close()
  }
}
