/** MobileNetV2 (Sandler et al. 2018), as torchvision defines it. */
import { type Backbone, IMAGENET_PREPROCESSING, type Pooled } from './backbone'
import { roundToEight } from './inverted-residual'
import type { NetworkBuilder } from './network'
import { torchvisionWeights, type WeightsRow } from './weights-rows'

interface StageRow {
  readonly expansion: 1 | 6
  readonly out: number
  readonly repeats: number
  /** Of the stage's first block; the others have stride 1. */
  readonly stride: 1 | 2
}

const STAGES: readonly StageRow[] = [
  { expansion: 1, out: 16, repeats: 1, stride: 1 }, // 112×112 in
  { expansion: 6, out: 24, repeats: 2, stride: 2 },
  { expansion: 6, out: 32, repeats: 3, stride: 2 }, // 56×56
  { expansion: 6, out: 64, repeats: 4, stride: 2 }, // 28×28
  { expansion: 6, out: 96, repeats: 3, stride: 1 }, // 14×14
  { expansion: 6, out: 160, repeats: 3, stride: 2 },
  { expansion: 6, out: 320, repeats: 1, stride: 1 }, // 7×7
]

interface MobileNetV2Row {
  readonly name: string
  readonly title: string
  readonly description: string
  /** What all channel counts are multiplied by. */
  readonly width: number
  readonly weights: readonly [WeightsRow, ...WeightsRow[]]
}

const ROWS: readonly MobileNetV2Row[] = [
  {
    name: 'mobilenet_v2',
    title: 'MobileNetV2',
    description: 'Small and even-tempered, without squeeze-and-excitation: easy to run on odd hardware. A good choice for frozen features.',
    width: 1,
    weights: [
      torchvisionWeights(1, 'mobilenet_v2-b0353104', 13.555, 71.878, [256, 224]),
      torchvisionWeights(2, 'mobilenet_v2-7ebf99e0', 13.598, 72.154, [232, 224]),
    ],
  },
]

/** Expand, depthwise, project; a shortcut where shape allows. */
function invertedResidual(net: NetworkBuilder, name: string, input: string, block: { in: number; out: number; expansion: 1 | 6; stride: 1 | 2 }): string {
  const expanded = block.in * block.expansion
  let part = 0
  const activated = (x: string) => net.activation(net.batchNorm(`${name}.conv.${part++}.1`, x, expanded), 'relu6')
  let x = input
  if (block.expansion !== 1) x = activated(net.conv(`${name}.conv.${part}.0`, x, { in: block.in, out: expanded, kernel: 1 }))
  x = activated(net.conv(`${name}.conv.${part}.0`, x, { in: expanded, out: expanded, kernel: 3, stride: block.stride, groups: expanded }))
  x = net.conv(`${name}.conv.${part}`, x, { in: expanded, out: block.out, kernel: 1 })
  x = net.batchNorm(`${name}.conv.${part + 1}`, x, block.out)
  return block.stride === 1 && block.in === block.out ? net.add(x, input) : x
}

function writeFeatures(net: NetworkBuilder, { width }: MobileNetV2Row): Pooled {
  let channels = roundToEight(32 * width)
  let x = net.conv('features.0.0', 'input', { in: 3, out: channels, kernel: 3, stride: 2 })
  x = net.activation(net.batchNorm('features.0.1', x, channels), 'relu6')
  let index = 1
  for (const { expansion, out, repeats, stride } of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const block = { in: channels, out: roundToEight(out * width), expansion, stride: repeat === 0 ? stride : 1 }
      x = invertedResidual(net, `features.${index++}`, x, block)
      channels = block.out
    }
  }
  const last = roundToEight(1280 * Math.max(1, width))
  x = net.conv(`features.${index}.0`, x, { in: channels, out: last, kernel: 1 })
  x = net.activation(net.batchNorm(`features.${index}.1`, x, last), 'relu6')
  return { value: net.globalAveragePool(x), channels: last }
}

export const MOBILENETS_V2: readonly Backbone[] = ROWS.map((row) => ({
  name: row.name,
  title: row.title,
  paper: 'MobileNetV2: Inverted Residuals and Linear Bottlenecks, arXiv:1801.04381',
  description: row.description,
  preprocessing: IMAGENET_PREPROCESSING,
  weights: row.weights,
  dropout: 0.2,
  stochasticDepth: 0,
  headModule: 'classifier',
  classifier: 'classifier.1',
  firstTrainedStage: null,
  writeFeatures: (net) => writeFeatures(net, row),
  writeLinearHead: (net, pooled, { classes, dropout }) => net.linear('classifier.1', net.dropout(pooled.value, dropout), pooled.channels, classes, 'mobilenet'),
}))
