/** A checkpoint or an export, loaded to answer for pictures. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { GraftError } from '../../shared/domain/error'
import { exportOptionsSchema, type ModelInfo, modelInfoSchema } from '../../shared/domain/export'
import { type CheckpointState, isLive } from '../../shared/domain/run'
import { readSafetensors } from '../engine/formats/safetensors'
import type { TensorMap } from '../engine/formats/tensor-map'
import type { Preprocessing } from '../engine/zoo/backbone'
import type { Network } from '../engine/zoo/network'
import { buildNetwork, findBackbone } from '../engine/zoo/registry'
import { parseJson } from '../storage/json-file'
import { RunFolder } from '../storage/run-folder'
import type { DescribedModel, PictureBatch } from './exporters/exporter'
import { findExporter } from './exporters/table'
import type { CheckpointName, ModelSource } from './messages'
import { openNetwork } from './network-answers'

/** Any model that can be asked: the same for a run's checkpoint and an exported folder. */
export interface AnsweringModel {
  readonly labels: readonly string[]
  readonly imageSize: number
  /** Of the checkpoint; null for an export. */
  readonly epoch: number | null
  /** What to tell of how it was read: another checkpoint took the place of a damaged one. */
  readonly note: string | null
  /** `resized`: pictures of the network's size; `whole`: pictures of any size, one at a time. */
  readonly takes: 'resized' | 'whole'
  /** Probabilities [count][classes]. */
  answer(pictures: PictureBatch): Promise<number[][]>
  close(): void | Promise<void>
}

export interface CheckpointModel extends AnsweringModel {
  readonly state: CheckpointState
  readonly weights: TensorMap
  readonly preprocessing: Preprocessing
  /** Probabilities [count][classes] for uint8 pictures [count, side, side, 3]. */
  probabilities(pixels: Uint8Array, count: number): number[][]
  close(): void
}

const vector = z.tuple([z.number(), z.number(), z.number()])

/** @throws GraftError BAD_INPUT where pictures cannot be normalised: no answer would be a number */
function readPreprocessing({ mean, std }: { mean: readonly number[]; std: readonly number[] }, directory: string, action: string): Preprocessing {
  if (std.every((deviation) => deviation > 0)) return { mean: vector.parse(mean), std: vector.parse(std) }
  throw new GraftError('BAD_INPUT', `The model in ${directory} cannot be used: pictures are divided by its standard deviations, which must be above 0, but [${std.join(', ')}] came.`, { action })
}

/** A checkpoint with its network, not yet compiled for anything. */
export interface OpenedCheckpoint {
  readonly state: CheckpointState
  readonly network: Network
  readonly preprocessing: Preprocessing
  readonly weights: TensorMap
  /** sha256 of the file of weights. */
  readonly weightsHash: string
  /** What to tell of how it was read. */
  readonly note: string | null
}

/** @throws GraftError NOT_FOUND where there is none yet */
export async function openCheckpoint(directory: string, checkpoint: CheckpointName): Promise<OpenedCheckpoint> {
  const folder = await RunFolder.open(directory)
  const read = await folder.readCheckpoint(checkpoint)
  if (read === null) {
    const isAtWork = isLive((await folder.record()).status)
    throw new GraftError('NOT_FOUND', `The run in ${directory} has no ${checkpoint} checkpoint: no epoch of it has been completed${isAtWork ? ' yet' : ''}.`, {
      action: isAtWork ? 'Wait for its first epoch, then try again.' : 'Resume the run, or choose another.',
    })
  }
  if (read.note !== null) await folder.appendLog(read.note).catch(() => undefined)
  const { state } = read
  const backbone = findBackbone(state.backbone)
  return {
    state,
    network: buildNetwork(backbone, { classes: state.num_classes, head: state.head, dropout: state.dropout }),
    preprocessing: readPreprocessing(state.preprocessing, directory, 'Correct the std in the file that the model was imported from, and import it again.'),
    weights: readSafetensors(read.weights).tensors,
    weightsHash: hash('sha256', read.weights),
    note: read.note,
  }
}

export async function loadCheckpoint(directory: string, checkpoint: CheckpointName): Promise<CheckpointModel> {
  const { state, network, preprocessing, weights, note } = await openCheckpoint(directory, checkpoint)
  const answers = openNetwork({ network, imageSize: state.image_size, preprocessing, weights })
  return {
    labels: state.classes,
    imageSize: state.image_size,
    epoch: state.epoch,
    note,
    takes: 'resized',
    state,
    weights,
    preprocessing,
    probabilities: (pixels, count) => answers.probabilities(pixels, count),
    answer: async ({ pixels, count }) => answers.probabilities(pixels, count),
    close: () => {
      answers.close()
    },
  }
}

async function readModelInfo(directory: string): Promise<ModelInfo> {
  const path = join(directory, 'model_info.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new GraftError('NOT_FOUND', `${directory} is neither a run nor an exported model: expected model_info.json in it.`, {
      action: 'Give the folder of a run, or one that graft export wrote.',
      cause,
    })
  }
  const info = parseJson(text, modelInfoSchema, path)
  if (info.labels.length !== info.num_classes) {
    throw new GraftError('MISMATCH', `${path} has ${info.labels.length} labels for ${info.num_classes} classes.`, {
      action: 'Name every class once, in the order of the outputs (the folder’s labels.txt has them), or export the model again.',
    })
  }
  return info
}

/** Opens an exported folder in its format's own runtime; its `model_info.json` says what it is. */
export async function loadExport(directory: string): Promise<AnsweringModel> {
  const info = await readModelInfo(directory)
  const options = info.export ?? exportOptionsSchema.parse({})
  const backbone = findBackbone(info.backbone)
  const network = buildNetwork(backbone, { classes: info.num_classes, head: info.head ?? 'linear', dropout: info.dropout ?? null })
  const model: DescribedModel = {
    state: { classes: info.labels, num_classes: info.num_classes, image_size: info.image_size },
    backbone,
    network,
    preprocessing: readPreprocessing(info.preprocessing ?? backbone.preprocessing, directory, 'Correct the std in its model_info.json, or export the model again.'),
  }
  const opened = await findExporter(options.format).open(directory, model, options)
  return {
    labels: info.labels,
    imageSize: info.image_size,
    epoch: null,
    note: null,
    takes: opened.takes,
    answer: (pictures) => opened.probabilities(pictures),
    close: () => opened.close(),
  }
}

export function loadModel(source: ModelSource): Promise<AnsweringModel> {
  return source.kind === 'run' ? loadCheckpoint(source.directory, source.checkpoint) : loadExport(source.directory)
}
