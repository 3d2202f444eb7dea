import { createHash } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { type Digest, readGolden, relativeError } from '../golden/compare'
import { formulaWeights } from '../golden/formula'
import type { Initialiser } from '../layers/layer'
import { randomWeights } from '../train/initial-weights'
import { networkParameters, parameterCount } from './network'
import { buildNetwork, findBackbone } from './registry'
import { CLASSES, openNetwork, picturesByFormula, plainStep, TORCHVISION_NETWORKS } from './testing/open-network'

/** torchvision's numbers (float64) for weights by formula; made by scripts/golden/make-networks.py. Lists are in torchvision's order. */
interface NetworkGolden {
  /** Trained numbers with 1000 classes. */
  parameters: number
  /** sha256 of all names with shapes, one a line, and how many. */
  names: string
  count: number
  gain: number
  /** Scales with one of these endings of their name are multiplied by `by`. */
  damped: { endings: string[]; by: number }
  pictures: number
  evaluation: { side: number; logits: number[] }[]
  labels: number[]
  losses: number[]
  gradients: Digest[]
  statistics: Digest[]
  /** Mean and standard deviation of each tensor of a fresh network. */
  start: [number, number][]
}

const goldenOf = (name: string) => readGolden<NetworkGolden>(`network-${name}.json`)
const seen: Record<string, Record<string, number>> = {}

function open(name: string, imageSize: number, trains: boolean) {
  const { session, network } = openNetwork(name, imageSize, trains)
  const { gain, damped } = goldenOf(name)
  const weights = formulaWeights(network, gain)
  for (const [key, { data }] of weights) if (damped.endings.some((ending) => key.endsWith(ending))) data.forEach((value, i) => (data[i] = value * damped.by))
  session.load(weights)
  return { session, network }
}


test.each(TORCHVISION_NETWORKS)('%s has torchvision’s parameters by count, name, shape and order', (name) => {
  const golden = goldenOf(name)
  const specs = networkParameters(buildNetwork(findBackbone(name), { classes: 1000, dropout: null }))
  expect(specs).toHaveLength(golden.count)
  expect(parameterCount(specs)).toBe(golden.parameters)
  const lines = specs.map((spec) => `${spec.name}:${spec.shape.join('x')}`).join('\n')
  expect(createHash('sha256').update(lines).digest('hex')).toBe(golden.names)
})

/** Mean and standard deviation that an initialiser draws with. */
function momentsOf(initialiser: Initialiser): [number, number] {
  switch (initialiser.kind) {
    case 'zeros':
      return [0, 0]
    case 'ones':
      return [1, 0]
    case 'he_normal':
      return [0, Math.sqrt(2 / initialiser.fan)]
    case 'normal':
      return [0, initialiser.deviation]
    case 'uniform':
      return [0, initialiser.bound / Math.sqrt(3)]
  }
}

/** A sample of `count` numbers: within five standard errors of what it was drawn from. */
function expectDrawn(sample: readonly number[], [mean, deviation]: readonly [number, number], count: number, what: string): void {
  const [sampleMean = NaN, sampleDeviation = NaN] = sample
  expect(Math.abs(sampleMean - mean), `mean of ${what}`).toBeLessThanOrEqual((5 * deviation) / Math.sqrt(count) + 1e-9)
  // Normal numbers have the larger error of the two; four digits are kept of torchvision's.
  expect(Math.abs(sampleDeviation - deviation), `deviation of ${what}`).toBeLessThanOrEqual((5 * deviation) / Math.sqrt(2 * count) + 1e-3 * deviation)
}

test.each(TORCHVISION_NETWORKS)('%s starts from scratch as torchvision’s does', (name) => {
  const network = buildNetwork(findBackbone(name), { classes: CLASSES, dropout: null })
  const { start } = goldenOf(name)
  networkParameters(network).forEach(({ name: key, shape, initialiser }, index) => {
    expectDrawn(start[index] ?? [], momentsOf(initialiser), shape.reduce((a, b) => a * b, 1), key)
  })
})

test('what is drawn has the moments that it should', () => {
  const network = buildNetwork(findBackbone('mobilenet_v3_small'), { classes: CLASSES, dropout: null })
  const weights = randomWeights(network, 1)
  for (const { name, initialiser } of networkParameters(network)) {
    const data = [...(weights.get(name)?.data ?? [])]
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length)
    expectDrawn([mean, deviation], momentsOf(initialiser), data.length, name)
  }
})

