import { afterAll, expect, test } from 'vitest'
import { OPTIMIZER_RULES } from '../compile/optimizers'
import { softTargets } from '../compile/loss'
import { compileProgram } from '../compile/program'
import { type Digest, readGolden, relativeError } from '../golden/compare'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { buildNetwork, findBackbone } from './registry'

/** torchvision's numbers (float64) for weights by formula; made by scripts/golden/make-networks.py. */
interface NetworkGolden {
  evaluation: { side: number; logits: number[] }[]
  labels: number[]
  losses: number[]
  gradients: Record<string, Digest>
  statistics: Record<string, Digest>
}

const NETWORKS = ['resnet18', 'mobilenet_v3_small'] as const
/** As in make-networks.py. */
const GAINS = { resnet18: 1, mobilenet_v3_small: 1.4 }
const CLASSES = 10
const SETTINGS = { weightDecay: 0, momentum: 0, nesterov: false }
const seen: Record<string, Record<string, number>> = {}

function open(name: (typeof NETWORKS)[number], imageSize: number, trains: boolean) {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: CLASSES, dropout: 0 })
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize,
      preprocessing: backbone.preprocessing,
      cut: 'input',
      trained: trains ? new Set(network.layers.map((layer) => layer.name)) : null,
      optimizer: 'sgd',
      optimizerSettings: SETTINGS,
    }),
  )
  session.load(formulaWeights(network, GAINS[name]))
  return session
}

const pixels = (seed: number, count: number, side: number) => ({ shape: [count, side, side, 3], data: formulaPixels(seed, count * side * side * 3) })

test.each(NETWORKS)('%s evaluates as in torchvision, in batches and one by one', (name) => {
  for (const { side, logits } of readGolden<NetworkGolden>(`network-${name}.json`).evaluation) {
    // Pictures of make-networks.py: tensor 5100 + side.
    const session = open(name, side, false)
    const two = pixels(5100 + side, 2, side)
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

test.each(NETWORKS)('%s trains as in torchvision: losses, the gradient of every parameter, running statistics', (name) => {
  const golden = readGolden<NetworkGolden>(`network-${name}.json`)
  const session = open(name, 64, true)
  const count = golden.labels.length
  const pictures = session.pictures(pixels(4001, count, 64), null)
  const figures = (seen[name] ??= {})
  golden.losses.forEach((loss, index) => {
    const result = session.trainStep(pictures, {
      targets: { shape: [count, CLASSES], data: softTargets(golden.labels, CLASSES, 0.1) },
      weights: { shape: [count], data: new Float32Array(count).fill(1 / count) },
      scalars: OPTIMIZER_RULES.sgd.scalars(index + 1, 1e-3, SETTINGS),
      randomKey: Int32Array.of(0, 0),
      step: index,
    })
    figures[`loss ${index}`] = Math.abs(result.loss - loss)
    expect(Math.abs(result.loss - loss), `loss of step ${index}`).toBeLessThan(1e-3)
    if (index > 0) return
    expect(Math.abs(result.loss - loss)).toBeLessThan(1e-5)

    const state = session.state()
    const names = [...state.keys()].filter((key) => key.startsWith('momentum_buffer/')).map((key) => key.slice('momentum_buffer/'.length))
    expect(names.sort()).toEqual(Object.keys(golden.gradients).sort())
    // Biases before a batch norm have no gradient: rounding is told by the size of the others.
    const largest = Math.max(...Object.values(golden.gradients).map(([norm = NaN]) => norm))
    for (const [key, digest] of Object.entries(golden.gradients)) {
      const error = relativeError(state.get(`momentum_buffer/${key}`)?.data ?? [], digest, 5e-3 * largest)
      figures['gradient'] = Math.max(figures['gradient'] ?? 0, error)
      expect(error, `gradient of ${key}`).toBeLessThan(GRADIENT_TOLERANCE)
    }
  })
  const state = session.state()
  for (const [key, digest] of Object.entries(golden.statistics)) {
    const error = relativeError(state.get(key)?.data ?? [], digest)
    figures['statistics'] = Math.max(figures['statistics'] ?? 0, error)
    expect(error, key).toBeLessThan(1e-4)
  }
  session.release(pictures)
  session.close()
})

/** Of the tensor's norm, which makes the cosine to PyTorch's gradient larger than 1 − 1e-8. */
const GRADIENT_TOLERANCE = 1e-4

afterAll(() => {
  console.info('Networks against torchvision, largest differences:', seen)
})
