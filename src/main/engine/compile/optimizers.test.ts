import { afterAll, expect, test } from 'vitest'
import type { HostTensor } from '../formats/tensor-map'
import { readGolden } from '../golden/compare'
import { formulaPixels, formulaWeights } from '../golden/formula'
import type { Layer } from '../layers/layer'
import { NetworkSession } from '../runtime/network-session'
import { softTargets } from './loss'
import { OPTIMIZER_RULES, type OptimizerName } from './optimizers'
import { compileProgram } from './program'

interface OptimizerCase {
  name: string
  optimizer: OptimizerName
  learningRate: number
  weightDecay: number
  momentum: number
  nesterov: boolean
  /** After every 20th step. */
  losses: number[]
  final: Record<string, number[]>
}
/** torch.optim's results in float64; made by scripts/golden/make-optimizers.py. */
const golden = readGolden<{ layers: Layer[]; steps: number; cases: OptimizerCase[] }>('optimizers.json')

const SIDE = 6
const BATCH = 4
const CLASSES = 3
const network = { layers: golden.layers, pooling: 'pool', output: 'fc' }
const seen: Record<string, { weights: number; losses: number }> = {}

function open(settings: OptimizerCase, state: ReadonlyMap<string, HostTensor>): NetworkSession {
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize: SIDE,
      preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      cut: 'input',
      trained: new Set(['conv', 'bn', 'fc']),
      optimizer: settings.optimizer,
      optimizerSettings: settings,
    }),
  )
  session.load(state)
  return session
}

/** Steps `from` (counted from 0) up to but not including `to`, on pictures and labels that change with a period of 10 steps. */
function train(session: NetworkSession, settings: OptimizerCase, from: number, to: number): number[] {
  const losses: number[] = []
  for (let step = from; step < to; step++) {
    const pixels = { shape: [BATCH, SIDE, SIDE, 3], data: formulaPixels(6000 + (step % 10), BATCH * SIDE * SIDE * 3) }
    const pictures = session.pictures(pixels, null)
    const labels = Array.from({ length: BATCH }, (_, i) => (step + i) % CLASSES)
    const result = session.trainStep(pictures, {
      targets: { shape: [BATCH, CLASSES], data: softTargets(labels, CLASSES, 0) },
      weights: { shape: [BATCH], data: new Float32Array(BATCH).fill(1 / BATCH) },
      scalars: OPTIMIZER_RULES[settings.optimizer].scalars(step + 1, settings.learningRate, settings),
      randomKey: Int32Array.of(0, 0),
      step,
    })
    session.release(pictures)
    losses.push(result.loss)
  }
  return losses
}

test.each(golden.cases)('$name: 200 steps end where torch.optim ends, and a state saved in the middle continues bit for bit', (settings) => {
  const whole = open(settings, formulaWeights(network))
  const losses = train(whole, settings, 0, golden.steps)
  const final = whole.state()
  whole.close()

  const figures = { weights: 0, losses: 0 }
  for (const [name, expected] of Object.entries(settings.final)) {
    const ours = final.get(name)?.data ?? []
    expect(ours).toHaveLength(expected.length)
    expected.forEach((value, i) => {
      figures.weights = Math.max(figures.weights, Math.abs(value - (ours[i] ?? NaN)))
    })
  }
  settings.losses.forEach((loss, i) => {
    figures.losses = Math.max(figures.losses, Math.abs(loss - (losses[20 * i + 19] ?? NaN)))
  })
  seen[settings.name] = figures
  expect(figures.weights).toBeLessThan(1e-5)
  expect(figures.losses).toBeLessThan(1e-5)

  const half = golden.steps / 2
  const first = open(settings, formulaWeights(network))
  train(first, settings, 0, half)
  const saved = first.state()
  first.close()
  const second = open(settings, saved)
  expect(second.state()).toEqual(saved)
  expect(train(second, settings, half, golden.steps)).toEqual(losses.slice(half))
  expect(second.state()).toEqual(final)

  // The state matters whole: without the running averages the end is another one.
  if (settings.momentum > 0) {
    const forgetful = open(settings, new Map([...saved].filter(([name]) => !name.includes('/'))))
    train(forgetful, settings, half, golden.steps)
    expect(forgetful.state()).not.toEqual(final)
    forgetful.close()
  }
  second.close()
})

test('a learning rate of zero leaves every weight as it was', () => {
  for (const settings of golden.cases) {
    const still = { ...settings, learningRate: 0 }
    const weights = formulaWeights(network)
    const session = open(still, weights)
    train(session, still, 0, 5)
    for (const [name, { data }] of session.state()) {
      if (name.includes('/') || name.includes('running')) continue
      expect(data, `${settings.name}: ${name}`).toEqual(weights.get(name)?.data)
    }
    session.close()
  }
})

afterAll(() => {
  console.info('Optimizers against torch.optim after 200 steps, largest differences:', seen)
})
