/** Writes `model.onnx` and runs it in ONNX Runtime. */
import { join } from 'node:path'
import type { ExportOptions, ExportPrecision } from '../../../shared/domain/export'
import { compileOnnx, ONNX_INPUT, ONNX_OUTPUT } from '../../engine/compile/onnx'
import { encodeOnnx } from '../../engine/formats/onnx'
import { OnnxSession } from '../../engine/runtime/onnx-session'
import { writeVerified } from '../../storage/atomic-write'
import { answerRows } from './answer-rows'
import type { ExportedModel, Exporter } from './exporter'
import { onnxExample } from './onnx-example'
import { readExportedFile } from './written-weights'

const FILE = 'model.onnx'

/** What is said of the weights beside the file's name. */
const PRECISION_WORDS: Readonly<Record<ExportPrecision, string>> = {
  float32: '',
  float16: ', weights as float16',
  int8: ', weights as int8 with a scale for each output channel',
}

/** Kept in the file, so that it says by itself what goes in and what comes out. */
function metadataOf({ state, preprocessing }: ExportedModel, options: ExportOptions): Record<string, string> {
  return {
    labels: JSON.stringify(state.classes),
    backbone: state.backbone,
    image_size: String(state.image_size),
    color: 'RGB',
    resize: options.preprocessing_inside ? 'inside' : 'outside: bilinear, antialiased, aspect not kept',
    normalise: 'inside',
    mean: JSON.stringify(preprocessing.mean),
    std: JSON.stringify(preprocessing.std),
    precision: options.precision,
  }
}

export const onnxExporter: Exporter = {
  format: 'onnx',

  async write(directory, model, options) {
    const graph = compileOnnx({
      network: model.network,
      imageSize: model.state.image_size,
      preprocessing: model.preprocessing,
      weights: model.weights,
      precision: options.precision,
      resizes: options.preprocessing_inside,
      metadata: metadataOf(model, options),
    })
    await writeVerified(join(directory, FILE), encodeOnnx(graph))
    const input = options.preprocessing_inside ? 'uint8 pictures of any size in' : 'uint8 pictures in'
    return [{ name: FILE, what: `ONNX: ${input}, probabilities out${PRECISION_WORDS[options.precision]}` }]
  },

  async open(directory, model, options) {
    const session = await OnnxSession.open(await readExportedFile(join(directory, FILE)))
    const classes = model.state.num_classes
    return {
      runtime: session.version,
      takes: options.preprocessing_inside ? 'whole' : 'resized',
      async probabilities({ count, height, width, pixels }) {
        const outputs = await session.run(new Map([[ONNX_INPUT, { shape: [count, height, width, 3], data: pixels }]]))
        const result = outputs.get(ONNX_OUTPUT)
        if (result === undefined) throw new Error(`${FILE} has no output "${ONNX_OUTPUT}"`)
        return answerRows(result.data, count, classes, FILE)
      },
      close: () => session.close(),
    }
  },

  example: (model, options) => ({ file: 'example.py', language: 'python', text: onnxExample(model.state.image_size, options.preprocessing_inside) }),
}
