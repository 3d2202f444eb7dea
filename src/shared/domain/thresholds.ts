/**
 * When a picture is said to be of a class, if a missed one costs another amount than a false alarm.
 *
 * A false alarm costs 1, a missed picture N. With calibrated probabilities the cheapest rule is to say the class from 1 / (1 + N) on
 * (Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001); what was cheapest on the validation pictures stands beside it.
 */
import { z } from 'zod'
import { splitSchema } from './dataset'
import type { Prediction } from './metrics'
import { atTemperature } from './temperature'

export const SMALLEST_MISS_COST = 0.01
export const LARGEST_MISS_COST = 1000

/** One class against all others, at one threshold. */
export const outcomesSchema = z.object({
  /** Of the class, and said to be. */
  hits: z.int().nonnegative(),
  /** Of the class, and not said to be. */
  missed: z.int().nonnegative(),
  /** Said to be of the class, but of another. */
  false_alarms: z.int().nonnegative(),
  /** Of another class, and not said to be of this one. */
  passed: z.int().nonnegative(),
})
export type Outcomes = z.infer<typeof outcomesSchema>

export const chosenThresholdSchema = z.object({
  name: z.string(),
  /** The probability at the temperature from which on a picture is said to be of the class. */
  threshold: z.number().min(0).max(1),
  /** What a missed picture costs, where a false alarm costs 1. */
  miss_cost: z.number().positive(),
  /** `validation`: the cheapest on the validation pictures; `bayes`: 1 / (1 + miss_cost); `set`: a person's own. */
  source: z.enum(['validation', 'bayes', 'set']),
})
export type ChosenThreshold = z.infer<typeof chosenThresholdSchema>

/** What a person decided about a run's classes: `thresholds.json` in its folder, and in an export's. */
export const chosenThresholdsSchema = z.object({
  version: z.literal(1),
  /** Of the best checkpoint that they were chosen for; another one's probabilities are others. */
  checkpoint_epoch: z.int().nonnegative(),
  /** By which the logits are divided before a probability is held against its threshold; null: the model's own are. */
  temperature: z.number().positive().nullable(),
  /** The pictures that they were chosen on. */
  chosen_on: splitSchema,
  classes: z.array(chosenThresholdSchema),
})
export type ChosenThresholds = z.infer<typeof chosenThresholdsSchema>

/** A score and the truth of every picture. */
export interface ScoredPictures {
  readonly scores: readonly number[]
  readonly isOfClass: readonly boolean[]
}

/** @param temperature null: the probabilities as the model gives them */
export function scoredPictures(predictions: readonly Prediction[], classIndex: number, temperature: number | null): ScoredPictures {
  const scores = predictions.map(({ probabilities }) => (temperature === null ? probabilities : atTemperature(probabilities, temperature))[classIndex] ?? 0)
  return { scores, isOfClass: predictions.map(({ truth }) => truth === classIndex) }
}

/** A picture whose score is the threshold is said to be of the class. */
export function outcomesAt({ scores, isOfClass }: ScoredPictures, threshold: number): Outcomes {
  return outcomesOf(scores.map((score) => score >= threshold), isOfClass)
}

/** @param isSaid of every picture: whether it is said to be of the class */
export function outcomesOf(isSaid: readonly boolean[], isOfClass: readonly boolean[]): Outcomes {
  const outcomes: Outcomes = { hits: 0, missed: 0, false_alarms: 0, passed: 0 }
  isSaid.forEach((said, i) => {
    const of = isOfClass[i] === true
    if (of) outcomes[said ? 'hits' : 'missed']++
    else outcomes[said ? 'false_alarms' : 'passed']++
  })
  return outcomes
}

/** In false alarms. */
export const costOf = ({ missed, false_alarms: falseAlarms }: Pick<Outcomes, 'missed' | 'false_alarms'>, missCost: number): number => missed * missCost + falseAlarms

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

/** 0 where a ratio is 0/0, as in scikit-learn. */
export const precisionOf = ({ hits, false_alarms: falseAlarms }: Outcomes): number => ratio(hits, hits + falseAlarms)
export const recallOf = ({ hits, missed }: Outcomes): number => ratio(hits, hits + missed)
/** Pictures of the split. */
export const countOf = ({ hits, missed, false_alarms: falseAlarms, passed }: Outcomes): number => hits + missed + falseAlarms + passed

/** The cheapest threshold for calibrated probabilities: where a miss and a false alarm are as dear. */
export const bayesThreshold = (missCost: number): number => 1 / (1 + missCost)

/** All thresholds in (low, high] say the same of every picture. */
export interface CostStep {
  readonly low: number
  readonly high: number
  readonly outcomes: Outcomes
  readonly cost: number
}

