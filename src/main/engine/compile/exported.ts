/** The evaluation graph with its weights as constants: a SavedModel that needs nothing else. */
import type { TensorMap } from '../formats/tensor-map'
import type { Preprocessing } from '../zoo/backbone'
import { type Network, networkParameters, networkShapes } from '../zoo/network'
import { writeNormalise, writeToUnit } from './augmentation'
import { writeForward } from './forward'
import { attribute, GraphBuilder, type Output, type PlaceholderSpec } from './graph-builder'
import { encodeSavedModel } from './saved-model'
import { sessionShape, toSessionLayout } from './variables'

/** The SavedModel's own names, also in its `serving_default` signature. */
export const EXPORT_INPUT = 'pictures'
export const EXPORT_OUTPUT = 'probabilities'

/** uint8 [N, side, side, 3], resized → float32 [N, classes] that sum to one. */
export function exportPlaceholder(imageSize: number): PlaceholderSpec {
  return { name: EXPORT_INPUT, dtype: 'uint8', shape: [-1, imageSize, imageSize, 3] }
}

export function compileExport(options: { network: Network; imageSize: number; preprocessing: Preprocessing; weights: TensorMap }): Uint8Array {
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
  const input = exportPlaceholder(imageSize)
  const pixels = graph.placeholder(input.name, input.dtype, input.shape)
  const normalised = writeNormalise(graph, writeToUnit(graph, pixels), preprocessing.mean, preprocessing.std)
  const forward = { network, imageSize, parameter, trained: new Set<string>(), random: null, from: 'input', to: network.output, input: normalised }
  const logits = writeForward(graph, forward).output.output
  const probabilities = graph.add('Softmax', [logits], { T: attribute.type('float32') }, EXPORT_OUTPUT)
  const classes = networkShapes(network, imageSize).get(network.output)?.[0] ?? 0
  return encodeSavedModel(graph.nodes, {
    serving_default: {
      inputs: { [EXPORT_INPUT]: { output: `${pixels}:0`, dtype: 'uint8', shape: input.shape } },
      outputs: { [EXPORT_OUTPUT]: { output: `${probabilities}:0`, dtype: 'float32', shape: [-1, classes] } },
    },
  })
}
