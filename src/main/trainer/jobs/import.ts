/** `import`: a model that another program trained, read as data, told apart and written as weights under Graft's names. */
import { basename } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { nameFault, shown, shownList } from '../../../shared/domain/shown'
import { type ModelMetadata, readModelMetadata, type Vector } from '../../engine/formats/model-metadata'
import { type Normalisation, usableNormalisation } from '../../engine/formats/normalisation'
import { writeSafetensors } from '../../engine/formats/safetensors'
import { requireFinite } from '../../engine/formats/tensor-differences'
import { readCheckpointFile } from '../../engine/formats/weights-file'
import { type RecognisedModel, recogniseModel } from '../../engine/zoo/recognise'
import { defaultDropout, findBackbone } from '../../engine/zoo/registry'
import { atomicWrite } from '../../storage/atomic-write'
import { describedWeights } from '../described-weights'
import type { ImportedModel, Job } from '../messages'
import { readBeside, readModelBytes, type SaidBeside } from '../model-file'
import type { JobContext } from './context'

type ImportJob = Extract<Job, { kind: 'import' }>

/** What is known of the model, and from where. */
interface Known {
  readonly job: ImportJob
  /** Safe to show. */
  readonly fileName: string
  readonly model: RecognisedModel
  readonly metadata: ModelMetadata
  readonly beside: SaidBeside | null
}

export async function runImportJob(job: ImportJob, context: JobContext): Promise<ImportedModel> {
  const fileName = shown(basename(job.path))
  context.progress('Reading the file', 0, 3)
  const file = readCheckpointFile(await readModelBytes(job.path), fileName)
  context.progress('Telling which network it is', 1, 3)
  const model = recogniseModel(file.tensors, fileName, job.backbone === null ? null : findBackbone(job.backbone))
  requireFinite(model.tensors, fileName)
  const metadata = readModelMetadata(file.metadata)
  const beside = await readBeside(job.path, model.backbone.name, model.classes)
  const known: Known = { job, fileName, model, metadata, beside }
  const labels = chooseLabels(known)
  const size = chooseImageSize(known)
  const { mean, std, note } = chooseNormalisation(known)
  context.progress('Writing its weights', 2, 3)
  await atomicWrite(job.weightsFile, writeSafetensors(model.tensors, describedWeights({ backbone: model.backbone.name, head: model.head, imageSize: size.imageSize, classes: labels.labels })))
  return {
    backbone: model.backbone.name,
    head: model.head,
    dropout: defaultDropout(model.backbone, model.head),
    labels: [...labels.labels],
    labelsFrom: labels.labelsFrom,
    imageSize: size.imageSize,
    epoch: metadata.epoch ?? 0,
    mean: [...mean],
    std: [...std],
    metrics: Object.fromEntries(metadata.metrics),
    notes: [...file.notes, ...model.notes, ...labels.notes, ...size.notes, ...(note === null ? [] : [note])],
  }
}

type ChosenLabels = Pick<ImportedModel, 'labels' | 'labelsFrom' | 'notes'>

/** Names given by hand hold; then the file's own; then those of a file beside it; then those of the pictures, where there are as many; then numbers. */
function chooseLabels(known: Known): ChosenLabels {
  const { job, fileName, model, metadata, beside } = known
  const { classes } = model
  if (job.labels !== null) {
    if (job.labels.length !== classes) {
      throw new GraftError('MISMATCH', `${fileName} tells ${classes} classes apart, but ${job.labels.length} names were given.`, { action: `Give ${classes} names, in the order of the model’s outputs.` })
    }
    return { labels: usableNames(job.labels, 'the names given'), labelsFrom: 'given', notes: [] }
  }
  const ofFile = metadata.classLists.find((list) => list.length === classes)
  if (ofFile !== undefined) return { labels: usableNames(ofFile, fileName), labelsFrom: 'file', notes: [] }
  const unfit = unfitLists(metadata, classes)
  if (beside !== null) {
    return { labels: usableNames(beside.classes, `${beside.from} beside ${fileName}`), labelsFrom: 'file', notes: [...unfit, `The file names no classes: ${beside.from} beside it names them.`] }
  }
  if (job.datasetClasses !== null && job.datasetClasses.length === classes) {
    const why = unfit.length === 0 ? ['The file names no classes: the folders of the pictures name them, sorted, as ImageFolder does.'] : [...unfit, 'The folders of the pictures name the classes, sorted, as ImageFolder does.']
    return { labels: [...job.datasetClasses], labelsFrom: 'dataset', notes: why }
  }
  if (job.datasetClasses !== null) {
    throw new GraftError('MISMATCH', `${fileName} tells ${classes} classes apart, but the pictures have ${job.datasetClasses.length}: ${shownList(job.datasetClasses)}.`, {
      action: 'Give the pictures that the model was trained on, or the names of its classes.',
    })
  }
  if (unfit.length > 0) {
    throw new GraftError('MISMATCH', `${fileName} has ${classes} outputs. ${unfit.join(' ')}`, { action: `Give the ${classes} names, in the order of the model’s outputs (--labels on the command line).` })
  }
  return { labels: Array.from({ length: classes }, (_, i) => `class ${i}`), labelsFrom: 'numbers', notes: ['The file names no classes: they are numbered in the order of its outputs.'] }
}

