import { afterAll, expect, test } from 'vitest'
import { softTargets } from '../compile/loss'
import { compileProgram } from '../compile/program'
import { formulaPixels, formulaWeights, hashed } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { type Network, NetworkBuilder } from '../zoo/network'

/**
 * The gradient against central differences of the loss itself, along random directions through all parameters at once: what no
 * other library has a say in. In float32, with a step that balances rounding against curvature and the kinks of hard_swish.
 */
const STEP = 5e-3
const TOLERANCE = 2e-3
const SIDE = 6
const BATCH = 3
const CLASSES = 3
const worst: Record<string, number> = {}

const NETWORKS: Record<string, () => Network> = {
  'convolution, batch norm, hard_swish': () => {
    const net = new NetworkBuilder()
    let x = net.conv('conv', 'input', { in: 3, out: 4, kernel: 3, stride: 2, bias: true })
    x = net.activation(net.batchNorm('bn', x, 4), 'hard_swish')
    const pooled = net.globalAveragePool(x)
    return net.build(pooled, net.linear('fc', pooled, 4, CLASSES))
  },
  'depthwise, padding same, a residual': () => {
    const net = new NetworkBuilder()
    const first = net.batchNorm('bn', net.conv('first', 'input', { in: 3, out: 4, kernel: 1 }), 4)
    let x = net.conv('depthwise', net.activation(first, 'hard_swish'), { in: 4, out: 4, kernel: 5, padding: 'same', groups: 4 })
    x = net.add(net.batchNorm('bn2', x, 4), first)
    x = net.conv('down', x, { in: 4, out: 5, kernel: 3, stride: 2, padding: 'same' })
    const pooled = net.globalAveragePool(net.activation(x, 'hard_swish'))
    return net.build(pooled, net.linear('fc', pooled, 5, CLASSES))
  },
  'squeeze and excitation': () => {
    const net = new NetworkBuilder()
    const x = net.conv('conv', 'input', { in: 3, out: 4, kernel: 3, bias: true })
    let factor = net.globalAveragePool(x)
    factor = net.conv('fc1', factor, { in: 4, out: 3, kernel: 1, bias: true })
    factor = net.conv('fc2', net.activation(factor, 'hard_swish'), { in: 3, out: 4, kernel: 1, bias: true })
    const pooled = net.globalAveragePool(net.activation(net.scale(x, net.activation(factor, 'hard_sigmoid')), 'hard_swish'))
    return net.build(pooled, net.linear('fc', pooled, 4, CLASSES))
  },
  'a frozen batch norm between': () => {
    const net = new NetworkBuilder()
    const x = net.batchNorm('frozen', net.conv('conv', 'input', { in: 3, out: 4, kernel: 3 }), 4)
    const pooled = net.globalAveragePool(net.activation(net.conv('last', x, { in: 4, out: 4, kernel: 1 }), 'hard_swish'))
    return net.build(pooled, net.linear('fc', pooled, 4, CLASSES))
  },
}

test.each(Object.keys(NETWORKS))('the gradient is the slope of the loss: %s', (name) => {
  const network = NETWORKS[name]?.()
  if (network === undefined) throw new Error(name)
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize: SIDE,
      preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      cut: 'input',
      trained: new Set(network.layers.map((layer) => layer.name).filter((layer) => layer !== 'frozen')),
      optimizer: 'sgd',
      optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
    }),
  )
  const pictures = session.pictures({ shape: [BATCH, SIDE, SIDE, 3], data: formulaPixels(42, BATCH * SIDE * SIDE * 3) }, null)
  const weights = formulaWeights(network)
  const step = (learningRate: number) =>
    session.trainStep(pictures, {
      targets: { shape: [BATCH, CLASSES], data: softTargets([0, 1, 2], CLASSES, 0.1) },
      weights: { shape: [BATCH], data: new Float32Array(BATCH).fill(1 / BATCH) },
      scalars: { learningRate, epsilon: 0, decay: 0 },
      randomKey: Int32Array.of(0, 0),
      step: 0,
    }).loss

  session.load(weights)
  step(1)
  const after = session.state()
  const gradients = new Map([...after].filter(([key]) => key.startsWith('momentum_buffer/')).map(([key, value]) => [key.slice('momentum_buffer/'.length), value.data]))
  expect(gradients.size).toBeGreaterThan(3)
  // One step of rate 1: the weights' difference is minus the gradient.
  for (const [key, gradient] of gradients) {
    const before = weights.get(key)?.data
    after.get(key)?.data.forEach((value, i) => {
      expect(Math.abs((before?.[i] ?? NaN) - value - (gradient[i] ?? NaN))).toBeLessThan(1e-6)
    })
  }
  const size = Math.sqrt([...gradients.values()].flatMap((gradient) => [...gradient]).reduce((sum, value) => sum + value * value, 0))

  /** Signs for every parameter, or for those of one tensor. */
  const lossAlong = (amount: number, direction: number, only: string | null) => {
    let t = 0
    const moved = new Map([...weights].map(([key, { shape, data }]) => {
      t++
      const moves = gradients.has(key) && (only === null || only === key)
      return [key, { shape, data: moves ? data.map((value, i) => value + amount * (hashed(direction * 100 + t, i) % 2 === 0 ? 1 : -1)) : data }]
    })) // prettier-ignore
    session.load(moved)
    return step(0)
  }
  const slopeAlong = (direction: number, only: string | null) => {
    let t = 0
    let slope = 0
    for (const key of weights.keys()) {
      t++
      if (only === null || only === key) gradients.get(key)?.forEach((value, i) => (slope += value * (hashed(direction * 100 + t, i) % 2 === 0 ? 1 : -1)))
    }
    return slope
  }
  for (const only of [null, null, null, ...gradients.keys()]) {
    for (const direction of [1, 2]) {
      // Richardson: two steps take the third derivative out.
      const difference = (h: number) => (lossAlong(h, direction, only) - lossAlong(-h, direction, only)) / (2 * h)
      const measured = (4 * difference(STEP / 2) - difference(STEP)) / 3
      const error = Math.abs(measured - slopeAlong(direction, only)) / size
      worst[name] = Math.max(worst[name] ?? 0, error)
      expect(error, only ?? 'all parameters').toBeLessThan(TOLERANCE)
    }
  }
  session.release(pictures)
  session.close()
})

afterAll(() => {
  console.info('Gradient against central differences, largest errors relative to the gradient’s norm:', worst)
})
