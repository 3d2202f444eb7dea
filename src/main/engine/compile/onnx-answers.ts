/** A network in two ONNX graphs: the backbone, uint8 pictures to its last feature map and the means of one halfway, and the head, the last map's means to logits. */
import { encodeOnnx } from '../formats/onnx'
import type { TensorMap } from '../formats/tensor-map'
import type { Preprocessing } from '../zoo/backbone'
import { freezableLayers, type Network, networkShapes } from '../zoo/network'
import { layersBetween } from './forward'
import { writeOnnxLayers } from './onnx'
import { OnnxBuilder } from './onnx-builder'
import { writeChannelsFirst, writeOnnxNormalise } from './onnx-preprocessing'

export const ANSWER_PICTURES = 'pictures'
export const ANSWER_MAP = 'map'
export const ANSWER_MIDDLE = 'middle'
export const ANSWER_FEATURES = 'features'
export const ANSWER_LOGITS = 'logits'

export interface OnnxAnswers {
  /** Bytes of a model: uint8 [N, side, side, 3] → float32 [N, channels, height, width]. The same for two sets of weights that differ in the head alone. */
  readonly backbone: Uint8Array
  /** float32 [N, channels], the means of a map's channels → float32 [N, classes]. */
  readonly head: Uint8Array
  /** Of the map. */
  readonly channels: number
  /** Of the map halfway, whose means are ANSWER_MIDDLE. */
  readonly middleChannels: number
  readonly height: number
  readonly width: number
}

/** Inference form, float32; the answers are those of the export to ONNX before its softmax. */
export function compileOnnxAnswers(options: { network: Network; imageSize: number; preprocessing: Preprocessing; weights: TensorMap }): OnnxAnswers {
  const { network, imageSize, preprocessing, weights } = options
  const shapes = networkShapes(network, imageSize)
  const last = network.layers.find(({ name }) => name === network.pooling)?.inputs[0] ?? ''
  const [height = 0, width = 0, channels = 0] = shapes.get(last) ?? []
  const middleChannels = shapes.get(middleOf(network, last))?.[2] ?? 0
  const [classes = 0] = shapes.get(network.output) ?? []

  const front = new OnnxBuilder()
  const pixels = front.input(ANSWER_PICTURES)
  const prepared = front.scoped('preprocessing', () => writeOnnxNormalise(front, writeChannelsFirst(front, pixels), preprocessing))
  const layers = { network, imageSize, weights, precision: 'float32' as const }
  const middle = middleOf(network, last)
  const half = writeOnnxLayers(front, { ...layers, input: prepared, to: middle })
  front.add('Identity', [front.add('GlobalAveragePool', [half.output])], {}, ANSWER_MIDDLE)
  const map = writeOnnxLayers(front, { ...layers, input: half.output, from: middle, to: last })
  front.add('Identity', [map.output], {}, ANSWER_MAP)
  const backbone = encodeOnnx({
    graphName: 'backbone',
    description: '',
    inputs: [{ name: ANSWER_PICTURES, type: 'uint8', shape: ['N', imageSize, imageSize, 3], description: '' }],
    outputs: [
      { name: ANSWER_MAP, type: 'float32', shape: ['N', channels, height, width], description: '' },
      { name: ANSWER_MIDDLE, type: 'float32', shape: ['N', middleChannels, 1, 1], description: '' },
    ],
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
  return { backbone, head, channels, middleChannels, height, width }
}

/** The end of a block nearest to half of the backbone's convolutions: an addition that all of what follows can be computed from. */
function middleOf(network: Network, last: string): string {
  const half = freezableLayers(network).length / 2
  let convolutions = 0
  let nearest = last
  let distance = Infinity
  for (const layer of network.layers) {
    if (layer.name === last) break
    if (layer.kind === 'conv') convolutions++
    const away = Math.abs(convolutions - half)
    if (layer.kind !== 'add' || away >= distance || !leadsTo(network, layer.name, last)) continue
    nearest = layer.name
    distance = away
  }
  return nearest
}

function leadsTo(network: Network, from: string, to: string): boolean {
  try {
    layersBetween(network, from, to)
    return true
  } catch {
    return false // something before it is needed too
  }
}
