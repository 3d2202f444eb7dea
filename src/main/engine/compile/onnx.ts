/** A network with its weights as one ONNX graph: uint8 pictures in, probabilities out. */
import type { ExportPrecision } from '../../../shared/domain/export'
import type { OnnxModel, OnnxValueInfo } from '../formats/onnx'
import type { TensorMap } from '../formats/tensor-map'
import type { OnnxContext, OnnxValue } from '../layers/layer'
import { ruleOf } from '../layers/rules'
import type { Preprocessing } from '../zoo/backbone'
import { type Network, networkShapes } from '../zoo/network'
import { foldedBatchNorms, layersBetween } from './forward'
import { onnxAttribute, OnnxBuilder, type OnnxOutput } from './onnx-builder'
import { writeChannelsFirst, writeOnnxNormalise, writeResize } from './onnx-preprocessing'
import { WEIGHT_WRITERS } from './onnx-weights'

export const ONNX_INPUT = 'pictures'
export const ONNX_OUTPUT = 'probabilities'

export interface OnnxOptions {
  readonly network: Network
  readonly imageSize: number
  readonly preprocessing: Preprocessing
  /** In PyTorch's layout and under its names. */
  readonly weights: TensorMap
  readonly precision: ExportPrecision
  /** The graph takes pictures of any size and resizes them itself. */
  readonly resizes: boolean
  /** Kept in the file: what the model is, its classes, … */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Batch norms that follow a convolution are folded into it; dropout and stochastic depth do nothing.
 * Input: uint8 RGB [N, side, side, 3], or [N, height, width, 3] where the graph resizes. Output: float32 [N, classes] that sum to one.
 */
export function compileOnnx(options: OnnxOptions): OnnxModel {
  const { network, imageSize, weights } = options
  const graph = new OnnxBuilder()

  const pixels = graph.input(ONNX_INPUT)
  const prepared = graph.scoped('preprocessing', () => {
    const first = writeChannelsFirst(graph, pixels)
    return writeOnnxNormalise(graph, options.resizes ? writeResize(graph, first, imageSize) : first, options.preprocessing)
  })
  const logits = writeOnnxLayers(graph, { network, imageSize, weights, precision: options.precision, input: prepared, to: network.output })
  graph.add('Softmax', [logits.output], { axis: onnxAttribute.int(1) }, ONNX_OUTPUT)

  const [height, width] = options.resizes ? ['height', 'width'] : [imageSize, imageSize]
  const input: OnnxValueInfo = { name: ONNX_INPUT, type: 'uint8', shape: ['N', height, width, 3], description: 'RGB, 0 to 255, upright' }
  const output: OnnxValueInfo = { name: ONNX_OUTPUT, type: 'float32', shape: ['N', ...logits.shape], description: 'In the order of the labels; they sum to one' }
  return {
    graphName: 'classifier',
    description: 'An image classifier, exported by Graft.',
    inputs: [input],
    outputs: [output],
    nodes: graph.nodes,
    initializers: graph.initializers,
    metadata: options.metadata,
  }
}

interface OnnxLayers extends Pick<OnnxOptions, 'network' | 'imageSize' | 'weights' | 'precision'> {
  /** Normalised pictures, [N, 3, side, side]; or the value at `from`. */
  readonly input: OnnxOutput
  /** Layer whose value `input` is; the pictures where left out. */
  readonly from?: string
  /** Layer to end with. */
  readonly to: string
}

/** The layers from the pictures, or from those after `from`, to `to`, in inference form. Feature maps are [N, C, H, W]. */
export function writeOnnxLayers(graph: OnnxBuilder, { network, imageSize, weights, precision, input, from = 'input', to }: OnnxLayers): OnnxValue {
  const shapes = networkShapes(network, imageSize)
  const folded = foldedBatchNorms(network, new Set())
  const context: OnnxContext = {
    graph,
    parameter(name) {
      const value = weights.get(name)
      if (value === undefined) throw new Error(`${name} has no value to export`)
      return value.data
    },
    weight: (name, data, shape) => WEIGHT_WRITERS[precision](graph, name, data, shape),
    foldedBatchNorm: (layer) => folded.get(layer.name) ?? null,
  }
  const values = new Map<string, OnnxValue>([[from, { output: input, shape: shapes.get(from) ?? [] }]])
  for (const layer of layersBetween(network, from, to)) {
    const inputs = layer.inputs.map((name) => {
      const value = values.get(name)
      if (value === undefined) throw new Error(`${layer.name} reads ${name}, which is not computed`)
      return value
    })
    const [first] = inputs
    const isFolded = layer.kind === 'batch_norm' && folded.get(layer.inputs[0] ?? '') === layer
    const value = isFolded && first !== undefined ? first : graph.scoped(layer.name, () => ruleOf(layer).onnx(context, layer, inputs))
    const expected = shapes.get(layer.name) ?? []
    if (value.shape.join() !== expected.join()) throw new Error(`${layer.name} gives [${value.shape.join()}], expected [${expected.join()}]`)
    values.set(layer.name, value)
  }
  const last = values.get(to)
  if (last === undefined) throw new Error(`${to} is not computed`)
  return last
}
