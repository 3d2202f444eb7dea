import { afterAll, expect, test } from 'vitest'
import type { LossName } from '../../../shared/domain/run-config'
import { GraphBuilder } from '../compile/graph-builder'
import { LOSS_RULES } from '../compile/loss'
import { encodeSavedModel } from '../compile/saved-model'
import { readGolden } from '../golden/compare'
import { formulaUniform, hashed } from '../golden/formula'
import { Session } from '../runtime/session'
import { type Criterion, criterionOf, type CriterionSettings, lossFeeds, lossTotal, meanLoss, plainTargets } from './criterion'
import { mixTargets } from './mix'

interface CriterionCase {
  case: number
  /** Logits lie between minus and plus this. */
  size: number
  kind: LossName
  weights: number[] | null
  smoothing: number
  /** Of each picture's own target where it is blended with the one before it. */
  share: number | null
  gamma: number
  loss: number
  gradient: number[]
}
/** PyTorch's numbers in float64; made by scripts/golden/make-criterion.py. */
const { rows, classes, cases } = readGolden<{ rows: number; classes: number; cases: CriterionCase[] }>('criterion.json')
const worst = { loss: 0, gradient: 0, meanLoss: 0, passes: 0 }

const labelsOf = (golden: CriterionCase) => Array.from({ length: rows }, (_, row) => hashed(9700 + golden.case, row) % classes)
const logitsOf = (golden: CriterionCase) => formulaUniform(9600 + golden.case, rows * classes).map((value) => value * golden.size)
const criterionFor = ({ kind, gamma, weights, smoothing }: CriterionCase): Criterion => ({ kind, gamma, classWeights: weights ?? new Array<number>(classes).fill(1), smoothing })

/** Losses of one kind, in one session: the graph takes any number of pictures. */
function openLoss(kind: LossName, gamma: number) {
  const graph = new GraphBuilder()
  const inputs = {
    logits: graph.placeholder('logits', 'float32', [-1, classes]),
    targets: graph.placeholder('targets', 'float32', [-1, classes]),
    weights: graph.placeholder('weights', 'float32', [-1]),
  }
  const nodes = LOSS_RULES[kind](graph, inputs, { gamma })
  const session = new Session(encodeSavedModel(graph.nodes), graph.placeholders)
  return {
    run(logits: Float32Array, targets: Float32Array, weights: Float32Array): { loss: number; gradient: Float32Array } {
      const feeds = new Map([
        ['logits', { shape: [weights.length, classes], data: logits }],
        ['targets', { shape: [weights.length, classes], data: targets }],
        ['weights', { shape: [weights.length], data: weights }],
      ])
      const [loss, gradient] = session.run(feeds, [`${nodes.loss}:0`, `${nodes.logitsGradient}:0`]).map((tensor) => session.read(tensor))
      return { loss: loss?.[0] ?? NaN, gradient: gradient ?? new Float32Array() }
    },
    close: () => {
      session.close()
    },
  }
}

function targetsOf(golden: CriterionCase): Float32Array {
  const plain = plainTargets(criterionFor(golden), labelsOf(golden))
  return golden.share === null ? plain : mixTargets(plain, rows, classes, golden.share)
}

const groups = [...new Map(cases.map(({ kind, gamma }) => [`${kind}/${gamma}`, { kind, gamma }])).values()]

test.each(groups)('$kind, gamma $gamma: value and gradient are PyTorch’s, with class weights, smoothing, blended targets, logits up to 10 000', ({ kind, gamma }) => {
  const loss = openLoss(kind, gamma)
  const those = cases.filter((golden) => golden.kind === kind && golden.gamma === gamma)
  expect(those.length).toBeGreaterThan(10)
  for (const golden of those) {
    const criterion = criterionFor(golden)
    const total = lossTotal(criterion, labelsOf(golden), golden.share !== null)
    const feeds = lossFeeds(criterion, targetsOf(golden), total)
    const ours = loss.run(logitsOf(golden), feeds.targets, feeds.weights)
    const lossError = Math.abs(ours.loss - golden.loss) / Math.max(1, Math.abs(golden.loss))
    const gradientError = Math.max(...golden.gradient.map((value, i) => Math.abs(value - (ours.gradient[i] ?? NaN))))
    expect(lossError, `the loss of ${JSON.stringify({ ...golden, gradient: 0 })}: ${ours.loss}`).toBeLessThan(1e-6)
    expect(gradientError, `the gradient of ${JSON.stringify({ ...golden, gradient: 0 })}`).toBeLessThan(1e-6)
    worst.loss = Math.max(worst.loss, lossError)
    worst.gradient = Math.max(worst.gradient, gradientError)
    if (golden.share !== null) continue
    const meanError = Math.abs(meanLoss(criterion, logitsOf(golden), labelsOf(golden)) - golden.loss) / Math.max(1, Math.abs(golden.loss))
    expect(meanError).toBeLessThan(1e-12)
    worst.meanLoss = Math.max(worst.meanLoss, meanError)
  }
  loss.close()
})

