/** How far measured figures may be from those of all pictures of the kind: 95 % intervals. */
import { KeyedRandom } from '../../../shared/domain/random'

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface Answer {
  readonly truth: number
  readonly prediction: number
}

/** 97.5th percentile of the standard normal. */
const Z = 1.959963984540054

/** Wilson's score interval (Wilson 1927) for a share; the whole range where nothing was counted. */
export function wilsonInterval(hits: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 }
  const share = hits / count
  const centre = share + (Z * Z) / (2 * count)
  const spread = Z * Math.sqrt((share * (1 - share)) / count + (Z * Z) / (4 * count * count))
  const scale = 1 + (Z * Z) / count
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) }
}

const RESAMPLES = 1000
const LOW = 0.025

/** Linear between the two nearest, as numpy.percentile has it. */
function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  return below + ((sorted[Math.ceil(place)] ?? below) - below) * (place - Math.floor(place))
}

/** Accuracy and macro F1 of drawn answers. Classes that neither occur nor are predicted are left out, as in `classificationReport`. */
function figuresOf(hits: Int32Array, truths: Int32Array, predictions: Int32Array, count: number): { accuracy: number; macroF1: number } {
  let right = 0
  let f1 = 0
  let occurring = 0
  hits.forEach((own, c) => {
    right += own
    const both = (truths[c] ?? 0) + (predictions[c] ?? 0)
    if (both === 0) return
    occurring++
    f1 += (2 * own) / both
  })
  return { accuracy: right / count, macroF1: f1 / occurring }
}

/**
 * Percentile bootstrap (Efron 1979) over the answers: the pictures are drawn again with replacement a thousand times. Null where
 * there is nothing to draw differently: no answers, or all of them right or all wrong, which say nothing of their spread.
 */
export function bootstrapIntervals(answers: readonly Answer[], classes: number, seed: number): { accuracy: Interval; macroF1: Interval } | null {
  const right = answers.filter(({ truth, prediction }) => truth === prediction).length
  if (right === 0 || right === answers.length) return null
  const random = new KeyedRandom(seed, 'bootstrap')
  const accuracy = new Float64Array(RESAMPLES)
  const macroF1 = new Float64Array(RESAMPLES)
  for (let i = 0; i < RESAMPLES; i++) {
    const hits = new Int32Array(classes)
    const truths = new Int32Array(classes)
    const predictions = new Int32Array(classes)
    for (let k = 0; k < answers.length; k++) {
      const { truth, prediction } = answers[random.below(answers.length)] ?? { truth: 0, prediction: 0 }
      truths[truth] = (truths[truth] ?? 0) + 1
      predictions[prediction] = (predictions[prediction] ?? 0) + 1
      if (truth === prediction) hits[truth] = (hits[truth] ?? 0) + 1
    }
    const figures = figuresOf(hits, truths, predictions, answers.length)
    accuracy[i] = figures.accuracy
    macroF1[i] = figures.macroF1
  }
  const interval = (values: Float64Array): Interval => {
    const sorted = values.sort()
    return { low: percentile(sorted, LOW), high: percentile(sorted, 1 - LOW) }
  }
  return { accuracy: interval(accuracy), macroF1: interval(macroF1) }
}
