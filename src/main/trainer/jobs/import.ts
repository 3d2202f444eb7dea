/** `import`: a model that another program trained, read as data, told apart and written as weights under Graft's names. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { type ModelMetadata, readModelMetadata } from '../../engine/formats/model-metadata'
import { writeSafetensors } from '../../engine/formats/safetensors'
import { requireFinite } from '../../engine/formats/tensor-differences'
import { readCheckpointFile } from '../../engine/formats/weights-file'
import { type RecognisedModel, recogniseModel } from '../../engine/zoo/recognise'
import { defaultDropout, findBackbone } from '../../engine/zoo/registry'
import { atomicWrite } from '../../storage/atomic-write'
import { systemCode } from '../../storage/storage-error'
import { describedWeights } from '../described-weights'
import type { ImportedModel, Job } from '../messages'
import type { JobContext } from './context'

type ImportJob = Extract<Job, { kind: 'import' }>

export async function runImportJob(job: ImportJob, context: JobContext): Promise<ImportedModel> {
  const fileName = basename(job.path)
  context.progress('Reading the file', 0, 3)
  const file = readCheckpointFile(await readBytes(job.path), fileName)
  context.progress('Telling which network it is', 1, 3)
  const model = recogniseModel(file.tensors, fileName, job.backbone === null ? null : findBackbone(job.backbone))
  requireFinite(model.tensors, fileName)
  const metadata = readModelMetadata(file.metadata)
  const { labels, labelsFrom } = chooseLabels(model, metadata, job, fileName)
  const imageSize = job.imageSize ?? metadata.imageSize ?? DEFAULT_RUN_CONFIG.image_size
  context.progress('Writing its weights', 2, 3)
  await atomicWrite(job.weightsFile, writeSafetensors(model.tensors, describedWeights({ backbone: model.backbone.name, head: model.head, imageSize, classes: labels })))
  return {
    backbone: model.backbone.name,
    head: model.head,
    dropout: defaultDropout(model.backbone, model.head),
    labels: [...labels],
    labelsFrom,
    imageSize,
    epoch: metadata.epoch ?? 0,
    mean: [...(metadata.mean ?? model.backbone.preprocessing.mean)],
    std: [...(metadata.std ?? model.backbone.preprocessing.std)],
    metrics: Object.fromEntries(metadata.metrics),
    notes: [...file.notes, ...ownNotes(job, metadata, labelsFrom)],
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') throw new GraftError('NOT_FOUND', `Expected a model’s file at ${path}; there is none.`, { action: 'Check the path.' })
    if (code === 'EISDIR') throw new GraftError('BAD_INPUT', `Expected a model’s file, but ${path} is a folder.`, { action: 'Give the .pth, .pt or .safetensors file in it.' })
    if (code === 'EACCES') throw new GraftError('UNREADABLE', `${path} may not be read.`, { action: 'Change who may read it.' })
    throw error
  }
}

/** Names given by hand hold; then the file's own; then those of the pictures, where there are as many; then numbers. */
function chooseLabels(model: RecognisedModel, metadata: ModelMetadata, job: ImportJob, fileName: string): Pick<ImportedModel, 'labels' | 'labelsFrom'> {
  const { classes } = model
  if (job.labels !== null && job.labels.length !== classes) {
    throw new GraftError('MISMATCH', `${fileName} tells ${classes} classes apart, but ${job.labels.length} names were given.`, { action: `Give ${classes} names, in the order of the model’s outputs.` })
  }
  const fromFile = metadata.classes?.length === classes ? metadata.classes : null
  const labels = job.labels ?? fromFile
  if (labels !== null) {
    if (new Set(labels).size < labels.length) throw new GraftError('BAD_INPUT', 'A class is named twice.', { action: 'Give each class a name of its own.' })
    return { labels: [...labels], labelsFrom: job.labels === null ? 'file' : 'given' }
  }
  if (job.datasetClasses === null) return { labels: Array.from({ length: classes }, (_, i) => `class ${i}`), labelsFrom: 'numbers' }
  if (job.datasetClasses.length !== classes) {
    throw new GraftError('MISMATCH', `${fileName} tells ${classes} classes apart, but the pictures have ${job.datasetClasses.length}: ${job.datasetClasses.join(', ')}.`, {
      action: 'Give the pictures that the model was trained on, or the names of its classes.',
    })
  }
  return { labels: [...job.datasetClasses], labelsFrom: 'dataset' }
}

function ownNotes(job: ImportJob, metadata: ModelMetadata, labelsFrom: ImportedModel['labelsFrom']): string[] {
  const notes: string[] = []
  if (labelsFrom === 'dataset') notes.push('The file names no classes: the folders of the pictures name them, sorted, as ImageFolder does.')
  if (labelsFrom === 'numbers') notes.push('The file names no classes: they are numbered in the order of its outputs.')
  if (job.imageSize === null && metadata.imageSize === null) notes.push(`The file gives no image size: ${DEFAULT_RUN_CONFIG.image_size} pixels are taken.`)
  if (metadata.mean === null) notes.push('The file gives no normalisation: the backbone’s own mean and standard deviation are taken.')
  return notes
}
