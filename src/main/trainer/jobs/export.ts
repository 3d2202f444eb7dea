/** `export`: the checkpoint as a folder that works without Graft, checked against the original before it is left there. */
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Manifest } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import { type ExportReport, requirePossibleExport } from '../../../shared/domain/export'
import type { Evaluation } from '../../../shared/domain/metrics'
import { throwIfCancelled } from '../../dataset/cancellation'
import { buildNetwork, findBackbone } from '../../engine/zoo/registry'
import { newDirectory } from '../../storage/atomic-write'
import { thresholdsOfEpoch } from '../../storage/chosen-thresholds'
import { RunFolder } from '../../storage/run-folder'
import { type CheckpointModel, loadCheckpoint } from '../checkpoint-model'
import { evaluateModel } from '../evaluate'
import { CARD_FILE, writeCommonFiles } from '../exporters/common-files'
import type { ExportedModel, Exporter, WrittenFile } from '../exporters/exporter'
import { measureUncertainty } from '../exporters/model-card'
import { checkParity } from '../exporters/parity'
import { EXPORTERS, type ExporterTable, findExporter } from '../exporters/table'
import { weightsLicence } from '../exporters/weights-licence'
import { keepEvaluation } from '../keep-evaluation'
import type { Job } from '../messages'
import { loadPictures, pictureSource } from '../pictures'
import type { JobContext } from './context'

type ExportJob = Extract<Job, { kind: 'export' }>
type Parity = ExportReport['parity']

/** @param exporters the formats that there are; for tests */
export async function runExportJob(job: ExportJob, context: JobContext, exporters: ExporterTable = EXPORTERS): Promise<ExportReport> {
  const started = performance.now()
  const { options, checkpoint } = job
  requirePossibleExport(options)
  const exporter = findExporter(options.format, exporters)
  const directory = resolve(job.directory)
  await refuseUsedFolder(directory)
  const folder = await RunFolder.open(job.runDirectory)
  const [record, config, manifest] = [await folder.record(), await folder.config(), await folder.manifest()]
  requirePictures(manifest)
  const importNotes = record.origin === 'imported' ? await loggedMessages(folder) : []
  context.progress('Reading the checkpoint', 0, 1)
  const original = await loadCheckpoint(job.runDirectory, checkpoint)
  if (original.note !== null) context.note(original.note)
  try {
    const model = exportedModel(original)
    const example = exporter.example(model, options)
    const thresholds = await thresholdsOfEpoch(job.runDirectory, model.state.epoch)
    const evaluation = await measured(folder, checkpoint, original, manifest, context)
    const written: WrittenFile[] = []
    let parity: Parity | null = null
    await newDirectory(directory, async (temporary) => {
      context.progress('Writing the model', 0, 1)
      written.push(...(await exporter.write(temporary, model, options)))
      throwIfCancelled(context.control.signal)
      parity = await checkedParity({ temporary, exporter, model, original, manifest, job, written }, context)
      const licence = weightsLicence(model.backbone, config, record.origin)
      const figures = measureUncertainty(evaluation, config.seed)
      written.push(...(await writeCommonFiles(temporary, { model, record, config, manifest, evaluation, figures, options, parity, licence, example, importNotes, thresholds })))
      await flush(temporary, written)
    })
    if (parity === null) throw new Error('The export was not checked')
    const files = written.map(async ({ name, what }) => ({ name, what, sizeBytes: await sizeOf(directory, name) }))
    const card = { file: CARD_FILE, text: await readFile(join(directory, CARD_FILE), 'utf8') }
    return { directory, runId: record.run_id, checkpoint, options, files: await Promise.all(files), parity, example, card, seconds: (performance.now() - started) / 1000 }
  } finally {
    original.close()
  }
}

/** A model may have come in without any; then nothing can be held against the original. */
function requirePictures(manifest: Manifest): void {
  if (manifest.pictures.some((entry) => entry.split !== 'train')) return
  throw new GraftError('NOT_FOUND', 'An export is checked on pictures that the model was not trained on, but this run has none.', {
    action: 'Import the model again together with pictures of its classes, and export that run.',
  })
}

const loggedMessages = async (folder: RunFolder) => (await folder.events()).flatMap(({ event }) => (event.event === 'log' ? [event.message] : []))

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

function exportedModel({ state, weights, preprocessing }: CheckpointModel): ExportedModel {
  const backbone = findBackbone(state.backbone)
  const network = buildNetwork(backbone, { classes: state.num_classes, head: state.head, dropout: state.dropout })
  return { state, backbone, network, preprocessing, weights }
}

const sizeOf = async (directory: string, name: string) => (await stat(join(directory, name))).size

interface Unchecked {
  readonly temporary: string
  readonly exporter: Exporter
  readonly model: ExportedModel
  readonly original: CheckpointModel
  readonly manifest: Manifest
  readonly job: ExportJob
  readonly written: readonly WrittenFile[]
}

/** Opens what was written and holds it against the original. */
async function checkedParity({ temporary, exporter, model, original, manifest, job, written }: Unchecked, context: JobContext): Promise<Parity> {
  const { options } = job
  const own = await Promise.all(written.filter(({ isBeside }) => isBeside !== true).map(({ name }) => sizeOf(temporary, name)))
  const weightsFile = join('checkpoints', job.checkpoint, 'weights.safetensors')
  const sizeBytes = { original: await sizeOf(job.runDirectory, weightsFile), exported: own.reduce((a, b) => a + b, 0) }
  const exported = await exporter.open(temporary, model, options)
  try {
    return await checkParity({ original, exported, manifest, options, sizeBytes }, context)
  } finally {
    await exported.close()
  }
}

/** The evaluation that the run's folder has of this checkpoint, or a new one, which it then has. */
async function measured(folder: RunFolder, checkpoint: ExportJob['checkpoint'], original: CheckpointModel, manifest: Manifest, context: JobContext): Promise<Evaluation> {
  const split = manifest.pictures.some((entry) => entry.split === 'test') ? 'test' : 'val'
  const kept = await folder.currentEvaluation(split, checkpoint)
  if (kept !== null) return kept
  const only = { ...manifest, pictures: manifest.pictures.filter((entry) => entry.split === split) }
  const onProgress = (done: number, total: number) => {
    context.progress('Decoding pictures', done, total)
  }
  const { store, setAside } = await loadPictures(only, { imageSize: original.imageSize, workers: null, signal: context.control.signal, onProgress })
  const gone = new Set(setAside.map(({ path }) => path))
  const usable = { ...only, pictures: only.pictures.filter((entry) => !gone.has(entry.path)) }
  if (usable.pictures.length === 0) {
    throw new GraftError('NOT_FOUND', `None of the ${split} pictures in ${manifest.root} can be read, so the export cannot be measured.`, {
      action: 'Put the pictures back, and export again.',
    })
  }
  const evaluation = await evaluateModel(original, pictureSource(usable, store, split), {
    split,
    checkpoint,
    checkpointEpoch: original.state.epoch,
    onProgress: (done, total) => {
      throwIfCancelled(context.control.signal)
      context.progress('Measuring the original', done, total)
    },
  })
  return keepEvaluation(folder, evaluation, await folder.currentEvaluation('val', checkpoint), manifest.seed)
}

/** To the disk, whatever an exporter left in the system's memory. */
async function flush(directory: string, files: readonly WrittenFile[]): Promise<void> {
  for (const { name } of files) {
    const file = await open(join(directory, name), 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }
}
