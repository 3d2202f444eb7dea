/** `export`: the checkpoint as a folder that works without Graft, checked against the original before it is left there. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Manifest, Split } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import type { ExportReport } from '../../../shared/domain/export'
import type { Evaluation } from '../../../shared/domain/metrics'
import { compileExport } from '../../engine/compile/exported'
import { readSafetensors, writeSafetensors } from '../../engine/formats/safetensors'
import { buildNetwork, findBackbone } from '../../engine/zoo/registry'
import { atomicDirectory } from '../../storage/atomic-write'
import { RunFolder } from '../../storage/run-folder'
import { type CheckpointModel, loadCheckpoint, loadExport } from '../checkpoint-model'
import { evaluateModel } from '../evaluate'
import { exampleScript } from '../export-example'
import type { Job } from '../messages'
import { loadPictures, pictureSource } from '../pictures'
import type { JobContext } from './context'

/** Largest difference of a probability that an export may show. */
const BOUND = 1e-4

const FILES: Readonly<Record<string, string>> = {
  'weights.safetensors': 'Weights under PyTorch’s names, in PyTorch’s layout',
  'saved_model/saved_model.pb': 'TensorFlow SavedModel: uint8 pictures in, probabilities out',
  'model_info.json': 'Backbone, classes, image size, best epoch',
  'labels.txt': 'The classes, one a line, in the order of the outputs',
  'preprocessing.json': 'How a picture becomes the input',
  'example.py': 'Ten lines of Python that classify a picture with it',
}

export async function runExportJob(job: Extract<Job, { kind: 'export' }>, context: JobContext): Promise<ExportReport> {
  const started = performance.now()
  const directory = resolve(job.directory)
  await refuseUsedFolder(directory)
  const folder = await RunFolder.open(job.runDirectory)
  const original = await loadCheckpoint(job.runDirectory, job.checkpoint)
  let parity: ExportReport['parity'] | null = null
  await atomicDirectory(directory, async (temporary) => {
    context.progress('Writing the model', 0, 1)
    await writeExport(temporary, original)
    await checkWeights(temporary, original)
    parity = await checkAnswers(temporary, original, await folder.manifest(), context)
  })
  original.close()
  if (parity === null) throw new Error('The export was not checked')
  return {
    directory,
    runId: (await folder.record()).run_id,
    checkpoint: job.checkpoint,
    files: await Promise.all(
      Object.entries(FILES).map(async ([name, what]) => ({ name, what, sizeBytes: (await stat(join(directory, name))).size })),
    ),
    parity,
    seconds: (performance.now() - started) / 1000,
  }
}

async function refuseUsedFolder(directory: string): Promise<void> {
  const found = await readdir(directory).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') throw new GraftError('CONFLICT', `${directory} is a file; expected a new or empty folder.`, { action: 'Choose another folder.' })
    throw error
  })
  if (found.length > 0) {
    throw new GraftError('CONFLICT', `${directory} is not empty; an export needs a folder of its own.`, { action: 'Choose a new or empty folder.' })
  }
}

async function writeExport(directory: string, model: CheckpointModel): Promise<void> {
  const { state, weights, preprocessing } = model
  const network = buildNetwork(findBackbone(state.backbone), { classes: state.num_classes, head: state.head, dropout: state.dropout })
  const best = state.history.find((epoch) => epoch.epoch === state.epoch)
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  await mkdir(join(directory, 'saved_model'))
  await writeFile(join(directory, 'weights.safetensors'), writeSafetensors(weights, { format: 'pt' }))
  await writeFile(join(directory, 'saved_model', 'saved_model.pb'), compileExport({ network, imageSize: state.image_size, preprocessing, weights }))
  const info = {
    backbone: state.backbone,
    num_classes: state.num_classes,
    image_size: state.image_size,
    best_val_acc: best?.val_accuracy ?? 0,
    best_epoch: state.epoch,
    labels: state.classes,
  }
  await writeFile(join(directory, 'model_info.json'), json(info))
  await writeFile(join(directory, 'labels.txt'), `${state.classes.join('\n')}\n`)
  const preprocess = {
    color: 'RGB',
    resize: { width: state.image_size, height: state.image_size, keep_aspect: false, interpolation: 'bilinear', antialias: true },
    saved_model_input: { dtype: 'uint8', shape: [null, state.image_size, state.image_size, 3], normalised_inside: true },
    normalise: { scale: 1 / 255, mean: preprocessing.mean, std: preprocessing.std },
  }
  await writeFile(join(directory, 'preprocessing.json'), json(preprocess))
  await writeFile(join(directory, 'example.py'), exampleScript(state.image_size))
}

