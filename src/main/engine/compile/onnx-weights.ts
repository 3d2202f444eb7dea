/** How an ONNX export keeps its weights. Computing stays float32 whatever the precision; vectors are float32 always, being small. */
import type { ExportPrecision } from '../../../shared/domain/export'
import { toFloat16 } from '../formats/float16'
import { ONNX_TYPES } from '../formats/onnx'
import { onnxAttribute, type OnnxBuilder, type OnnxOutput } from './onnx-builder'

/** The largest step away from zero: −128 is left out, so that the range is symmetric. */
const LARGEST_INT8 = 127

export interface QuantisedWeight {
  readonly values: Int8Array
  /** [out]: what one step is worth in each row of the first axis. */
  readonly scales: Float32Array
}

/** Symmetric int8 with a scale for each output channel, so that the largest weight of a channel is ±127 steps. */
export function quantiseWeight(data: Float32Array, out: number): QuantisedWeight {
  const row = data.length / out
  const values = new Int8Array(data.length)
  const scales = new Float32Array(out)
  for (let channel = 0; channel < out; channel++) {
    const weights = data.subarray(channel * row, (channel + 1) * row)
    const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
    // A channel of zeros stays zeros with any scale.
    const scale = Math.fround(largest / LARGEST_INT8) || 1
    scales[channel] = scale
    weights.forEach((weight, i) => {
      values[channel * row + i] = Math.max(-LARGEST_INT8, Math.min(LARGEST_INT8, Math.round(weight / scale)))
    })
  }
  return { values, scales }
}

type WeightWriter = (graph: OnnxBuilder, name: string, data: Float32Array, shape: readonly number[]) => OnnxOutput

/** Each writes a weight [out, …] under PyTorch's name and gives it back as float32. */
export const WEIGHT_WRITERS: Readonly<Record<ExportPrecision, WeightWriter>> = {
  float32: (graph, name, data, shape) => graph.tensor(name, 'float32', data, shape),
  float16: (graph, name, data, shape) =>
    graph.add('Cast', [graph.tensor(name, 'float16', toFloat16(name, data), shape)], { to: onnxAttribute.int(ONNX_TYPES.float32) }),
  int8: (graph, name, data, shape) => {
    const [out = 1] = shape
    const { values, scales } = quantiseWeight(data, out)
    // Not DequantizeLinear, which onnxruntime computes again at every run: this it computes once, when the model is loaded.
    const steps = graph.add('Cast', [graph.tensor(name, 'int8', values, shape)], { to: onnxAttribute.int(ONNX_TYPES.float32) })
    return graph.add('Mul', [steps, graph.tensor(`${name}.scale`, 'float32', scales, [out, ...shape.slice(1).map(() => 1)])])
  },
}
