/** ResNet (He et al. 2016), as torchvision defines it: the stride of a bottleneck sits on its 3×3 convolution. */
import { type Backbone, IMAGENET_PREPROCESSING, type WeightsRow } from './backbone'
import { type Network, NetworkBuilder } from './network'

interface ResNetRow {
  readonly name: string
  readonly title: string
  readonly block: 'basic'
  /** Blocks in each of the four stages. */
  readonly blocks: readonly [number, number, number, number]
  readonly description: string
  readonly weights: WeightsRow
}

const ROWS: readonly ResNetRow[] = [
  {
    name: 'resnet18',
    title: 'ResNet-18',
    block: 'basic',
    blocks: [2, 2, 2, 2],
    description: 'The sturdy classic. Larger and slower on a CPU than the mobile networks, forgiving to train.',
    weights: {
      fileName: 'resnet18-f37072fd.pth',
      sha256Prefix: 'f37072fd',
      url: 'https://download.pytorch.org/models/resnet18-f37072fd.pth',
      licence: 'BSD-3-Clause (torchvision)',
    },
  },
]

/** Two 3×3 convolutions and a shortcut. */
function basicBlock(net: NetworkBuilder, name: string, input: string, channels: { in: number; out: number }, stride: number): string {
  let x = net.conv(`${name}.conv1`, input, { in: channels.in, out: channels.out, kernel: 3, stride })
  x = net.activation(net.batchNorm(`${name}.bn1`, x, channels.out), 'relu')
  x = net.conv(`${name}.conv2`, x, { in: channels.out, out: channels.out, kernel: 3 })
  x = net.batchNorm(`${name}.bn2`, x, channels.out)
  let shortcut = input
  if (stride !== 1 || channels.in !== channels.out) {
    shortcut = net.conv(`${name}.downsample.0`, input, { in: channels.in, out: channels.out, kernel: 1, stride, padding: 0 })
    shortcut = net.batchNorm(`${name}.downsample.1`, shortcut, channels.out)
  }
  return net.activation(net.add(x, shortcut), 'relu')
}

function build(row: ResNetRow, classes: number, dropout: number): Network {
  const net = new NetworkBuilder()
  let x = net.conv('conv1', 'input', { in: 3, out: 64, kernel: 7, stride: 2 })
  x = net.activation(net.batchNorm('bn1', x, 64), 'relu')
  x = net.maxPool(x, { kernel: 3, stride: 2, padding: 1 })
  let channels = 64
  row.blocks.forEach((count, stage) => {
    const out = 64 * 2 ** stage
    for (let block = 0; block < count; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1
      x = basicBlock(net, `layer${stage + 1}.${block}`, x, { in: channels, out }, stride)
      channels = out
    }
  })
  const pooled = net.globalAveragePool(x)
  const head = dropout > 0 ? net.dropout(pooled, dropout) : pooled
  return net.build(pooled, net.linear('fc', head, channels, classes))
}

export const RESNETS: readonly Backbone[] = ROWS.map((row) => ({
  name: row.name,
  title: row.title,
  paper: 'Deep Residual Learning for Image Recognition, arXiv:1512.03385',
  description: row.description,
  preprocessing: IMAGENET_PREPROCESSING,
  weights: row.weights,
  dropout: null,
  classifier: 'fc',
  build: ({ classes, dropout }) => build(row, classes, dropout),
}))
