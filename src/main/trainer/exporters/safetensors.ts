/** The weights alone under PyTorch's names, in a file that cannot carry code. */
import { join } from 'node:path'
import type { TensorMap } from '../../engine/formats/tensor-map'
import { writeSafetensors } from '../../engine/formats/safetensors'
import { writeVerified } from '../../storage/atomic-write'
import { describedWeights } from '../described-weights'
import { pytorchExample } from '../export-example'
import type { Exporter } from './exporter'
import { openWrittenWeights, requireSameWeights } from './written-weights'

const WEIGHTS = 'model.safetensors'

/**
 * What becomes float16: kernels and matrices. Biases and batch norm, a hundredth of the size, stay as they are: a running
 * variance may be larger than float16 can hold, and its rounding would show in every value of the channel.
 */
function kernels(weights: TensorMap): Set<string> {
  return new Set([...weights].filter(([, { shape }]) => shape.length > 1).map(([name]) => name))
}

export const safetensorsExporter: Exporter = {
  format: 'safetensors',

  async write(directory, { weights, state }, { precision }) {
    const isHalved = precision === 'float16'
    const halved = isHalved ? kernels(weights) : new Set<string>()
    await writeVerified(join(directory, WEIGHTS), writeSafetensors(weights, describedWeights({ ...state, imageSize: state.image_size }), halved))
    await requireSameWeights(join(directory, WEIGHTS), new Map([...weights].filter(([name]) => !halved.has(name))))
    return [{ name: WEIGHTS, what: isHalved ? 'Kernels as float16, biases and batch norm as float32, under PyTorch’s names' : 'The weights under PyTorch’s names, in its layout' }]
  },

  open: (directory, model) => openWrittenWeights(join(directory, WEIGHTS), model),

  example: (model) => ({ file: 'example.py', language: 'python', text: pytorchExample(model, 'safetensors') }),
}
