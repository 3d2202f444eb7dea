/** MobileNetV3 (Howard et al. 2019), as torchvision defines it. */
import type { ActivationName } from '../layers/layer'
import { type Backbone, IMAGENET_PREPROCESSING, type WeightsRow } from './backbone'
import { type Network, NetworkBuilder } from './network'

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
  readonly weights: WeightsRow
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
    weights: {
      fileName: 'mobilenet_v3_small-047dcff4.pth',
      sha256Prefix: '047dcff4',
      url: 'https://download.pytorch.org/models/mobilenet_v3_small-047dcff4.pth',
      licence: 'BSD-3-Clause (torchvision)',
    },
  },
]

const NORM = { epsilon: 1e-3, momentum: 0.01 }

/** To the nearest multiple of 8, never below nine tenths: the paper's rule for channel counts. */
function roundToEight(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8)
  return rounded < 0.9 * channels ? rounded + 8 : rounded
}

/** Pool, squeeze to a quarter, excite, scale. */
function squeezeExcite(net: NetworkBuilder, name: string, input: string, channels: number): string {
  const squeezed = roundToEight(channels / 4)
  let factor = net.globalAveragePool(input)
  factor = net.conv(`${name}.fc1`, factor, { in: channels, out: squeezed, kernel: 1, bias: true })
  factor = net.activation(factor, 'relu')
  factor = net.conv(`${name}.fc2`, factor, { in: squeezed, out: channels, kernel: 1, bias: true })
  return net.scale(input, net.activation(factor, 'hard_sigmoid'))
}

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
  if (block.squeeze) x = squeezeExcite(net, `${name}.block.${part++}`, x, expanded)
  x = normalised(net.conv(`${name}.block.${part}.0`, x, { in: expanded, out: block.out, kernel: 1 }), block.out)
  return block.stride === 1 && block.in === block.out ? net.add(x, input) : x
}

function build(network: MobileNetV3Row, classes: number, dropout: number): Network {
  const net = new NetworkBuilder()
  let x = net.conv('features.0.0', 'input', { in: 3, out: 16, kernel: 3, stride: 2 })
  x = net.activation(net.batchNorm('features.0.1', x, 16, NORM), 'hard_swish')
  network.blocks.forEach((block, i) => {
    x = invertedResidual(net, `features.${i + 1}`, x, block)
  })
  const last = network.blocks.at(-1)?.out ?? 16
  const index = network.blocks.length + 1
  x = net.conv(`features.${index}.0`, x, { in: last, out: 6 * last, kernel: 1 })
  x = net.activation(net.batchNorm(`features.${index}.1`, x, 6 * last, NORM), 'hard_swish')
  const pooled = net.globalAveragePool(x)
  x = net.activation(net.linear('classifier.0', pooled, 6 * last, network.hidden), 'hard_swish')
  if (dropout > 0) x = net.dropout(x, dropout)
  return net.build(pooled, net.linear('classifier.3', x, network.hidden, classes))
}

export const MOBILENETS_V3: readonly Backbone[] = ROWS.map((network) => ({
  name: network.name,
  title: network.title,
  paper: 'Searching for MobileNetV3, arXiv:1905.02244',
  description: network.description,
  preprocessing: IMAGENET_PREPROCESSING,
  weights: network.weights,
  dropout: 0.2,
  classifier: 'classifier.3',
  build: ({ classes, dropout }) => build(network, classes, dropout),
}))
