/** ResNet (He et al. 2016), as torchvision defines it: the stride of a bottleneck sits on its 3×3 convolution. */
import { type Backbone, IMAGENET_PREPROCESSING, type Pooled } from './backbone'
import type { NetworkBuilder } from './network'
import { torchvisionWeights, type WeightsRow } from './weights-rows'

interface ResNetRow {
  readonly name: string
  readonly title: string
  readonly block: 'basic' | 'bottleneck'
  /** Blocks in each of the four stages. */
  readonly blocks: readonly [number, number, number, number]
  readonly description: string
  readonly weights: readonly [WeightsRow, ...WeightsRow[]]
}

const ROWS: readonly ResNetRow[] = [
  {
    name: 'resnet18',
    title: 'ResNet-18',
    block: 'basic',
    blocks: [2, 2, 2, 2],
    description: 'The sturdy classic. Larger and slower on a CPU than the mobile networks, forgiving to train.',
    weights: [torchvisionWeights(1, 'resnet18-f37072fd', 44.661, 69.758, [256, 224])],
  },
  {
    name: 'resnet34',
    title: 'ResNet-34',
    block: 'basic',
    blocks: [3, 4, 6, 3],
    description: 'ResNet-18 with twice the depth: twice the work for a few points more.',
    weights: [torchvisionWeights(1, 'resnet34-b627a593', 83.275, 73.314, [256, 224])],
  },
  {
    name: 'resnet50',
    title: 'ResNet-50',
    block: 'bottleneck',
    blocks: [3, 4, 6, 3],
    description: 'What most papers compare with. Accurate and well understood; slow on a CPU unless much of it is frozen.',
    weights: [
      torchvisionWeights(1, 'resnet50-0676ba61', 97.781, 76.13, [256, 224]),
      torchvisionWeights(2, 'resnet50-11ad3fa6', 97.79, 80.858, [232, 224]),
    ],
  },
  {
    name: 'resnet101',
    title: 'ResNet-101',
    block: 'bottleneck',
    blocks: [3, 4, 23, 3],
    description: 'The deepest ResNet here, for a GPU or for frozen features.',
    weights: [
      torchvisionWeights(1, 'resnet101-63fe2227', 170.511, 77.374, [256, 224]),
      torchvisionWeights(2, 'resnet101-cd907fc2', 170.53, 81.886, [232, 224]),
    ],
  },
]

/** A bottleneck's last convolution widens by this. */
const EXPANSION = 4

/** A block's input, width and stride. */
interface BlockShape {
  readonly in: number
  readonly width: number
  readonly stride: 1 | 2
}

/** Convolution and batch norm under torchvision's names; the k-th of a block is `conv{k}`, `bn{k}`. */
function normalised(net: NetworkBuilder, name: string, k: number, input: string, shape: { in: number; out: number; kernel: 1 | 3; stride?: 1 | 2 }): string {
  return net.batchNorm(`${name}.bn${k}`, net.conv(`${name}.conv${k}`, input, shape), shape.out)
}

/** The input itself, or brought to the block's shape by a 1×1 convolution. */
function shortcut(net: NetworkBuilder, name: string, input: string, channels: { in: number; out: number }, stride: 1 | 2): string {
  if (stride === 1 && channels.in === channels.out) return input
  const x = net.conv(`${name}.downsample.0`, input, { ...channels, kernel: 1, stride })
  return net.batchNorm(`${name}.downsample.1`, x, channels.out)
}

/** Two 3×3 convolutions and a shortcut. */
function basicBlock(net: NetworkBuilder, name: string, input: string, { in: channels, width, stride }: BlockShape): string {
  let x = net.activation(normalised(net, name, 1, input, { in: channels, out: width, kernel: 3, stride }), 'relu')
  x = normalised(net, name, 2, x, { in: width, out: width, kernel: 3 })
  return net.activation(net.add(x, shortcut(net, name, input, { in: channels, out: width }, stride)), 'relu')
}

/** 1×1 to narrow, 3×3, 1×1 to widen, and a shortcut. */
function bottleneck(net: NetworkBuilder, name: string, input: string, { in: channels, width, stride }: BlockShape): string {
  const out = EXPANSION * width
  let x = net.activation(normalised(net, name, 1, input, { in: channels, out: width, kernel: 1 }), 'relu')
  x = net.activation(normalised(net, name, 2, x, { in: width, out: width, kernel: 3, stride }), 'relu')
  x = normalised(net, name, 3, x, { in: width, out, kernel: 1 })
  return net.activation(net.add(x, shortcut(net, name, input, { in: channels, out }, stride)), 'relu')
}

const BLOCKS = { basic: { write: basicBlock, expansion: 1 }, bottleneck: { write: bottleneck, expansion: EXPANSION } } as const

function writeFeatures(net: NetworkBuilder, row: ResNetRow): Pooled {
  const block = BLOCKS[row.block]
  let x = net.conv('conv1', 'input', { in: 3, out: 64, kernel: 7, stride: 2 })
  x = net.activation(net.batchNorm('bn1', x, 64), 'relu')
  x = net.maxPool(x, { kernel: 3, stride: 2, padding: 1 })
  let channels = 64
  row.blocks.forEach((count, stage) => {
    const width = 64 * 2 ** stage
    for (let index = 0; index < count; index++) {
      x = block.write(net, `layer${stage + 1}.${index}`, x, { in: channels, width, stride: index === 0 && stage > 0 ? 2 : 1 })
      channels = width * block.expansion
    }
  })
  return { value: net.globalAveragePool(x), channels }
}

export const RESNETS: readonly Backbone[] = ROWS.map((row) => ({
  name: row.name,
  title: row.title,
  paper: 'Deep Residual Learning for Image Recognition, arXiv:1512.03385',
  description: row.description,
  preprocessing: IMAGENET_PREPROCESSING,
  weights: row.weights,
  dropout: null,
  stochasticDepth: 0,
  headModule: 'fc',
  classifier: 'fc',
  firstTrainedStage: 'layer3',
  writeFeatures: (net) => writeFeatures(net, row),
  writeLinearHead: (net, pooled, { classes, dropout }) => net.linear('fc', net.dropout(pooled.value, dropout), pooled.channels, classes),
}))
