import { afterAll, expect, test } from 'vitest'
import { softTargets } from '../compile/loss'
import { OPTIMIZER_RULES } from '../compile/optimizers'
import { compileProgram } from '../compile/program'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { frozenLayerCount, frozenNames, prefixCut } from './freeze'
import { freezableLayers, type Network, NetworkBuilder, networkParameters, networkShapes } from './network'
import { buildNetwork, findBackbone } from './registry'

const BATCH = 4
const CLASSES = 3
const STEPS = 5
const SETTINGS = { weightDecay: 1e-3, momentum: 0, nesterov: false }
const seen: Record<string, number> = {}

function small(): Network {
  const net = new NetworkBuilder()
  let x = net.conv('conv1', 'input', { in: 3, out: 6, kernel: 3, stride: 2 })
  x = net.activation(net.batchNorm('bn1', x, 6), 'relu')
  x = net.conv('conv2', x, { in: 6, out: 8, kernel: 3, stride: 2 })
  const middle = net.activation(net.batchNorm('bn2', x, 8), 'hard_swish')
  x = net.conv('conv3', middle, { in: 8, out: 8, kernel: 3 })
  x = net.add(net.batchNorm('bn3', x, 8), middle)
  x = net.conv('conv4', x, { in: 8, out: 10, kernel: 1, bias: true })
  const pooled = net.globalAveragePool(net.activation(net.batchNorm('bn4', x, 10), 'relu6'))
  return net.build(pooled, net.linear('fc', net.dropout(pooled, 0.2), 10, CLASSES))
}

const NETWORKS = {
  small: { network: small(), side: 16, gain: 1.5 },
  mobilenet_v3_small: { network: buildNetwork(findBackbone('mobilenet_v3_small'), { classes: CLASSES, dropout: null }), side: 64, gain: 1.4 },
}
/** Expected cuts; the whole backbone frozen ends at its pooling. */
const CASES = [
  { name: 'small', ratio: 0, frozenLayers: 0, cut: 'input' },
  { name: 'small', ratio: 0.7, frozenLayers: 2, cut: 'bn2/hard_swish' },
  { name: 'small', ratio: 1, frozenLayers: 4, cut: 'bn4/relu6/mean' },
  { name: 'mobilenet_v3_small', ratio: 0, frozenLayers: 0, cut: 'input' },
  { name: 'mobilenet_v3_small', ratio: 0.7, frozenLayers: 36, cut: 'features.8.block.3.1/add' },
  { name: 'mobilenet_v3_small', ratio: 1, frozenLayers: 52, cut: 'features.12.1/hard_swish/mean' },
] as const

const layerOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'))
/** Of megabytes of weights, compared as bytes: so −0 is not 0. */
const bytesOf = (data: Float32Array | undefined) => Buffer.from(data?.buffer ?? new ArrayBuffer(0), data?.byteOffset, data?.byteLength)
const pixels = (side: number, step: number) => ({ shape: [BATCH, side, side, 3], data: formulaPixels(100 + (step % 3), BATCH * side * side * 3) })

function open(network: Network, imageSize: number, cut: string, frozen: ReadonlySet<string>, gain: number) {
  const trained = new Set(networkParameters(network).map((spec) => layerOf(spec.name)).filter((layer) => !frozen.has(layer)))
  const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const
  const program = compileProgram({ network, imageSize, preprocessing, cut, trained, optimizer: 'adamw', optimizerSettings: SETTINGS })
  const session = new NetworkSession(program)
  session.load(formulaWeights(network, gain))
  return session
}

const step = (session: NetworkSession, head: Parameters<NetworkSession['trainStep']>[0], index: number) =>
  session.trainStep(head, {
    targets: { shape: [BATCH, CLASSES], data: softTargets([0, 1, 2, index % CLASSES], CLASSES, 0) },
    weights: { shape: [BATCH], data: new Float32Array(BATCH).fill(1 / BATCH) },
    scalars: OPTIMIZER_RULES.adamw.scalars(index + 1, 1e-3, SETTINGS),
    randomKey: Int32Array.of(9, 0),
    step: index,
  }).loss

test.each(CASES)('$name, freeze ratio $ratio: frozen layers keep every bit, the others train, kept features train alike', ({ name, ratio, frozenLayers, cut }) => {
  const { network, side, gain } = NETWORKS[name]
  expect(frozenLayerCount(network, ratio)).toBe(frozenLayers)
  const frozen = frozenNames(freezableLayers(network).slice(0, frozenLayers))
  expect(prefixCut(network, frozen, side)).toBe(cut)

  const before = formulaWeights(network, gain)
  const inside = open(network, side, 'input', frozen, gain)
  const losses = Array.from({ length: STEPS }, (_, index) => {
    const pictures = inside.pictures(pixels(side, index), null)
    const loss = step(inside, pictures, index)
    inside.release(pictures)
    return loss
  })
  const after = inside.state()
  let frozenTensors = 0
  for (const [parameter, { data }] of before) {
    if (frozen.has(layerOf(parameter))) {
      frozenTensors++
      expect(bytesOf(after.get(parameter)?.data).equals(bytesOf(data)), parameter).toBe(true)
      expect(after.has(`exp_avg/${parameter}`)).toBe(false)
    } else {
      expect(bytesOf(after.get(parameter)?.data).equals(bytesOf(data)), parameter).toBe(false)
      expect(after.has(`exp_avg/${parameter}`)).toBe(!parameter.includes('running_'))
    }
  }
  expect(frozenTensors > 0).toBe(ratio > 0)
  inside.close()
  if (cut === 'input') return

  // The prefix runs once a picture; what it gave is kept on the host and fed.
  const shape = networkShapes(network, side).get(cut) ?? []
  const ahead = open(network, side, cut, frozen, gain)
  const keptFeatures = [0, 1, 2].map((index) => ahead.read(ahead.features(ahead.pictures(pixels(side, index), null))))
  const keptLosses = Array.from({ length: STEPS }, (_, index) => step(ahead, { shape: [BATCH, ...shape], data: keptFeatures[index % 3] ?? new Float32Array() }, index))
  const difference = Math.max(...losses.map((loss, i) => Math.abs(loss - (keptLosses[i] ?? NaN))))
  seen[`${name} ${ratio}`] = difference
  expect(difference).toBeLessThan(1e-5)
  expect(new Set(losses.map((loss) => loss.toFixed(4))).size).toBeGreaterThan(1)
  const keptAfter = ahead.state()
  for (const [parameter, { data }] of before) {
    if (frozen.has(layerOf(parameter))) expect(bytesOf(keptAfter.get(parameter)?.data).equals(bytesOf(data)), parameter).toBe(true)
  }
  ahead.close()
})

test('the ratio counts convolutions, and rounding does not lose one', () => {
  const { network } = NETWORKS.mobilenet_v3_small
  expect(freezableLayers(network)).toHaveLength(52)
  expect([0, 0.25, 0.5, 0.75, 1].map((ratio) => frozenLayerCount(network, ratio))).toEqual([0, 13, 26, 39, 52])
  expect(frozenLayerCount(NETWORKS.small.network, 0.7)).toBe(2)
  for (let layers = 0; layers <= 52; layers++) expect(frozenLayerCount(network, layers / 52)).toBe(layers)
})

afterAll(() => {
  console.info('Kept features against frozen layers in the step, largest differences of losses:', seen)
})
