import { afterAll, expect, test } from 'vitest'
import { softTargets } from '../compile/loss'
import { compileProgram } from '../compile/program'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { softmax } from '../train/metrics'
import { NetworkBuilder } from '../zoo/network'

const UNITS = 1000
const BATCH = 8
const SIDE = 4
const seen: Record<string, number> = {}

/** Pooled values between 1 and 5, which relu6 leaves alone, through dropout, straight to the loss. */
function open(probability: number, layersBefore = 0) {
  const net = new NetworkBuilder()
  let x = net.conv('conv', 'input', { in: 3, out: UNITS, kernel: 1, bias: true })
  for (let i = 0; i < layersBefore; i++) x = net.activation(x, 'relu6')
  const pooled = net.globalAveragePool(x)
  const network = net.build(pooled, net.dropout(pooled, probability))
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize: SIDE,
      preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
      cut: 'input',
      trained: new Set(['conv']),
      optimizer: 'sgd',
      optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
    }),
  )
  const weights = formulaWeights(network, 0.5)
  weights.get('conv.bias')?.data.forEach((value, i, data) => (data[i] = value + 3))
  session.load(weights)
  const pictures = session.pictures({ shape: [BATCH, SIDE, SIDE, 3], data: formulaPixels(3, BATCH * SIDE * SIDE * 3) }, null)
  const labels = Array.from({ length: BATCH }, (_, i) => i * 100)
  const step = (key: [number, number], index: number) =>
    session.trainStep(pictures, {
      targets: { shape: [BATCH, UNITS], data: softTargets(labels, UNITS, 0) },
      weights: { shape: [BATCH], data: new Float32Array(BATCH).fill(1 / BATCH) },
      scalars: { learningRate: 0, epsilon: 0, decay: 0 },
      randomKey: Int32Array.of(...key),
      step: index,
    }).logits
  const close = () => {
    session.release(pictures)
    session.close()
  }
  return { session, pictures, labels, step, close }
}

/** What each value was multiplied by. */
const maskOf = (dropped: Float32Array, whole: Float32Array) => dropped.map((value, i) => value / (whole[i] ?? NaN))

test.each([0.2, 0.5, 0.9])('dropout %d keeps its share, scales it, and is off in evaluation', (probability) => {
  const { session, pictures, step, close } = open(probability)
  const whole = session.evaluate(pictures)
  const mask = maskOf(step([7, 0], 0), whole)
  const kept = mask.filter((value) => value !== 0)
  for (const value of kept) expect(Math.abs(value * (1 - probability) - 1)).toBeLessThan(1e-5)
  const share = kept.length / mask.length
  seen[`kept of 1 − ${probability}`] = share
  expect(Math.abs(share - (1 - probability))).toBeLessThan(5 * Math.sqrt((probability * (1 - probability)) / mask.length))
  // Neighbours in the batch and in the layer are dropped independently of each other.
  const pairs = (distance: number) => {
    let both = 0
    for (let i = 0; i + distance < mask.length; i++) if (mask[i] !== 0 && mask[i + distance] !== 0) both++
    return both / (mask.length - distance)
  }
  for (const distance of [1, UNITS]) expect(Math.abs(pairs(distance) - (1 - probability) ** 2)).toBeLessThan(0.03)
  close()
})

test('the mask depends on key, step and layer, and on nothing else', () => {
  const first = open(0.5)
  const mask = first.step([7, 0], 3)
  expect(first.step([7, 0], 4)).not.toEqual(mask)
  expect(first.step([8, 0], 3)).not.toEqual(mask)
  expect(first.step([7, 1], 3)).not.toEqual(mask)
  expect(first.step([7, 0], 3)).toEqual(mask)
  first.close()
  const again = open(0.5)
  expect(again.step([7, 0], 3)).toEqual(mask)
  again.close()
  // The same values through a dropout that is a later layer of its network.
  const later = open(0.5, 1)
  const other = later.step([7, 0], 3)
  let apart = 0
  mask.forEach((value, i) => {
    if ((value === 0) !== (other[i] === 0)) apart++
    else expect(Math.abs(value - (other[i] ?? NaN))).toBeLessThan(1e-5)
  })
  expect(Math.abs(apart / mask.length - 0.5)).toBeLessThan(0.03)
  later.close()
})

test('the gradient goes through the same mask', () => {
  const { session, pictures, labels, step, close } = open(0.3)
  const whole = session.evaluate(pictures)
  const logits = step([1, 2], 5)
  const mask = maskOf(logits, whole)
  const expected = new Float64Array(UNITS)
  labels.forEach((label, row) => {
    softmax(logits, row * UNITS, UNITS).forEach((share, unit) => {
      expected[unit] = (expected[unit] ?? NaN) + ((share - (unit === label ? 1 : 0)) / BATCH) * (mask[row * UNITS + unit] ?? NaN)
    })
  })
  const gradient = session.state().get('momentum_buffer/conv.bias')?.data
  expected.forEach((value, unit) => {
    expect(Math.abs((gradient?.[unit] ?? NaN) - value)).toBeLessThan(1e-6)
  })
  close()
})

afterAll(() => {
  console.info('Dropout, shares kept:', seen)
})
