/** What a threshold does to pictures that it was not chosen on, and how sure that is. */
import { z } from 'zod'
import { splitSchema, type Split } from './dataset'
import { percentile, wilsonInterval } from './interval'
import { intervalSchema, type MeasuredInterval, type Prediction } from './metrics'
import { KeyedRandom } from './random'
import { atTemperature } from './temperature'
import { costOf, countOf, decide, type Outcomes, outcomesAt, outcomesOf, outcomesSchema, precisionOf, recallOf, scoredPictures } from './thresholds'

export const toldThresholdSchema = z.object({
  split: splitSchema,
  outcomes: outcomesSchema,
  precision: z.number(),
  recall: z.number(),
  /** In false alarms, on all pictures of the split. */
  cost: z.number(),
  /** 95 %, at this threshold: that it was chosen on a few pictures is not in them. Null where nothing was counted. */
  intervals: z.object({
    resamples: z.int().nonnegative(),
    precision: intervalSchema.nullable(),
    recall: intervalSchema.nullable(),
    /** Null where there was no mistake: then nothing tells how many there may be. */
    cost: intervalSchema.nullable(),
  }),
  /** The same class where every picture is said to be of its likeliest class. */
  likeliest: z.object({ outcomes: outcomesSchema, cost: z.number() }),
  /** Share of all pictures that are right: by the likeliest class, and with all the thresholds. */
  accuracy: z.object({ likeliest: z.number(), decided: z.number() }),
})
export type ToldThreshold = z.infer<typeof toldThresholdSchema>

/** How often the pictures are drawn again; fewer where there are so many that it would take long. */
const RESAMPLES = 2000
const FEWEST_RESAMPLES = 400
const MOST_DRAWS = 12_000_000
/** Draws between two calls of `pause`: about ten milliseconds. */
const DRAWS_A_PAUSE = 100_000

type Intervals = ToldThreshold['intervals']

/**
 * Percentile bootstrap (Efron 1979): the pictures are drawn again with replacement, whatever their class. Of a picture only matters which of the four
 * outcomes it is, so that those are drawn. Wilson's interval where a share is 0 or 1, of which nothing can be drawn differently.
 */
export async function outcomeIntervals(outcomes: Outcomes, missCost: number, seed: number, pause: () => Promise<void> = () => Promise.resolve()): Promise<Intervals> {
  const count = countOf(outcomes)
  if (count === 0) return { resamples: 0, precision: null, recall: null, cost: null }
  const resamples = Math.max(FEWEST_RESAMPLES, Math.min(RESAMPLES, Math.floor(MOST_DRAWS / count)))
  const random = new KeyedRandom(seed, 'bootstrap', 1)
  const toMissed = outcomes.hits + outcomes.missed
  const toFalseAlarms = toMissed + outcomes.false_alarms
  const drawn = { precision: [] as number[], recall: [] as number[], cost: [] as number[] }
  let draws = 0
  for (let i = 0; i < resamples; i++) {
    const again: Outcomes = { hits: 0, missed: 0, false_alarms: 0, passed: 0 }
    for (let k = 0; k < count; k++) {
      const place = random.below(count)
      if (place < outcomes.hits) again.hits++
      else if (place < toMissed) again.missed++
      else if (place < toFalseAlarms) again.false_alarms++
      else again.passed++
    }
    // A draw without any such picture says nothing of the share.
    if (again.hits + again.false_alarms > 0) drawn.precision.push(precisionOf(again))
    if (again.hits + again.missed > 0) drawn.recall.push(recallOf(again))
    drawn.cost.push(costOf(again, missCost))
    draws += count
    if (draws >= DRAWS_A_PAUSE) {
      draws = 0
      await pause()
    }
  }
  const interval = (values: readonly number[]): MeasuredInterval => {
    const sorted = Float64Array.from(values).sort()
    return { low: percentile(sorted, 0.025), high: percentile(sorted, 0.975), method: 'bootstrap' }
  }
  const ofShare = (values: readonly number[], part: number, whole: number): MeasuredInterval | null => {
    if (whole === 0) return null
    return part === 0 || part === whole ? { ...wilsonInterval(part, whole), method: 'wilson' } : interval(values)
  }
  const { hits, missed, false_alarms: falseAlarms } = outcomes
  return {
    resamples,
    precision: ofShare(drawn.precision, hits, hits + falseAlarms),
    recall: ofShare(drawn.recall, hits, hits + missed),
    cost: missed + falseAlarms === 0 ? null : interval(drawn.cost),
  }
}

export interface TellRequest {
  readonly split: Split
  readonly predictions: readonly Prediction[]
  readonly classIndex: number
  readonly threshold: number
  readonly missCost: number
  readonly temperature: number | null
  /** Of all classes, this one's among them, in their order: what the decided accuracy is measured with. */
  readonly thresholds: readonly (number | null)[]
  readonly seed: number
}

export async function tellThreshold(of: TellRequest, pause?: () => Promise<void>): Promise<ToldThreshold> {
  const { predictions, classIndex, threshold, missCost, temperature, thresholds } = of
  const scored = scoredPictures(predictions, classIndex, temperature)
  const outcomes = outcomesAt(scored, threshold)
  const likeliest = outcomesOf(predictions.map(({ prediction }) => prediction === classIndex), scored.isOfClass)
  const together = thresholds.map((value, index) => (index === classIndex ? threshold : value))
  const share = (isRight: (picture: Prediction) => boolean): number => predictions.filter(isRight).length / Math.max(1, predictions.length)
  return {
    split: of.split,
    outcomes,
    precision: precisionOf(outcomes),
    recall: recallOf(outcomes),
    cost: costOf(outcomes, missCost),
    intervals: await outcomeIntervals(outcomes, missCost, of.seed, pause),
    likeliest: { outcomes: likeliest, cost: costOf(likeliest, missCost) },
    accuracy: {
      likeliest: share(({ truth, prediction }) => truth === prediction),
      decided: share(({ truth, probabilities }) => decide(temperature === null ? probabilities : atTemperature(probabilities, temperature), together).index === truth),
    },
  }
}
