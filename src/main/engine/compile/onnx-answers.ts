/** A network in two ONNX graphs: the backbone, uint8 pictures to its last feature map, and the head, the map's means to logits. */
import { encodeOnnx } from '../formats/onnx'
import type { TensorMap } from '../formats/tensor-map'
import type { Preprocessing } from '../zoo/backbone'
import { type Network, networkShapes } from '../zoo/network'
import { writeOnnxLayers } from './onnx'
import { OnnxBuilder } from './onnx-builder'
import { writeChannelsFirst, writeOnnxNormalise } from './onnx-preprocessing'

export const ANSWER_PICTURES = 'pictures'
export const ANSWER_MAP = 'map'
export const ANSWER_FEATURES = 'features'
export const ANSWER_LOGITS = 'logits'

export interface OnnxAnswers {
  /** Bytes of a model: uint8 [N, side, side, 3] → float32 [N, channels, height, width]. The same for two sets of weights that differ in the head alone. */
  readonly backbone: Uint8Array
  /** float32 [N, channels], the means of a map's channels → float32 [N, classes]. */
  readonly head: Uint8Array
  /** Of the map. */
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** Inference form, float32; the answers are those of the export to ONNX before its softmax. */
export function compileOnnxAnswers(options: { network: Network; imageSize: number; preprocessing: Preprocessing; weights: TensorMap }): OnnxAnswers {
  const { network, imageSize, preprocessing, weights } = options
  const shapes = networkShapes(network, imageSize)
  const last = network.layers.find(({ name }) => name === network.pooling)?.inputs[0] ?? ''
  const [height = 0, width = 0, channels = 0] = shapes.get(last) ?? []
  const [classes = 0] = shapes.get(network.output) ?? []

  const front = new OnnxBuilder()
  const pixels = front.input(ANSWER_PICTURES)
  const prepared = front.scoped('preprocessing', () => writeOnnxNormalise(front, writeChannelsFirst(front, pixels), preprocessing))
  const map = writeOnnxLayers(front, { network, imageSize, weights, precision: 'float32', input: prepared, to: last })
  front.add('Identity', [map.output], {}, ANSWER_MAP)
  const backbone = encodeOnnx({
    graphName: 'backbone',
    description: '',
    inputs: [{ name: ANSWER_PICTURES, type: 'uint8', shape: ['N', imageSize, imageSize, 3], description: '' }],
    outputs: [{ name: ANSWER_MAP, type: 'float32', shape: ['N', channels, height, width], description: '' }],
    nodes: front.nodes,
    initializers: front.initializers,
    metadata: {},
  })

  const back = new OnnxBuilder()
  const features = back.input(ANSWER_FEATURES)
  const logits = writeOnnxLayers(back, { network, imageSize, weights, precision: 'float32', input: features, from: network.pooling, to: network.output })
  back.add('Identity', [logits.output], {}, ANSWER_LOGITS)
  const head = encodeOnnx({
    graphName: 'head',
    description: '',
    inputs: [{ name: ANSWER_FEATURES, type: 'float32', shape: ['N', channels], description: '' }],
    outputs: [{ name: ANSWER_LOGITS, type: 'float32', shape: ['N', classes], description: '' }],
    nodes: back.nodes,
    initializers: back.initializers,
    metadata: {},
  })
  return { backbone, head, channels, height, width }
}
