/** How far measured figures may be from those of all pictures of the kind: 95 % intervals. */
import { type Interval, percentile, wilsonInterval } from '../../../shared/domain/interval'
import { KeyedRandom } from '../../../shared/domain/random'

export { type Interval, wilsonInterval }

export interface Answer {
  readonly truth: number
  readonly prediction: number
}

/** How often the pictures are drawn again. */
export const RESAMPLES = 2000
const LOW = 0.025

export interface DrawnFigures<Value> {
  readonly accuracy: Value
  readonly macroF1: Value
  readonly balancedAccuracy: Value
}

/** The figures of drawn answers. Classes are left out of the means as `classificationReport` has it. */
function figuresOf(hits: Int32Array, truths: Int32Array, predictions: Int32Array, count: number): DrawnFigures<number> {
  let right = 0
  let f1 = 0
  let occurring = 0
  let recall = 0
  let supported = 0
  hits.forEach((own, c) => {
    right += own
    const support = truths[c] ?? 0
    const both = support + (predictions[c] ?? 0)
    if (both === 0) return
    occurring++
    f1 += (2 * own) / both
    if (support === 0) return
    supported++
    recall += own / support
  })
  return { accuracy: right / count, macroF1: f1 / occurring, balancedAccuracy: recall / supported }
}

/**
 * Percentile bootstrap (Efron 1979) over the answers: the pictures are drawn again with replacement, two thousand times, whatever their class, so that how
 * many there are of each class varies too. Null where there is nothing to draw differently: no answers, or all of them right or all wrong, which say
 * nothing of their spread.
 */
export function bootstrapIntervals(answers: readonly Answer[], classes: number, seed: number): DrawnFigures<Interval> | null {
  const right = answers.filter(({ truth, prediction }) => truth === prediction).length
  if (right === 0 || right === answers.length) return null
  const random = new KeyedRandom(seed, 'bootstrap')
  const drawn = { accuracy: new Float64Array(RESAMPLES), macroF1: new Float64Array(RESAMPLES), balancedAccuracy: new Float64Array(RESAMPLES) }
  const truthOf = Int32Array.from(answers, ({ truth }) => truth)
  const predictionOf = Int32Array.from(answers, ({ prediction }) => prediction)
  for (let i = 0; i < RESAMPLES; i++) {
    const hits = new Int32Array(classes)
    const truths = new Int32Array(classes)
    const predictions = new Int32Array(classes)
    for (let k = 0; k < answers.length; k++) {
      const index = random.below(answers.length)
      const truth = truthOf[index] ?? 0
      const prediction = predictionOf[index] ?? 0
      truths[truth] = (truths[truth] ?? 0) + 1
      predictions[prediction] = (predictions[prediction] ?? 0) + 1
      if (truth === prediction) hits[truth] = (hits[truth] ?? 0) + 1
    }
    const figures = figuresOf(hits, truths, predictions, answers.length)
    drawn.accuracy[i] = figures.accuracy
    drawn.macroF1[i] = figures.macroF1
    drawn.balancedAccuracy[i] = figures.balancedAccuracy
  }
  const interval = (values: Float64Array): Interval => {
    const sorted = values.sort()
    return { low: percentile(sorted, LOW), high: percentile(sorted, 1 - LOW) }
  }
  return { accuracy: interval(drawn.accuracy), macroF1: interval(drawn.macroF1), balancedAccuracy: interval(drawn.balancedAccuracy) }
}