/** @throws GraftError BAD_INPUT naming the index of a name that cannot be used */
function usableNames(names: readonly string[], from: string): string[] {
  const faults = names.map(nameFault)
  const at = faults.findIndex((fault) => fault !== null)
  if (at >= 0) {
    throw new GraftError('BAD_INPUT', `The name of class ${at} (counted from 0) in ${from} ${faults[at] ?? ''}: "${shown(names[at] ?? '')}".`, {
      action: 'Give each class a name that can be read, in the order of the model’s outputs (--labels on the command line).',
    })
  }
  const twice = names.findIndex((name, index) => names.indexOf(name) < index)
  if (twice >= 0) {
    throw new GraftError('BAD_INPUT', `A class is named twice in ${from}: "${shown(names[twice] ?? '')}".`, { action: 'Give each class a name of its own, in the order of the model’s outputs (--labels on the command line).' })
  }
  return [...names]
}

/** One sentence for lists of class names of which none has as many names as the model has outputs. */
function unfitLists({ classLists }: ModelMetadata, classes: number): string[] {
  if (classLists.length === 0) return []
  const lists = classLists.slice(0, 3).map((list) => `${list.length} (${shownList(list, 5)})`)
  return [`Its head has ${classes} outputs, but the list of classes in the file has ${lists.join(', another ')} names, so it was not used.`]
}

function chooseImageSize({ job, metadata, beside }: Known): { imageSize: number; notes: readonly string[] } {
  if (job.imageSize !== null) return { imageSize: job.imageSize, notes: [] }
  if (metadata.imageSize !== null) return { imageSize: metadata.imageSize, notes: metadata.notes }
  if (beside !== null && beside.imageSize !== null) return { imageSize: beside.imageSize, notes: [`The file gives no image size: ${beside.from} beside it says ${beside.imageSize} pixels.`] }
  return { imageSize: DEFAULT_RUN_CONFIG.image_size, notes: [`The file gives no image size: ${DEFAULT_RUN_CONFIG.image_size} pixels are taken.`] }
}

/** @throws GraftError BAD_INPUT where the file's cannot be meant */
function chooseNormalisation({ fileName, model, metadata, beside }: Known): Normalisation {
  const { mean, std } = metadata
  if (mean !== null && std !== null) return usableNormalisation(mean, std, fileName)
  const own = model.backbone.preprocessing
  if (mean !== null || std !== null) {
    const lone = mean === null ? 'a standard deviation without a mean' : 'a mean without a standard deviation'
    return { mean: own.mean, std: own.std, note: `The file gives ${lone}: the backbone’s own of both are taken.` }
  }
  if (beside?.preprocessing) {
    const [said, deviation] = [vectorOf(beside.preprocessing.mean), vectorOf(beside.preprocessing.std)]
    return { ...usableNormalisation(said, deviation, `${beside.from} beside ${fileName}`), note: `The file gives no normalisation: ${beside.from} beside it does.` }
  }
  return { mean: own.mean, std: own.std, note: 'The file gives no normalisation: the backbone’s own mean and standard deviation are taken.' }
}

const vectorOf = ([r = NaN, g = NaN, b = NaN]: readonly number[]): Vector => [r, g, b]
