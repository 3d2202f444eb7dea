/** A checkpoint or an export, loaded to answer for pictures. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { GraftError } from '../../shared/domain/error'
import { modelInfoSchema } from '../../shared/domain/export'
import type { CheckpointState } from '../../shared/domain/run'
import { EXPORT_INPUT, EXPORT_OUTPUT, exportPlaceholder } from '../engine/compile/exported'
import { compileProgram } from '../engine/compile/program'
import { readSafetensors } from '../engine/formats/safetensors'
import type { TensorMap } from '../engine/formats/tensor-map'
import { NetworkSession } from '../engine/runtime/network-session'
import { Session } from '../engine/runtime/session'
import { softmax } from '../engine/train/metrics'
import type { Preprocessing } from '../engine/zoo/backbone'
import { buildNetwork, findBackbone } from '../engine/zoo/registry'
import { RunFolder } from '../storage/run-folder'
import type { CheckpointName, ModelSource } from './messages'

/** Any model that can be asked: the same for a run's checkpoint and an exported folder. */
export interface AnsweringModel {
  readonly labels: readonly string[]
  readonly imageSize: number
  /** Of the checkpoint; null for an export. */
  readonly epoch: number | null
  /** Probabilities [count][classes] for uint8 pictures [count, side, side, 3]. */
  probabilities(pixels: Uint8Array, count: number): number[][]
  close(): void
}

export interface CheckpointModel extends AnsweringModel {
  readonly state: CheckpointState
  readonly weights: TensorMap
  readonly preprocessing: Preprocessing
}

const vector = z.tuple([z.number(), z.number(), z.number()])

export async function loadCheckpoint(directory: string, checkpoint: CheckpointName): Promise<CheckpointModel> {
  const folder = await RunFolder.open(directory)
  const read = await folder.readCheckpoint(checkpoint)
  if (read === null) {
    throw new GraftError('NOT_FOUND', `The run in ${directory} has no ${checkpoint} checkpoint: no epoch of it has been completed.`, {
      action: 'Resume the run, or choose another.',
    })
  }
  const { state } = read
  const backbone = findBackbone(state.backbone)
  const network = buildNetwork(backbone, { classes: state.num_classes, head: state.head, dropout: state.dropout })
  const preprocessing = { mean: vector.parse(state.preprocessing.mean), std: vector.parse(state.preprocessing.std) }
  const program = compileProgram({
    network,
    imageSize: state.image_size,
    preprocessing,
    cut: 'input',
    trained: null,
    optimizer: 'adam',
    optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
  })
  const session = new NetworkSession(program)
  const weights = readSafetensors(read.weights).tensors
  session.load(weights)
  const side = state.image_size
  return {
    labels: state.classes,
    imageSize: side,
    epoch: state.epoch,
    state,
    weights,
    preprocessing,
    probabilities(pixels, count) {
      const pictures = session.pictures({ shape: [count, side, side, 3], data: pixels }, null)
      const logits = session.evaluate(pictures)
      session.release(pictures)
      return Array.from({ length: count }, (_, row) => softmax(logits, row * state.num_classes, state.num_classes))
    },
    close: () => {
      session.close()
    },
  }
}

/** Reads an exported folder: its SavedModel answers, its `model_info.json` names the classes. */
export async function loadExport(directory: string): Promise<AnsweringModel> {
  const read = async (name: string): Promise<Uint8Array> => {
    try {
      return await readFile(join(directory, name))
    } catch (cause) {
      throw new GraftError('NOT_FOUND', `${directory} is neither a run nor an exported model: expected ${name} in it.`, {
        action: 'Give the folder of a run, or one that graft export wrote.',
        cause,
      })
    }
  }
  const info = modelInfoSchema.safeParse(JSON.parse(new TextDecoder().decode(await read('model_info.json'))))
  if (!info.success) throw new GraftError('UNREADABLE', `${join(directory, 'model_info.json')} is not as graft export writes it.`, { action: 'Export the model again.' })
  const { image_size: side, labels } = info.data
  const session = new Session(await read(join('saved_model', 'saved_model.pb')), [exportPlaceholder(side)])
  return {
    labels,
    imageSize: side,
    epoch: null,
    probabilities(pixels, count) {
      const [output] = session.run(new Map([[EXPORT_INPUT, { shape: [count, side, side, 3], data: pixels }]]), [`${EXPORT_OUTPUT}:0`])
      if (output === undefined) throw new Error('The exported graph gave no result')
      const values = session.read(output)
      return Array.from({ length: count }, (_, row) => Array.from(values.subarray(row * labels.length, (row + 1) * labels.length)))
    },
    close: () => {
      session.close()
    },
  }
}

export function loadModel(source: ModelSource): Promise<AnsweringModel> {
  return source.kind === 'run' ? loadCheckpoint(source.directory, source.checkpoint) : loadExport(source.directory)
}
