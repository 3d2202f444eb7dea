/** Files of weights as exports: the network of this program runs on the numbers that the file gives back. */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { readWeights } from '../../engine/formats/weights-file'
import type { TensorMap } from '../../engine/formats/tensor-map'
import { loadTensorFlow } from '../../engine/runtime/tensorflow'
import { networkParameters } from '../../engine/zoo/network'
import { openNetwork } from '../network-answers'
import type { DescribedModel, OpenedExport } from './exporter'

const bytesOf = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)

/** @throws GraftError NOT_FOUND where the export has lost the file */
export async function readExportedFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    if ((await stat(path).catch(() => null)) !== null) throw cause
    throw new GraftError('NOT_FOUND', `The export has lost a file: expected ${path}.`, { action: 'Put the file back, or export the model again.', cause })
  }
}

/** Reads the written file and compares every number with the checkpoint's. @throws GraftError MISMATCH naming the tensor */
export async function requireSameWeights(path: string, weights: TensorMap): Promise<void> {
  const read = readWeights(await readFile(path), basename(path))
  for (const [name, tensor] of weights) {
    const written = read.get(name)
    if (written !== undefined && written.shape.join() === tensor.shape.join() && bytesOf(written.data).equals(bytesOf(tensor.data))) continue
    throw new GraftError('MISMATCH', `The exported weights differ from the checkpoint in ${name}; nothing was exported.`, { action: 'Check the disk, and export again.' })
  }
}

/** Reads the file and runs the described network on its numbers. @throws GraftError MISMATCH naming a tensor that is missing */
export async function openWrittenWeights(path: string, model: DescribedModel): Promise<OpenedExport> {
  const { network, preprocessing, state } = model
  const weights = readWeights(await readExportedFile(path), basename(path))
  for (const { name, shape } of networkParameters(network)) {
    const found = weights.get(name)
    if (found !== undefined && found.shape.join() === shape.join()) continue
    const came = found === undefined ? 'there is none' : `[${found.shape.join(', ')}] came`
    throw new GraftError('MISMATCH', `${path} does not fit its model_info.json: expected ${name} of shape [${shape.join(', ')}], but ${came}.`, {
      action: 'Export the model again.',
    })
  }
  const answers = openNetwork({ network, imageSize: state.image_size, preprocessing, weights })
  return {
    runtime: `TensorFlow ${loadTensorFlow().device.tensorflowVersion}, with the weights read back from the file`,
    takes: 'resized',
    probabilities: async ({ pixels, count }) => answers.probabilities(pixels, count),
    close: async () => {
      answers.close()
    },
  }
}
