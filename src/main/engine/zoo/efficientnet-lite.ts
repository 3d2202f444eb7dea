/** EfficientNet-Lite (Google, 2020): EfficientNet (Tan and Le 2019) without squeeze-and-excitation, with ReLU6, stem and head not scaled. */
import type { Backbone, Pooled } from './backbone'
import { type StageRow, STAGES } from './efficientnet-stages'
import type { NetworkBuilder } from './network'
import type { WeightsRow } from './weights-rows'

interface LiteRow {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly dropout: number
  readonly weights: readonly [WeightsRow, ...WeightsRow[]]
}

const ROWS: readonly LiteRow[] = [
  {
    name: 'efficientnet_lite0',
    title: 'EfficientNet-Lite0',
    description: 'Accurate for its size and quick on a CPU. Its ImageNet weights come with Graft.',
    dropout: 0.2,
    weights: [
      {
        name: 'imagenet1k_v1',
        fileName: 'efficientnet_lite0-57934424.pth',
        sha256Prefix: '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
        url: null,
        sizeBytes: 18_826_032,
        licence: 'Apache-2.0',
        top1: null,
        evaluation: { resize: 256, crop: 224, interpolation: 'bicubic' },
      },
    ],
  },
]

const NORM = { epsilon: 1e-3, momentum: 0.01 }

function invertedResidual(net: NetworkBuilder, name: string, input: string, block: { in: number; stage: StageRow; stride: 1 | 2 }): string {
  const { stage, stride } = block
  const expanded = block.in * stage.expansion
  let x = input
  if (stage.expansion !== 1) {
    x = net.conv(`${name}._expand_conv`, x, { in: block.in, out: expanded, kernel: 1 })
    x = net.activation(net.batchNorm(`${name}._bn0`, x, expanded, NORM), 'relu6')
  }
  const depthwise = { in: expanded, out: expanded, kernel: stage.kernel, stride, padding: 'same' as const, groups: expanded }
  x = net.conv(`${name}._depthwise_conv`, x, depthwise)
  x = net.activation(net.batchNorm(`${name}._bn1`, x, expanded, NORM), 'relu6')
  x = net.conv(`${name}._project_conv`, x, { in: expanded, out: stage.out, kernel: 1 })
  x = net.batchNorm(`${name}._bn2`, x, stage.out, NORM)
  return stride === 1 && block.in === stage.out ? net.add(x, input) : x
}

function writeFeatures(net: NetworkBuilder): Pooled {
  let x = net.conv('_conv_stem', 'input', { in: 3, out: 32, kernel: 3, stride: 2, padding: 'same' })
  x = net.activation(net.batchNorm('_bn0', x, 32, NORM), 'relu6')
  let channels = 32
  let index = 0
  for (const stage of STAGES) {
    for (let repeat = 0; repeat < stage.repeats; repeat++) {
      x = invertedResidual(net, `_blocks.${index++}`, x, { in: channels, stage, stride: repeat === 0 ? stage.stride : 1 })
      channels = stage.out
    }
  }
  x = net.conv('_conv_head', x, { in: channels, out: 1280, kernel: 1 })
  x = net.activation(net.batchNorm('_bn1', x, 1280, NORM), 'relu6')
  return { value: net.globalAveragePool(x), channels: 1280 }
}

export const EFFICIENTNETS_LITE: readonly Backbone[] = ROWS.map((lite) => ({
  name: lite.name,
  title: lite.title,
  paper: 'EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, arXiv:1905.11946 (Lite variant)',
  description: lite.description,
  preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  weights: lite.weights,
  dropout: lite.dropout,
  stochasticDepth: 0,
  headModule: '_fc',
  classifier: '_fc',
  firstTrainedStage: null,
  writeFeatures,
  writeLinearHead: (net, pooled, { classes, dropout }) => net.linear('_fc', net.dropout(pooled.value, dropout), pooled.channels, classes, 'efficientnet'),
}))