test.each(groups)('$kind, gamma $gamma: a step in two passes has the loss and the gradient of the whole', ({ kind, gamma }) => {
  const loss = openLoss(kind, gamma)
  for (const golden of cases.filter((each) => each.kind === kind && each.gamma === gamma && each.share === null)) {
    const criterion = criterionFor(golden)
    const total = lossTotal(criterion, labelsOf(golden), false)
    const parts = [[0, 3], [3, rows]].map(([from = 0, to = 0]) => {
      const feeds = lossFeeds(criterion, plainTargets(criterion, labelsOf(golden).slice(from, to)), total)
      return loss.run(logitsOf(golden).slice(from * classes, to * classes), feeds.targets, feeds.weights)
    })
    const gradient = parts.flatMap((part) => [...part.gradient])
    const lossError = Math.abs(parts.reduce((sum, part) => sum + part.loss, 0) - golden.loss) / Math.max(1, Math.abs(golden.loss))
    const gradientError = Math.max(...golden.gradient.map((value, i) => Math.abs(value - (gradient[i] ?? NaN))))
    expect(lossError).toBeLessThan(1e-6)
    expect(gradientError).toBeLessThan(1e-6)
    worst.passes = Math.max(worst.passes, lossError, gradientError)
  }
  loss.close()
})

const SETTINGS: CriterionSettings = { loss: 'cross_entropy', focal_gamma: 2, focal_alpha: null, label_smoothing: 0, class_weights: 'none', effective_number_beta: 0.99 }
const weightsOf = (given: Partial<CriterionSettings>, counts: number[]) => criterionOf({ ...SETTINGS, ...given }, ['a', 'b', 'c'], counts).classWeights

test('class weights: by how often a class occurs, by its effective number, given in order or by name', () => {
  expect(weightsOf({}, [5, 1, 0])).toEqual([1, 1, 1])
  // sklearn.utils.class_weight.compute_class_weight('balanced') for 6, 3 and 1 pictures.
  weightsOf({ class_weights: 'balanced' }, [6, 3, 1]).forEach((weight, i) => {
    expect(weight).toBeCloseTo([10 / 18, 10 / 9, 10 / 3][i] ?? NaN, 12)
  })
  const effective = weightsOf({ class_weights: 'effective_number' }, [100, 10, 1])
  const raw = [100, 10, 1].map((count) => 0.01 / (1 - 0.99 ** count))
  effective.forEach((weight, i) => {
    expect(weight).toBeCloseTo((3 * (raw[i] ?? NaN)) / raw.reduce((a, b) => a + b, 0), 12)
  })
  expect(weightsOf({ class_weights: 'effective_number', effective_number_beta: 0 }, [100, 10, 1])).toEqual([1, 1, 1])
  expect(weightsOf({ class_weights: [3, 2, 1] }, [1, 1, 1])).toEqual([3, 2, 1])
  expect(weightsOf({ class_weights: { c: 1, a: 3, b: 2 } }, [1, 1, 1])).toEqual([3, 2, 1])
  expect(weightsOf({ loss: 'focal', focal_alpha: 0.25 }, [1, 1, 1])).toEqual([0.25, 0.25, 0.25])
  expect(weightsOf({ loss: 'focal', focal_alpha: [1, 2, 3], class_weights: [2, 2, 2] }, [1, 1, 1])).toEqual([2, 4, 6])
  expect(weightsOf({ focal_alpha: [1, 2, 3] }, [1, 1, 1]), 'alpha is focal loss’s alone').toEqual([1, 1, 1])
})

test('numbers that do not fit the classes are refused by name', () => {
  expect(() => weightsOf({ class_weights: [1, 2] }, [1, 1, 1])).toThrow(/each of the 3 classes; 2 came/)
  expect(() => weightsOf({ class_weights: { a: 1, b: 1, d: 1 } }, [1, 1, 1])).toThrow(/no class d/)
  expect(() => weightsOf({ loss: 'focal', focal_alpha: { a: 1 } }, [1, 1, 1])).toThrow(/focal_alpha .* b, c have none/)
})

afterAll(() => {
  console.info(`${cases.length} losses against PyTorch, largest differences:`, worst)
})
