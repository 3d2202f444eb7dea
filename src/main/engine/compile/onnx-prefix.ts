/** The frozen prefix of a network as an ONNX graph: float32 pictures in 0…1 in, the value at the cut out, laid out as a session takes it. */
import { encodeOnnx } from '../formats/onnx'
import type { TensorMap } from '../formats/tensor-map'
import type { Preprocessing } from '../zoo/backbone'
import type { Network } from '../zoo/network'
import { writeOnnxLayers } from './onnx'
import { onnxAttribute, OnnxBuilder, type OnnxOutput } from './onnx-builder'
import { writeChannelsFirst } from './onnx-preprocessing'
import { gainsByTurning } from './turning'

export const PREFIX_INPUT = 'pictures'
export const PREFIX_OUTPUT = 'features'

export interface OnnxPrefixOptions {
  readonly network: Network
  readonly imageSize: number
  readonly preprocessing: Preprocessing
  /** In PyTorch's layout and under its names; those up to the cut are read. */
  readonly weights: TensorMap
  /** Layer that the prefix ends with. */
  readonly cut: string
}

/** The bytes of the model. Input: [N, side, side, 3]. Output: [N, …shape at the cut], a feature map as [N, H, W, C], turned where sessions of this network are. */
export function compileOnnxPrefix({ network, imageSize, preprocessing, weights, cut }: OnnxPrefixOptions): Uint8Array {
  const graph = new OnnxBuilder()
  const pictures = graph.input(PREFIX_INPUT)
  const perChannel = (values: readonly number[]) => graph.constant('float32', values, [1, 3, 1, 1])
  const centred = graph.add('Sub', [writeChannelsFirst(graph, pictures), perChannel(preprocessing.mean)])
  const input = graph.add('Div', [centred, perChannel(preprocessing.std)])
  const { output, shape } = writeOnnxLayers(graph, { network, imageSize, weights, precision: 'float32', input, to: cut })
  const laidOut = shape.length === 3 ? writeAsSession(graph, output, gainsByTurning(network, imageSize)) : output
  graph.add('Identity', [laidOut], {}, PREFIX_OUTPUT)
  return encodeOnnx({
    graphName: 'prefix',
    description: '',
    inputs: [{ name: PREFIX_INPUT, type: 'float32', shape: ['N', imageSize, imageSize, 3], description: '' }],
    outputs: [{ name: PREFIX_OUTPUT, type: 'float32', shape: ['N', ...shape], description: '' }],
    nodes: graph.nodes,
    initializers: graph.initializers,
    metadata: {},
  })
}

/** [N, C, H, W] → [N, H, W, C], last pixel first where the session is turned. */
function writeAsSession(graph: OnnxBuilder, map: OnnxOutput, isTurned: boolean): OnnxOutput {
  const channelsLast = graph.add('Transpose', [map], { perm: onnxAttribute.ints([0, 2, 3, 1]) })
  if (!isTurned) return channelsLast
  const int64 = (values: readonly number[]) => graph.constant('int64', values, [2])
  const END = -(2 ** 31)
  return graph.add('Slice', [channelsLast, int64([-1, -1]), int64([END, END]), int64([1, 2]), int64([-1, -1])])
}
