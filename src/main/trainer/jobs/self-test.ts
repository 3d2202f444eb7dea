/** `self-test`: a small network forward and backward against numbers that PyTorch gave for the same. */
import type { DoctorCheck } from '../../../shared/domain/system'
import { compileProgram } from '../../engine/compile/program'
import { OPTIMIZER_RULES } from '../../engine/compile/optimizers'
import { softTargets } from '../../engine/compile/loss'
import type { HostTensor } from '../../engine/formats/tensor-map'
import { NetworkSession } from '../../engine/runtime/network-session'
import { loadTensorFlow } from '../../engine/runtime/tensorflow'
import { NetworkBuilder, networkParameters } from '../../engine/zoo/network'
import type { JobResults } from '../messages'
import { SELF_TEST_EXPECTED } from '../self-test-expected'

const CLASSES = 3
const SIDE = 16
const TOLERANCE = 1e-4

/** Convolution, batch norm, depthwise convolution, pooling, linear: one of each that matters. */
export function selfTestNetwork() {
  const net = new NetworkBuilder()
  let x = net.conv('conv', 'input', { in: 3, out: 16, kernel: 3, stride: 2 })
  x = net.activation(net.batchNorm('bn', x, 16), 'relu')
  x = net.conv('depthwise', x, { in: 16, out: 16, kernel: 3, groups: 16 })
  x = net.activation(net.batchNorm('bn2', x, 16), 'hard_swish')
  const pooled = net.globalAveragePool(x)
  return net.build(pooled, net.linear('fc', pooled, 16, CLASSES))
}

/** Weights by formula, so that nothing has to be stored: value i of tensor t is ((i·7 + t·13) mod 17 − 8) / 20. */
export function selfTestWeights(): Map<string, HostTensor> {
  const weights = new Map<string, HostTensor>()
  networkParameters(selfTestNetwork()).forEach((spec, t) => {
    const count = spec.shape.reduce((a, b) => a * b, 1)
    const positive = spec.name.endsWith('running_var') ? 1 : 0
    weights.set(spec.name, { shape: spec.shape, data: Float32Array.from({ length: count }, (_, i) => (((i * 7 + t * 13) % 17) - 8) / 20 + positive) })
  })
  return weights
}

/** Four pictures by formula: value i is (i·37 + 11·⌊i/768⌋) mod 256. */
export function selfTestPixels(): Uint8Array {
  return Uint8Array.from({ length: 4 * SIDE * SIDE * 3 }, (_, i) => (i * 37 + 11 * Math.floor(i / 768)) % 256)
}

/** Loss, logits in evaluation, gradient norm, and the sum of all weights after one step of SGD with learning rate .1. */
export function runSelfTestStep(): { evaluation: number[]; loss: number; gradientNorm: number; weightSum: number } {
  const network = selfTestNetwork()
  const program = compileProgram({
    network,
    imageSize: SIDE,
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    cut: 'input',
    trained: new Set(['conv', 'bn', 'depthwise', 'bn2', 'fc']),
    optimizer: 'sgd',
    optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
  })
  const session = new NetworkSession(program)
  session.load(selfTestWeights())
  const pixels = { shape: [4, SIDE, SIDE, 3], data: selfTestPixels() }
  const pictures = session.pictures(pixels, null)
  const evaluation = [...session.evaluate(pictures)]
  const step = session.trainStep(pictures, {
    targets: { shape: [4, CLASSES], data: softTargets([0, 1, 2, 1], CLASSES, 0) },
    weights: { shape: [4], data: new Float32Array(4).fill(0.25) },
    scalars: OPTIMIZER_RULES.sgd.scalars(1, 0.1, { weightDecay: 0, momentum: 0, nesterov: false }),
    randomKey: Int32Array.of(0, 0),
    step: 0,
  })
  session.release(pictures)
  let weightSum = 0
  const slots = /^momentum_buffer\//
  for (const [name, tensor] of session.state()) if (!slots.test(name)) weightSum += tensor.data.reduce((a, b) => a + b, 0)
  session.close()
  return { evaluation, loss: step.loss, gradientNorm: step.gradientNorm, weightSum }
}

export async function runSelfTestJob(): Promise<JobResults['self-test']> {
  const started = performance.now()
  const { device } = loadTensorFlow()
  const loadedMs = performance.now() - started
  const got = runSelfTestStep()
  const pairs = [
    ...got.evaluation.map((value, i) => [value, SELF_TEST_EXPECTED.evaluation[i] ?? NaN]),
    [got.loss, SELF_TEST_EXPECTED.loss],
    [got.gradientNorm, SELF_TEST_EXPECTED.gradientNorm],
    [got.weightSum, SELF_TEST_EXPECTED.weightSum],
  ]
  const worst = Math.max(...pairs.map(([a = NaN, b = NaN]) => Math.abs(a - b) / Math.max(1, Math.abs(b))))
  const isRight = worst <= TOLERANCE
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const checks: DoctorCheck[] = [
    { name: 'TensorFlow', status: 'ok', value: `${device.tensorflowVersion}, loaded in ${loadedMs.toFixed(0)} ms`, action: null },
    { name: 'Device', status: 'ok', value: device.name, action: null },
    {
      name: 'Self-test',
      status: isRight ? 'ok' : 'failed',
      value: `forward and backward within ${worst.toExponential(0)} of PyTorch's numbers, ${seconds} s`,
      action: isRight ? null : 'The engine computes wrong numbers. Delete its folder in the cache and run npm start again.',
    },
  ]
  return { device, checks }
}
