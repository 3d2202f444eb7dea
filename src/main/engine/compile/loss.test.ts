import { afterAll, expect, test } from 'vitest'
import { readGolden } from '../golden/compare'
import { formulaUniform, hashed } from '../golden/formula'
import { Session } from '../runtime/session'
import { GraphBuilder } from './graph-builder'
import { LOSS_RULES, softTargets } from './loss'
import { encodeSavedModel } from './saved-model'

interface LossCase {
  case: number
  rows: number
  classes: number
  size: number
  smoothing: number
  each: number[]
  /** Of the mean loss by the logits. */
  gradient: number[]
}
/** PyTorch's numbers in float64; made by scripts/golden/make-metrics.py. */
const cases = readGolden<LossCase[]>('loss.json')
const worst = { loss: 0, gradient: 0 }

/** The loss of a batch and its gradient by the logits, from the graph. */
function lossInGraph(logits: Float32Array, targets: Float32Array, weights: Float32Array): { loss: number; gradient: Float32Array } {
  const rows = weights.length
  const classes = logits.length / rows
  const graph = new GraphBuilder()
  const inputs = {
    logits: graph.placeholder('logits', 'float32', [-1, classes]),
    targets: graph.placeholder('targets', 'float32', [-1, classes]),
    weights: graph.placeholder('weights', 'float32', [-1]),
  }
  const nodes = LOSS_RULES.cross_entropy(graph, inputs, { gamma: 0 })
  const session = new Session(encodeSavedModel(graph.nodes), graph.placeholders)
  const feeds = new Map([
    ['logits', { shape: [rows, classes], data: logits }],
    ['targets', { shape: [rows, classes], data: targets }],
    ['weights', { shape: [rows], data: weights }],
  ])
  const [loss, gradient] = session.run(feeds, [`${nodes.loss}:0`, `${nodes.logitsGradient}:0`]).map((tensor) => session.read(tensor))
  session.close()
  return { loss: loss?.[0] ?? NaN, gradient: gradient ?? new Float32Array() }
}

const labelsOf = (golden: LossCase) => Array.from({ length: golden.rows }, (_, row) => hashed(9500 + golden.case, row) % golden.classes)
const logitsOf = (golden: LossCase) => formulaUniform(9000 + golden.case, golden.rows * golden.classes).map((value) => value * golden.size)

test.each(cases)('the mean loss and its gradient are PyTorch’s for logits up to ±$size, smoothing $smoothing', (golden) => {
  const { rows, classes, smoothing } = golden
  const { loss, gradient } = lossInGraph(logitsOf(golden), softTargets(labelsOf(golden), classes, smoothing), new Float32Array(rows).fill(1 / rows))
  const expected = golden.each.reduce((a, b) => a + b, 0) / rows
  const lossError = Math.abs(loss - expected) / Math.max(1, expected)
  expect(lossError).toBeLessThan(1e-6)
  const gradientError = Math.max(...golden.gradient.map((value, i) => Math.abs(value - (gradient[i] ?? NaN))))
  expect(gradientError).toBeLessThan(1e-6)
  worst.loss = Math.max(worst.loss, lossError)
  worst.gradient = Math.max(worst.gradient, gradientError)
})

test('a picture of weight zero counts for nothing, one of double weight twice', () => {
  const golden = cases[1]
  if (golden === undefined) throw new Error('no such case')
  const { classes } = golden
  const logits = logitsOf(golden)
  const targets = softTargets(labelsOf(golden), classes, golden.smoothing)
  const weights = Float32Array.of(0, 2, 1, 0.5)
  const { loss, gradient } = lossInGraph(logits, targets, weights)
  expect(loss).toBeCloseTo(golden.each.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0), 4)
  expect([...gradient.subarray(0, classes)].every((value) => value === 0)).toBe(true)
  golden.gradient.forEach((value, i) => {
    expect(gradient[i]).toBeCloseTo(value * golden.rows * (weights[Math.floor(i / classes)] ?? 0), 5)
  })
})

test('soft targets sum to one and favour the label', () => {
  const targets = softTargets([2, 0], 4, 0.2)
  expect([...targets].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0.05, 0.05, 0.85, 0.05, 0.85, 0.05, 0.05, 0.05])
  expect([...softTargets([1], 3, 0)]).toEqual([0, 1, 0])
})

afterAll(() => {
  console.info('Loss against PyTorch, largest differences:', worst)
})
