/**
 * Two models on the same pictures: is one better, or could it be chance? Every picture counts for both, so that what is hard for both does not hide
 * a difference, which two separate intervals would.
 */
import { percentile } from './interval'
import { KeyedRandom } from './random'

/** One picture that both answered; class indexes of one common list. */
export interface PairedAnswer {
  readonly truth: number
  readonly base: number
  readonly other: number
}

export interface PairedInterval {
  readonly low: number
  readonly high: number
}

export interface PairedCounts {
  /** Right in the base, wrong in the other. */
  rightToWrong: number
  wrongToRight: number
  bothRight: number
  /** Both wrong, with the same answer or another one. */
  bothWrong: number
}

/** Other − base of one figure, fractions of 1. */
export interface PairedDifference {
  readonly base: number
  readonly other: number
  readonly difference: number
  /** 95 %. Null where every picture says the same, which tells nothing of the spread. */
  readonly interval: PairedInterval | null
}

export interface PairedFigures {
  readonly count: number
  readonly counts: PairedCounts
  readonly accuracy: PairedDifference
  /** Means over the classes that occur, as scikit-learn's `f1_score(average='macro')`. */
  readonly macroF1: PairedDifference
  /** McNemar's exact two-sided test of accuracy. */
  readonly pValue: number
  readonly resamples: number
}

/** How often the pictures are drawn again; fewer where there are so many that it would take long. */
const RESAMPLES = 2000
const FEWEST_RESAMPLES = 400
const MOST_DRAWS = 12_000_000
/** Draws between two calls of `pause`: about ten milliseconds. */
const DRAWS_A_PAUSE = 100_000

export function pairedCounts(answers: readonly PairedAnswer[]): PairedCounts {
  const counts: PairedCounts = { rightToWrong: 0, wrongToRight: 0, bothRight: 0, bothWrong: 0 }
  for (const { truth, base, other } of answers) {
    if (base === truth) {
      if (other === truth) counts.bothRight++
      else counts.rightToWrong++
    } else if (other === truth) counts.wrongToRight++
    else counts.bothWrong++
  }
  return counts
}

/**
 * McNemar's test in its exact form: of the pictures on which the two differ in being right, each is as likely to speak for the one as for the other.
 * Two-sided, as scipy's `binomtest(k, n, .5)` (McNemar 1947; Edwards 1948 for why not the approximation by χ²). 1 where they never differ.
 */
export function mcnemarExact(rightToWrong: number, wrongToRight: number): number {
  const n = rightToWrong + wrongToRight
  const fewer = Math.min(rightToWrong, wrongToRight)
  if (n === 0 || rightToWrong === wrongToRight) return 1
  // Terms of the binomial by their logarithms: 2⁻ⁿ alone is too small for a number from n = 1075 on. The last is the largest.
  const logs = [-n * Math.LN2]
  for (let k = 1; k <= fewer; k++) logs.push((logs[k - 1] ?? 0) + Math.log(n - k + 1) - Math.log(k))
  const largest = logs[fewer] ?? 0
  const sum = logs.reduce((total, log) => total + Math.exp(log - largest), 0)
  return Math.min(1, 2 * Math.exp(largest) * sum)
}

/**
 * Holm's step-down adjustment (1979): with several comparisons at once, some small p comes by chance. In the order given, as statsmodels'
 * `multipletests(method='holm')`.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const adjusted = pValues.map(() => 1)
  let largest = 0
  order.forEach(({ p, index }, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p))
    adjusted[index] = largest
  })
  return adjusted
}

/** Counts from which accuracy and macro-F1 follow. */
class Tally {
  private readonly hits: Int32Array
  private readonly predictions: Int32Array
  private right = 0

  constructor(classes: number) {
    this.hits = new Int32Array(classes)
    this.predictions = new Int32Array(classes)
  }

  clear(): void {
    this.hits.fill(0)
    this.predictions.fill(0)
    this.right = 0
  }

  add(truth: number, prediction: number): void {
    this.predictions[prediction] = (this.predictions[prediction] ?? 0) + 1
    if (truth !== prediction) return
    this.hits[truth] = (this.hits[truth] ?? 0) + 1
    this.right++
  }

  accuracy(count: number): number {
    return this.right / count
  }

  macroF1(truths: Int32Array): number {
    let sum = 0
    let occurring = 0
    for (let c = 0; c < truths.length; c++) {
      const both = (truths[c] ?? 0) + (this.predictions[c] ?? 0)
      if (both === 0) continue
      occurring++
      sum += (2 * (this.hits[c] ?? 0)) / both
    }
    return sum / occurring
  }
}

function intervalOf(values: Float64Array): PairedInterval {
  const sorted = values.sort()
  return { low: percentile(sorted, 0.025), high: percentile(sorted, 0.975) }
}

/**
 * Other against base on the pictures that both answered. Intervals are the percentile bootstrap's (Efron 1979) over pictures, each drawn with both of its
 * answers, keyed by `seed`, so that they repeat.
 * @param answers at least one @param pause called every few milliseconds of work, for whoever must not be held up
 */
export async function pairedFigures(answers: readonly PairedAnswer[], classes: number, seed: number, pause: () => Promise<void> = () => Promise.resolve()): Promise<PairedFigures> {
  const count = answers.length
  const counts = pairedCounts(answers)
  const truthOf = Int32Array.from(answers, ({ truth }) => truth)
  const baseOf = Int32Array.from(answers, ({ base }) => base)
  const otherOf = Int32Array.from(answers, ({ other }) => other)
  const truths = new Int32Array(classes)
  const base = new Tally(classes)
  const other = new Tally(classes)
  const add = (index: number): void => {
    const truth = truthOf[index] ?? 0
    truths[truth] = (truths[truth] ?? 0) + 1
    base.add(truth, baseOf[index] ?? 0)
    other.add(truth, otherOf[index] ?? 0)
  }
  for (let index = 0; index < count; index++) add(index)
  const accuracy = { base: base.accuracy(count), other: other.accuracy(count) }
  const macroF1 = { base: base.macroF1(truths), other: other.macroF1(truths) }

  const resamples = Math.max(FEWEST_RESAMPLES, Math.min(RESAMPLES, Math.floor(MOST_DRAWS / count)))
  const isAlike = answers.every((answer) => answer.base === answer.other)
  const accuracies = new Float64Array(resamples)
  const macroF1s = new Float64Array(resamples)
  const random = new KeyedRandom(seed, 'bootstrap')
  let untilPause = DRAWS_A_PAUSE
  for (let i = 0; i < resamples && !isAlike; i++) {
    truths.fill(0)
    base.clear()
    other.clear()
    for (let k = 0; k < count; k++) add(random.below(count))
    accuracies[i] = other.accuracy(count) - base.accuracy(count)
    macroF1s[i] = other.macroF1(truths) - base.macroF1(truths)
    untilPause -= count
    if (untilPause > 0) continue
    untilPause = DRAWS_A_PAUSE
    await pause()
  }
  const differs = counts.rightToWrong + counts.wrongToRight > 0
  return {
    count,
    counts,
    accuracy: { ...accuracy, difference: accuracy.other - accuracy.base, interval: differs ? intervalOf(accuracies) : null },
    macroF1: { ...macroF1, difference: macroF1.other - macroF1.base, interval: isAlike ? null : intervalOf(macroF1s) },
    pValue: mcnemarExact(counts.rightToWrong, counts.wrongToRight),
    resamples,
  }
}