/**
 * The cost of every threshold from 0 to 1: a staircase with a step at each distinct score, from the lowest threshold on. Pictures with the same score
 * come and go together.
 */
export function costSteps({ scores, isOfClass }: ScoredPictures, missCost: number): CostStep[] {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0))
  const positives = isOfClass.filter(Boolean).length
  let missed = 0
  let passed = 0
  let low = 0
  const steps: CostStep[] = []
  const add = (high: number): void => {
    const outcomes = { hits: positives - missed, missed, false_alarms: scores.length - positives - passed, passed }
    if (high > low) steps.push({ low, high, outcomes, cost: costOf(outcomes, missCost) })
    low = Math.max(low, high)
  }
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at] ?? 0] ?? 0
    add(Math.min(1, score))
    for (; at < order.length && scores[order[at] ?? 0] === score; at++) {
      if (isOfClass[order[at] ?? 0] === true) missed++
      else passed++
    }
  }
  add(1)
  return steps
}

export interface CheapestThreshold {
  readonly threshold: number
  /** Costs as little anywhere in (low, high]. */
  readonly low: number
  readonly high: number
  readonly cost: number
}

/** Costs that differ by rounding alone are the same. */
const isSameCost = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))

/**
 * The threshold with the lowest cost on these pictures. A whole range costs the same: it is Bayes' where that lies in the range, else the middle of it,
 * which is farthest from the pictures on either side. Of several ranges the one nearest to Bayes' is taken.
 * @returns null where no picture is of the class, or every one: then nothing is learned about one kind of mistake
 */
export function cheapestThreshold(pictures: ScoredPictures, missCost: number): CheapestThreshold | null {
  const positives = pictures.isOfClass.filter(Boolean).length
  if (positives === 0 || positives === pictures.isOfClass.length) return null
  const steps = costSteps(pictures, missCost)
  const cost = Math.min(...steps.map((step) => step.cost))
  const bayes = bayesThreshold(missCost)
  let best: CheapestThreshold | null = null
  let distance = Infinity
  for (let first = 0; first < steps.length; first++) {
    const from = steps[first]
    if (from === undefined || !isSameCost(from.cost, cost)) continue
    let last = first
    for (let next = steps[last + 1]; next !== undefined && isSameCost(next.cost, cost); next = steps[last + 1]) last++
    const high = steps[last]?.high ?? from.high
    const { low } = from
    const isWithin = bayes > low && bayes <= high
    const away = isWithin ? 0 : bayes <= low ? low - bayes : bayes - high
    if (away < distance || best === null) {
      best = { threshold: isWithin ? bayes : (low + high) / 2, low, high, cost }
      distance = away
    }
    first = last
  }
  return best
}

/** The thresholds in the order of the classes, with the temperature at which they hold. */
export interface DecisionRule {
  readonly temperature: number | null
  /** Null: none was chosen for the class. */
  readonly thresholds: readonly (number | null)[]
}

/** Null where nothing was chosen for any of these classes. */
export function decisionRule({ classes, temperature }: ChosenThresholds, names: readonly string[]): DecisionRule | null {
  const byName = new Map(classes.map(({ name, threshold }) => [name, threshold]))
  const thresholds = names.map((name) => byName.get(name) ?? null)
  return thresholds.every((threshold) => threshold === null) ? null : { temperature, thresholds }
}

export interface Decision {
  /** Null: every class has a threshold, and none is reached. */
  readonly index: number | null
  /** Whether a chosen threshold was reached; else it is the likeliest of the classes without one. */
  readonly isByThreshold: boolean
}

/**
 * What a picture is said to be. A class whose threshold is reached, even where another one is likelier; of several the one that is the most times over
 * its threshold, which is the cheapest where thresholds are Bayes'. Where none is reached, the likeliest of the classes without a threshold.
 * @param probabilities at the rule's temperature
 */
export function decide(probabilities: readonly number[], thresholds: readonly (number | null)[]): Decision {
  let reached: { index: number; times: number } | null = null
  let other: number | null = null
  for (const [index, probability] of probabilities.entries()) {
    const threshold = thresholds[index] ?? null
    if (threshold === null) {
      if (other === null || probability > (probabilities[other] ?? 0)) other = index
    } else if (probability >= threshold) {
      const times = threshold === 0 ? Infinity : probability / threshold
      if (reached === null || times > reached.times) reached = { index, times }
    }
  }
  return reached === null ? { index: other, isByThreshold: false } : { index: reached.index, isByThreshold: true }
}

/** The same from the probabilities that the model gives. */
export const decideAbout = (probabilities: readonly number[], { temperature, thresholds }: DecisionRule): Decision =>
  decide(temperature === null ? probabilities : atTemperature(probabilities, temperature), thresholds)
