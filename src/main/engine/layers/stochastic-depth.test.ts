import { expect, test } from 'vitest'
import { softTargets } from '../compile/loss'
import { compileProgram } from '../compile/program'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { softmax } from '../train/metrics'
import { NetworkBuilder } from '../zoo/network'

const CLASSES = 4
const BATCH = 400
const SIDE = 2
const labels = Array.from({ length: BATCH }, (_, i) => i % CLASSES)

/** A convolution whose pooled values are the logits, left out for some pictures. */
function open(probability: number, trained: ReadonlySet<string>) {
  const net = new NetworkBuilder()
  const branch = net.stochasticDepth(net.conv('branch', 'input', { in: 3, out: CLASSES, kernel: 1, bias: true }), probability)
  const pooled = net.globalAveragePool(branch)
  const network = net.build(pooled, net.linear('fc', pooled, CLASSES, CLASSES))
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize: SIDE,
      preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
      cut: 'input',
      trained,
      optimizer: 'sgd',
      optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
    }),
  )
  const weights = formulaWeights(network)
  // The logits are the pooled values themselves.
  weights.get('fc.weight')?.data.forEach((_, i, data) => (data[i] = i % (CLASSES + 1) === 0 ? 1 : 0))
  weights.get('fc.bias')?.data.fill(0)
  weights.get('branch.bias')?.data.forEach((value, i, data) => (data[i] = value + 2))
  session.load(weights)
  const pictures = session.pictures({ shape: [BATCH, SIDE, SIDE, 3], data: formulaPixels(3, BATCH * SIDE * SIDE * 3) }, null)
  const step = (index: number) =>
    session.trainStep(pictures, {
      targets: { shape: [BATCH, CLASSES], data: softTargets(labels, CLASSES, 0) },
      weights: { shape: [BATCH], data: new Float32Array(BATCH).fill(1 / BATCH) },
      scalars: { learningRate: 0, epsilon: 0, decay: 0 },
      randomKey: Int32Array.of(7, 0),
      step: index,
    }).logits
  const close = () => {
    session.release(pictures)
    session.close()
  }
  return { session, pictures, step, close }
}

const ALL = new Set(['branch', 'fc'])

test.each([0.1, 0.5])('with probability %d a picture’s branch is left out whole, else scaled', (probability) => {
  const { session, pictures, step, close } = open(probability, ALL)
  const whole = session.evaluate(pictures)
  const logits = step(0)
  let kept = 0
  for (let row = 0; row < BATCH; row++) {
    const factors = Array.from({ length: CLASSES }, (_, c) => (logits[row * CLASSES + c] ?? NaN) / (whole[row * CLASSES + c] ?? NaN))
    const isKept = factors[0] !== 0
    for (const factor of factors) expect(Math.abs(factor - (isKept ? 1 / (1 - probability) : 0))).toBeLessThan(1e-5)
    if (isKept) kept++
  }
  expect(Math.abs(kept / BATCH - (1 - probability))).toBeLessThan(5 * Math.sqrt((probability * (1 - probability)) / BATCH))
  expect(step(0)).toEqual(logits)
  expect(step(1)).not.toEqual(logits)
  close()
})

test('the gradient goes through what was kept', () => {
  const { session, pictures, step, close } = open(0.5, ALL)
  const whole = session.evaluate(pictures)
  const logits = step(3)
  const expected = new Float64Array(CLASSES)
  for (let row = 0; row < BATCH; row++) {
    softmax(logits, row * CLASSES, CLASSES).forEach((share, c) => {
      const factor = (logits[row * CLASSES + c] ?? NaN) / (whole[row * CLASSES + c] ?? NaN)
      expected[c] = (expected[c] ?? NaN) + ((share - (labels[row] === c ? 1 : 0)) / BATCH) * factor
    })
  }
  const gradient = session.state().get('momentum_buffer/branch.bias')?.data
  expected.forEach((value, c) => {
    expect(Math.abs((gradient?.[c] ?? NaN) - value)).toBeLessThan(1e-6)
  })
  close()
})

test('a frozen branch is never left out', () => {
  const { session, pictures, step, close } = open(0.5, new Set(['fc']))
  const whole = session.evaluate(pictures)
  step(0).forEach((value, i) => {
    expect(Math.abs(value - (whole[i] ?? NaN))).toBeLessThan(1e-5)
  })
  close()
})
