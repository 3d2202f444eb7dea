/** TensorFlow's SavedModel: normalising inside, one graph with its weights as constants; the weights beside it as safetensors. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compileExport, EXPORT_INPUT, EXPORT_OUTPUT, exportPlaceholder } from '../../engine/compile/exported'
import { writeSafetensors } from '../../engine/formats/safetensors'
import { Session } from '../../engine/runtime/session'
import { loadTensorFlow } from '../../engine/runtime/tensorflow'
import { writeVerified } from '../../storage/atomic-write'
import { describedWeights } from '../described-weights'
import { tensorflowExample } from '../export-example'
import { answerRows } from './answer-rows'
import type { Exporter } from './exporter'
import { readExportedFile, requireSameWeights } from './written-weights'

const GRAPH = 'saved_model/saved_model.pb'
const WEIGHTS = 'weights.safetensors'

export const savedModelExporter: Exporter = {
  format: 'saved_model',

  async write(directory, { network, preprocessing, weights, state }) {
    await mkdir(join(directory, 'saved_model'))
    await writeVerified(join(directory, GRAPH), compileExport({ network, imageSize: state.image_size, preprocessing, weights }))
    await writeVerified(join(directory, WEIGHTS), writeSafetensors(weights, describedWeights({ ...state, imageSize: state.image_size })))
    await requireSameWeights(join(directory, WEIGHTS), weights)
    return [
      { name: GRAPH, what: 'TensorFlow SavedModel: uint8 pictures in, probabilities out' },
      { name: WEIGHTS, what: 'The weights alone, under PyTorch’s names and in its layout', isBeside: true },
    ]
  },

  async open(directory, { state }) {
    const { image_size: side, num_classes: classes } = state
    const session = new Session(await readExportedFile(join(directory, GRAPH)), [exportPlaceholder(side)])
    return {
      runtime: `TensorFlow ${loadTensorFlow().device.tensorflowVersion}`,
      takes: 'resized',
      async probabilities({ pixels, count }) {
        const [output] = session.run(new Map([[EXPORT_INPUT, { shape: [count, side, side, 3], data: pixels }]]), [`${EXPORT_OUTPUT}:0`])
        if (output === undefined) throw new Error('The exported graph gave no result')
        const values = session.read(output)
        return answerRows(values, count, classes, GRAPH)
      },
      async close() {
        session.close()
      },
    }
  },

  example: (model) => ({ file: 'example.py', language: 'python', text: tensorflowExample(model) }),
}
