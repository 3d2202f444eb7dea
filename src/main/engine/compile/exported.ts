/** The evaluation graph with its weights as constants: what exports to TensorFlow's own formats share, and the SavedModel of it. */
import type { TensorMap } from '../formats/tensor-map'
import type { Preprocessing } from '../zoo/backbone'
import { type Network, networkParameters, networkShapes } from '../zoo/network'
import { writeNormalise, writeToUnit } from './augmentation'
import { writeForward } from './forward'
import { attribute, GraphBuilder, type Output, type PlaceholderSpec } from './graph-builder'
import { type DataType, encodeSavedModel, type GraphNode, type Signature } from './saved-model'
import { sessionShape, toSessionLayout } from './variables'

/** The graph's own names, also in its signature. */
export const EXPORT_INPUT = 'pictures'
export const EXPORT_OUTPUT = 'probabilities'

export interface CompileExportOptions {
  readonly network: Network
  readonly imageSize: number
  readonly preprocessing: Preprocessing
  readonly weights: TensorMap
}

/** Nodes in an order of computation, weights as `Const` among them. */
export interface ExportGraph {
  readonly nodes: readonly GraphNode[]
  readonly signature: Signature
}

/** uint8 [N, side, side, 3], resized → float32 [N, classes] that sum to one. */
export function exportPlaceholder(imageSize: number): PlaceholderSpec {
  return { name: EXPORT_INPUT, dtype: 'uint8', shape: [-1, imageSize, imageSize, 3] }
}

/** `pixelType` is the type in which pictures come; their values are 0…255 in any. */
export function exportGraph(options: CompileExportOptions, pixelType: Extract<DataType, 'uint8' | 'int32'> = 'uint8'): ExportGraph {
  const { network, imageSize, preprocessing } = options
  const graph = new GraphBuilder()
  const specs = new Map(networkParameters(network).map((spec) => [spec.name, spec]))
  const constants = new Map<string, Output>()
  const parameter = (name: string): Output => {
    const known = constants.get(name)
    if (known !== undefined) return known
    const spec = specs.get(name)
    const value = options.weights.get(name)
    if (spec === undefined || value === undefined) throw new Error(`${name} has no value to export`)
    const output = graph.tensor(`weights/${name}`, toSessionLayout(spec, value.data), sessionShape(spec))
    constants.set(name, output)
    return output
  }
  const input = { ...exportPlaceholder(imageSize), dtype: pixelType }
  const pixels = graph.placeholder(input.name, input.dtype, input.shape)
  const normalised = writeNormalise(graph, writeToUnit(graph, pixels, pixelType), preprocessing.mean, preprocessing.std)
  const forward = { network, imageSize, parameter, trained: new Set<string>(), random: null, from: 'input', to: network.output, input: normalised }
  const logits = writeForward(graph, forward).output.output
  const probabilities = graph.add('Softmax', [logits], { T: attribute.type('float32') }, EXPORT_OUTPUT)
  const classes = networkShapes(network, imageSize).get(network.output)?.[0] ?? 0
  return {
    nodes: graph.nodes,
    signature: {
      inputs: { [EXPORT_INPUT]: { output: `${pixels}:0`, dtype: pixelType, shape: input.shape } },
      outputs: { [EXPORT_OUTPUT]: { output: `${probabilities}:0`, dtype: 'float32', shape: [-1, classes] } },
    },
  }
}

export function compileExport(options: CompileExportOptions): Uint8Array {
  const { nodes, signature } = exportGraph(options)
  return encodeSavedModel(nodes, { serving_default: signature })
}