/** Reads the weights back and compares every number. */
async function checkWeights(directory: string, model: CheckpointModel): Promise<void> {
  const { tensors } = readSafetensors(await readFile(join(directory, 'weights.safetensors')))
  for (const [name, tensor] of model.weights) {
    const written = tensors.get(name)
    if (written === undefined || !Buffer.from(written.data.buffer, written.data.byteOffset, written.data.byteLength).equals(Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength))) {
      throw new GraftError('MISMATCH', `The exported weights differ from the checkpoint in ${name}; nothing was exported.`, { action: 'Check the disk, and export again.' })
    }
  }
}

/** Asks the written model and the original about the held-out pictures. */
async function checkAnswers(directory: string, original: CheckpointModel, manifest: Manifest, context: JobContext): Promise<ExportReport['parity']> {
  const split: Split = manifest.pictures.some((entry) => entry.split === 'test') ? 'test' : 'val'
  const only = { ...manifest, pictures: manifest.pictures.filter((entry) => entry.split === split) }
  const onProgress = (done: number, total: number) => {
    context.progress('Decoding pictures for the check', done, total)
  }
  const { store, setAside } = await loadPictures(only, { imageSize: original.imageSize, workers: null, signal: context.control.signal, onProgress })
  const gone = new Set(setAside.map(({ path }) => path))
  const source = pictureSource({ ...only, pictures: only.pictures.filter((entry) => !gone.has(entry.path)) }, store, split)
  if (source.count === 0) {
    throw new GraftError('NOT_FOUND', `None of the ${split} pictures in ${manifest.root} can be read, so the export cannot be checked.`, {
      action: 'Put the pictures back, and export again.',
    })
  }
  const exported = await loadExport(directory)
  const ask = (model: Parameters<typeof evaluateModel>[0], what: string) =>
    evaluateModel(model, source, {
      split,
      checkpoint: 'export',
      checkpointEpoch: null,
      onProgress: (done, total) => {
        context.progress(what, done, total)
      },
    })
  const expected = await ask(original, 'Asking the original')
  const got = await ask(exported, 'Asking the export')
  exported.close()
  const parity = { split, pictures: source.count, ...compare(expected, got), bound: BOUND }
  if (!(parity.largestDifference <= BOUND)) {
    throw new GraftError(
      'MISMATCH',
      `The export disagrees with the original: a probability differs by ${parity.largestDifference.toExponential(1)}, expected at most ${BOUND}. Nothing was exported.`,
      { action: 'Please report this with the run’s config.yaml.' },
    )
  }
  return parity
}

function compare(expected: Evaluation, got: Evaluation): { largestDifference: number; agreement: number } {
  let largestDifference = 0
  let agreed = 0
  expected.predictions.forEach((prediction, i) => {
    const other = got.predictions[i]
    prediction.probabilities.forEach((probability, c) => {
      const difference = Math.abs(probability - (other?.probabilities[c] ?? NaN))
      if (!(difference <= largestDifference)) largestDifference = difference
    })
    if (other?.prediction === prediction.prediction) agreed++
  })
  return { largestDifference, agreement: agreed / expected.predictions.length }
}