test.each(TORCHVISION_NETWORKS)('%s evaluates as in torchvision, in batches and one by one', (name) => {
  for (const { side, logits } of goldenOf(name).evaluation) {
    // Pictures of make-networks.py: tensor 5100 + side.
    const { session } = open(name, side, false)
    const two = picturesByFormula(5100 + side, 2, side)
    const pictures = session.pictures(two, null)
    const got = session.evaluate(pictures)
    session.release(pictures)
    const difference = Math.max(...logits.map((value, i) => Math.abs(value - (got[i] ?? NaN))))
    expect(difference).toBeLessThan(1e-4)
    // The two pictures are told apart, or this would test little.
    expect(Math.max(...logits.slice(0, CLASSES).map((value, i) => Math.abs(value - (logits[CLASSES + i] ?? NaN))))).toBeGreaterThan(0.1)
    ;(seen[name] ??= {})[`logits at ${side}`] = difference

    const size = two.data.length / 2
    for (const index of [1, 0]) {
      const one = session.pictures({ shape: [1, side, side, 3], data: two.data.slice(index * size, (index + 1) * size) }, null)
      const alone = session.evaluate(one)
      session.release(one)
      alone.forEach((value, i) => {
        expect(Math.abs(value - (got[index * CLASSES + i] ?? NaN))).toBeLessThan(1e-4)
      })
    }
    session.close()
  }
})

const normOf = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0))

test.each(TORCHVISION_NETWORKS)('%s trains as in torchvision: losses, the gradient of every parameter, running statistics', (name) => {
  const golden = goldenOf(name)
  const { session, network } = open(name, 64, true)
  const count = golden.labels.length
  const specs = networkParameters(network)
  const pictures = session.pictures(picturesByFormula(golden.pictures, count, 64), null)
  const figures = (seen[name] ??= {})
  golden.losses.forEach((loss, index) => {
    const result = session.trainStep(pictures, plainStep(golden.labels, index, 1e-3))
    figures[`loss ${index}`] = Math.abs(result.loss - loss)
    expect(Math.abs(result.loss - loss), `loss of step ${index}`).toBeLessThan(1e-3)
    if (index > 0) return
    expect(Math.abs(result.loss - loss)).toBeLessThan(1e-5)

    const state = session.state()
    const trained = specs.filter(({ isTrained }) => isTrained)
    expect([...state.keys()].filter((key) => key.startsWith('momentum_buffer/'))).toHaveLength(trained.length)
    expect(golden.gradients).toHaveLength(trained.length)
    // Biases before a batch norm have no gradient: their rounding is told by the size of the others.
    const largest = Math.max(...golden.gradients.map(([norm = NaN]) => norm))
    for (const [index, { name: key }] of trained.entries()) {
      const digest = golden.gradients[index] ?? []
      const gradient = state.get(`momentum_buffer/${key}`)?.data ?? []
      const error = relativeError(gradient, digest, GRADIENT_FLOOR * largest)
      const [norm = NaN] = digest
      expect(Math.abs(normOf(gradient) - norm) / Math.max(norm, NORM_FLOOR * largest), `norm of the gradient of ${key}`).toBeLessThan(NORM_TOLERANCE)
      figures['gradient'] = Math.max(figures['gradient'] ?? 0, error)
      expect(error, `gradient of ${key}`).toBeLessThan(GRADIENT_TOLERANCE)
    }
  })
  const state = session.state()
  const statistics = specs.filter(({ isTrained }) => !isTrained)
  expect(golden.statistics).toHaveLength(statistics.length)
  for (const [index, { name: key }] of statistics.entries()) {
    const digest = golden.statistics[index] ?? []
    const error = relativeError(state.get(key)?.data ?? [], digest)
    figures['statistics'] = Math.max(figures['statistics'] ?? 0, error)
    expect(error, key).toBeLessThan(1e-4)
  }
  session.release(pictures)
  session.close()
})

/** Of the tensor's norm, which makes the cosine to PyTorch's gradient larger than 1 − 1e-8. */
const GRADIENT_TOLERANCE = 1e-4
/** Share of the largest gradient that stands in for the norm of a smaller one: what is left of those is told by NORM_FLOOR. */
const GRADIENT_FLOOR = 5e-3
/** Norms once more, of the small gradients too. */
const NORM_TOLERANCE = 1e-3
const NORM_FLOOR = 1e-3

afterAll(() => {
  console.info('Networks against torchvision, largest differences:', seen)
})
