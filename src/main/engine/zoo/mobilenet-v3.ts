/** MobileNetV3 (Howard et al. 2019), as torchvision defines it. */
import type { ActivationName } from '../layers/layer'
import { type Backbone, IMAGENET_PREPROCESSING, type Pooled } from './backbone'
import { roundToEight, squeezeExcite } from './inverted-residual'
import type { NetworkBuilder } from './network'
import { torchvisionWeights, type WeightsRow } from './weights-rows'

interface BlockRow {
  readonly in: number
  readonly kernel: 3 | 5
  readonly expanded: number
  readonly out: number
  readonly squeeze: boolean
  readonly activation: ActivationName
  readonly stride: 1 | 2
}

const row = (input: number, kernel: 3 | 5, expanded: number, out: number, squeeze: boolean, activation: ActivationName, stride: 1 | 2): BlockRow => ({
  in: input,
  kernel,
  expanded,
  out,
  squeeze,
  activation,
  stride,
})

interface MobileNetV3Row {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly blocks: readonly BlockRow[]
  /** Width of the hidden layer of the classifier. */
  readonly hidden: number
  readonly weights: readonly [WeightsRow, ...WeightsRow[]]
}

const ROWS: readonly MobileNetV3Row[] = [
  {
    name: 'mobilenet_v3_small',
    title: 'MobileNetV3-Small',
    description: 'The quickest. For phones and small boards, or when a first answer counts more than the last point of accuracy.',
    hidden: 1024,
    blocks: [
      row(16, 3, 16, 16, true, 'relu', 2), // 112×112 in
      row(16, 3, 72, 24, false, 'relu', 2), // 56×56
      row(24, 3, 88, 24, false, 'relu', 1), // 28×28
      row(24, 5, 96, 40, true, 'hard_swish', 2),
      row(40, 5, 240, 40, true, 'hard_swish', 1), // 14×14
      row(40, 5, 240, 40, true, 'hard_swish', 1),
      row(40, 5, 120, 48, true, 'hard_swish', 1),
      row(48, 5, 144, 48, true, 'hard_swish', 1),
      row(48, 5, 288, 96, true, 'hard_swish', 2),
      row(96, 5, 576, 96, true, 'hard_swish', 1), // 7×7
      row(96, 5, 576, 96, true, 'hard_swish', 1),
    ],
    weights: [torchvisionWeights(1, 'mobilenet_v3_small-047dcff4', 9.829, 67.668, [256, 224])],
  },
  {
    name: 'mobilenet_v3_large',
    title: 'MobileNetV3-Large',
    description: 'Twice the size of Small and clearly more accurate; still quick on a CPU.',
    hidden: 1280,
    blocks: [
      row(16, 3, 16, 16, false, 'relu', 1), // 112×112 in
      row(16, 3, 64, 24, false, 'relu', 2),
      row(24, 3, 72, 24, false, 'relu', 1), // 56×56
      row(24, 5, 72, 40, true, 'relu', 2),
      row(40, 5, 120, 40, true, 'relu', 1), // 28×28
      row(40, 5, 120, 40, true, 'relu', 1),
      row(40, 3, 240, 80, false, 'hard_swish', 2),
      row(80, 3, 200, 80, false, 'hard_swish', 1), // 14×14
      row(80, 3, 184, 80, false, 'hard_swish', 1),
      row(80, 3, 184, 80, false, 'hard_swish', 1),
      row(80, 3, 480, 112, true, 'hard_swish', 1),
      row(112, 3, 672, 112, true, 'hard_swish', 1),
      row(112, 5, 672, 160, true, 'hard_swish', 2),
      row(160, 5, 960, 160, true, 'hard_swish', 1), // 7×7
      row(160, 5, 960, 160, true, 'hard_swish', 1),
    ],
    weights: [
      torchvisionWeights(1, 'mobilenet_v3_large-8738ca79', 21.114, 74.042, [256, 224]),
      torchvisionWeights(2, 'mobilenet_v3_large-5c1a4163', 21.107, 75.274, [232, 224]),
    ],
  },
]

const NORM = { epsilon: 1e-3, momentum: 0.01 }

/** Expand, depthwise, squeeze-and-excite, project; a shortcut where shape allows. */
function invertedResidual(net: NetworkBuilder, name: string, input: string, block: BlockRow): string {
  let part = 0
  const normalised = (x: string, out: number) => net.batchNorm(`${name}.block.${part}.1`, x, out, NORM)
  let x = input
  if (block.expanded !== block.in) {
    x = net.conv(`${name}.block.${part}.0`, x, { in: block.in, out: block.expanded, kernel: 1 })
    x = net.activation(normalised(x, block.expanded), block.activation)
    part++
  }
  const { expanded, kernel, stride } = block
  x = net.conv(`${name}.block.${part}.0`, x, { in: expanded, out: expanded, kernel, stride, groups: expanded })
  x = net.activation(normalised(x, expanded), block.activation)
  part++
  if (block.squeeze) {
    const squeezed = roundToEight(expanded / 4)
    x = squeezeExcite(net, `${name}.block.${part++}`, x, { channels: expanded, squeezed, activation: 'relu', gate: 'hard_sigmoid' })
  }
  x = normalised(net.conv(`${name}.block.${part}.0`, x, { in: expanded, out: block.out, kernel: 1 }), block.out)
  return block.stride === 1 && block.in === block.out ? net.add(x, input) : x
}

function writeFeatures(net: NetworkBuilder, network: MobileNetV3Row): Pooled {
  let x = net.conv('features.0.0', 'input', { in: 3, out: 16, kernel: 3, stride: 2 })
  x = net.activation(net.batchNorm('features.0.1', x, 16, NORM), 'hard_swish')
  network.blocks.forEach((block, i) => {
    x = invertedResidual(net, `features.${i + 1}`, x, block)
  })
  const last = network.blocks.at(-1)?.out ?? 16
  const index = network.blocks.length + 1
  x = net.conv(`features.${index}.0`, x, { in: last, out: 6 * last, kernel: 1 })
  x = net.activation(net.batchNorm(`features.${index}.1`, x, 6 * last, NORM), 'hard_swish')
  return { value: net.globalAveragePool(x), channels: 6 * last }
}

/** The published head has a hidden layer of its own, which keeps its ImageNet weights. */
function writeLinearHead(net: NetworkBuilder, { hidden }: MobileNetV3Row, pooled: Pooled, { classes, dropout }: { classes: number; dropout: number }): string {
  const x = net.activation(net.linear('classifier.0', pooled.value, pooled.channels, hidden, 'mobilenet'), 'hard_swish')
  return net.linear('classifier.3', net.dropout(x, dropout), hidden, classes, 'mobilenet')
}

export const MOBILENETS_V3: readonly Backbone[] = ROWS.map((network) => ({
  name: network.name,
  title: network.title,
  paper: 'Searching for MobileNetV3, arXiv:1905.02244',
  description: network.description,
  preprocessing: IMAGENET_PREPROCESSING,
  weights: network.weights,
  dropout: 0.2,
  stochasticDepth: 0,
  headModule: 'classifier',
  classifier: 'classifier.3',
  firstTrainedStage: null,
  writeFeatures: (net) => writeFeatures(net, network),
  writeLinearHead: (net, pooled, options) => writeLinearHead(net, network, pooled, options),
}))
