/** EfficientNet (Tan and Le 2019), as torchvision defines it: one table of stages, scaled in width and depth. */
import { type Backbone, IMAGENET_PREPROCESSING, type Pooled } from './backbone'
import { STAGES } from './efficientnet-stages'
import { roundToEight, squeezeExcite } from './inverted-residual'
import type { NetworkBuilder } from './network'
import { torchvisionWeights, type WeightsRow } from './weights-rows'

interface EfficientNetRow {
  readonly name: string
  readonly title: string
  readonly description: string
  /** Channels and blocks are multiplied by these. */
  readonly width: number
  readonly depth: number
  readonly dropout: number
  readonly weights: readonly [WeightsRow, ...WeightsRow[]]
}

const ROWS: readonly EfficientNetRow[] = [
  {
    name: 'efficientnet_b0',
    title: 'EfficientNet-B0',
    description: 'More accurate than its size suggests. Slower in training than Lite0, which was made from it for plain processors.',
    width: 1,
    depth: 1,
    dropout: 0.2,
    weights: [torchvisionWeights(1, 'efficientnet_b0_rwightman-7f5810bc', 20.451, 77.692, [256, 224], 'bicubic')],
  },
  {
    name: 'efficientnet_b1',
    title: 'EfficientNet-B1',
    description: 'B0 a little deeper; published for pictures of 240 pixels.',
    width: 1,
    depth: 1.1,
    dropout: 0.2,
    weights: [
      torchvisionWeights(1, 'efficientnet_b1_rwightman-bac287d4', 30.134, 78.642, [256, 240], 'bicubic'),
      torchvisionWeights(2, 'efficientnet_b1-c27df63c', 30.136, 79.838, [255, 240]),
    ],
  },
  {
    name: 'efficientnet_b2',
    title: 'EfficientNet-B2',
    description: 'B0 a little wider and deeper; published for pictures of 288 pixels.',
    width: 1.1,
    depth: 1.2,
    dropout: 0.3,
    weights: [torchvisionWeights(1, 'efficientnet_b2_rwightman-c35c1473', 35.174, 80.608, [288, 288], 'bicubic')],
  },
  {
    name: 'efficientnet_b3',
    title: 'EfficientNet-B3',
    description: 'The largest EfficientNet here; published for pictures of 300 pixels. For a GPU or for frozen features.',
    width: 1.2,
    depth: 1.4,
    dropout: 0.3,
    weights: [torchvisionWeights(1, 'efficientnet_b3_rwightman-b3899882', 47.184, 82.008, [320, 300], 'bicubic')],
  },
]

/** Residual branches left out at the last block; the first has none, and it grows evenly between. */
const STOCHASTIC_DEPTH = 0.2

interface Block {
  readonly in: number
  readonly out: number
  readonly expansion: 1 | 6
  readonly kernel: 3 | 5
  readonly stride: 1 | 2
  readonly stochasticDepth: number
}

/** Expand, depthwise, squeeze-and-excite, project; a shortcut with stochastic depth where shape allows. */
function mobileBottleneck(net: NetworkBuilder, name: string, input: string, block: Block): string {
  const expanded = roundToEight(block.in * block.expansion)
  let part = 0
  const normalised = (x: string, out: number) => net.batchNorm(`${name}.block.${part++}.1`, x, out)
  let x = input
  if (expanded !== block.in) x = net.activation(normalised(net.conv(`${name}.block.${part}.0`, x, { in: block.in, out: expanded, kernel: 1 }), expanded), 'silu')
  const depthwise = { in: expanded, out: expanded, kernel: block.kernel, stride: block.stride, groups: expanded }
  x = net.activation(normalised(net.conv(`${name}.block.${part}.0`, x, depthwise), expanded), 'silu')
  const squeezed = Math.max(1, Math.floor(block.in / 4))
  x = squeezeExcite(net, `${name}.block.${part++}`, x, { channels: expanded, squeezed, activation: 'silu', gate: 'sigmoid' })
  x = normalised(net.conv(`${name}.block.${part}.0`, x, { in: expanded, out: block.out, kernel: 1 }), block.out)
  return block.stride === 1 && block.in === block.out ? net.add(net.stochasticDepth(x, block.stochasticDepth), input) : x
}

function writeFeatures(net: NetworkBuilder, row: EfficientNetRow, stochasticDepth: number): Pooled {
  const wide = (channels: number) => roundToEight(channels * row.width)
  const deep = (repeats: number) => Math.ceil(repeats * row.depth)
  const blocks = STAGES.reduce((sum, stage) => sum + deep(stage.repeats), 0)
  let channels = wide(32)
  let x = net.conv('features.0.0', 'input', { in: 3, out: channels, kernel: 3, stride: 2 })
  x = net.activation(net.batchNorm('features.0.1', x, channels), 'silu')
  let index = 0
  STAGES.forEach(({ expansion, kernel, stride, out, repeats }, stage) => {
    for (let repeat = 0; repeat < deep(repeats); repeat++) {
      const block = { in: channels, out: wide(out), expansion, kernel, stride: repeat === 0 ? stride : 1, stochasticDepth: (stochasticDepth * index++) / blocks }
      x = mobileBottleneck(net, `features.${stage + 1}.${repeat}`, x, block)
      channels = block.out
    }
  })
  const last = 4 * channels
  x = net.conv(`features.${STAGES.length + 1}.0`, x, { in: channels, out: last, kernel: 1 })
  x = net.activation(net.batchNorm(`features.${STAGES.length + 1}.1`, x, last), 'silu')
  return { value: net.globalAveragePool(x), channels: last }
}

export const EFFICIENTNETS: readonly Backbone[] = ROWS.map((row) => ({
  name: row.name,
  title: row.title,
  paper: 'EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, arXiv:1905.11946',
  description: row.description,
  preprocessing: IMAGENET_PREPROCESSING,
  weights: row.weights,
  dropout: row.dropout,
  stochasticDepth: STOCHASTIC_DEPTH,
  headModule: 'classifier',
  classifier: 'classifier.1',
  firstTrainedStage: null,
  writeFeatures: (net, { stochasticDepth }) => writeFeatures(net, row, stochasticDepth),
  writeLinearHead: (net, pooled, { classes, dropout }) => net.linear('classifier.1', net.dropout(pooled.value, dropout), pooled.channels, classes, 'efficientnet'),
}))
