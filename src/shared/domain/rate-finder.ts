/**
 * The learning-rate range test (Smith 2017): the rate rises from step to step over several powers of ten while the loss is watched. Where
 * it falls steadily is a good rate to begin with.
 */
import { t } from '@lingui/core/macro'
import { z } from 'zod'

export const ratePointSchema = z.object({
  /** From 1. */
  step: z.int().positive(),
  learning_rate: z.number(),
  loss: z.number(),
  /** Exponential mean of the losses, share of the old .9, corrected for its start. */
  smoothed_loss: z.number(),
})
export type RatePoint = z.infer<typeof ratePointSchema>

export const rateSoFarSchema = z.object({ points: z.array(ratePointSchema) })
export type RateSoFar = z.infer<typeof rateSoFarSchema>

export const rateFinderResultSchema = z.object({
  points: z.array(ratePointSchema),
  /** Null where the curve shows none. */
  suggestion: z.number().nullable(),
  /** In words, with the numbers it came from. */
  reason: z.string(),
  /** The test ended before its last step because the loss rose out of reach. */
  ended_early: z.boolean(),
})
export type RateFinderResult = z.infer<typeof rateFinderResultSchema>

export const LOWEST_RATE = 1e-7
export const HIGHEST_RATE = 1
export const RATE_STEPS = 100
/** Beyond so many times the lowest smoothed loss nothing more is to be learned. */
export const DIVERGED_FACTOR = 4
const SMOOTHING = 0.9
/** The first and the last of the fall are slow: rates there are too low to matter, or near where the loss rises again. */
const SLOW_SHARE = 0.1
/** A valley of fewer points, or a smaller fall, may be chance. */
const SHORTEST_VALLEY = 10
const SMALLEST_FALL = 0.02

/** The rate of a step, from 1 to `steps`, evenly spaced in powers of ten. */
export function rateOfStep(step: number, steps = RATE_STEPS): number {
  return LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** ((step - 1) / (steps - 1))
}

/** The next point of the curve. */
export function nextPoint(points: readonly RatePoint[], loss: number, rate: number): RatePoint {
  const step = points.length + 1
  const before = points.at(-1)
  const raw = before === undefined ? 0 : before.smoothed_loss * (1 - SMOOTHING ** before.step)
  return { step, learning_rate: rate, loss, smoothed_loss: (raw * SMOOTHING + loss * (1 - SMOOTHING)) / (1 - SMOOTHING ** step) }
}

/** True when the loss has left the scale, or is not a number any more. */
export function hasDiverged(points: readonly RatePoint[]): boolean {
  const last = points.at(-1)
  if (last === undefined) return false
  const lowest = Math.min(...points.map((point) => point.smoothed_loss))
  return !Number.isFinite(last.loss) || last.smoothed_loss > DIVERGED_FACTOR * lowest
}

/**
 * The middle of the longest falling stretch of the smoothed losses, without the slow tenth of the fall at either end: far enough in to
 * learn fast, far enough from where it rises. The stretch is the longest falling subsequence, so that single bumps do not cut it.
 */
export function suggestRate(points: readonly RatePoint[]): { suggestion: number | null; reason: string } {
  const usable = points.filter((point) => Number.isFinite(point.smoothed_loss))
  const valley = longestFall(usable.map((point) => point.smoothed_loss))
  const [first, last] = [usable[valley[0] ?? -1], usable[valley.at(-1) ?? -1]]
  if (first === undefined || last === undefined || valley.length < SHORTEST_VALLEY || last.smoothed_loss > first.smoothed_loss * (1 - SMALLEST_FALL)) {
    return { suggestion: null, reason: t`The loss does not fall clearly at any rate, so none is suggested. More pictures, a larger batch or less freezing may show one.` }
  }
  const fall = first.smoothed_loss - last.smoothed_loss
  const quick = valley.filter((place) => {
    const done = (first.smoothed_loss - (usable[place]?.smoothed_loss ?? NaN)) / fall
    return done >= SLOW_SHARE && done <= 1 - SLOW_SHARE
  })
  const [begin, end] = [quick[0] ?? valley[0] ?? 0, quick.at(-1) ?? valley.at(-1) ?? 0]
  const middle = usable[Math.floor((begin + end) / 2)] ?? first
  const low = (usable[begin] ?? first).learning_rate.toExponential(1)
  const high = (usable[end] ?? last).learning_rate.toExponential(1)
  return {
    suggestion: Number(middle.learning_rate.toPrecision(2)),
    reason: t`The loss falls from ${{ highest: first.smoothed_loss.toFixed(3) }} to ${{ lowest: last.smoothed_loss.toFixed(3) }} as the rate rises, mostly from ${low} to ${high}; the middle of that stretch is suggested.`,
  }
}

/** Places of the longest strictly falling subsequence; the earliest of several. */
function longestFall(values: readonly number[]): number[] {
  const lengths = values.map(() => 1)
  const before = values.map(() => -1)
  for (let i = 0; i < values.length; i++) {
    for (let j = 0; j < i; j++) {
      if ((values[j] ?? NaN) > (values[i] ?? NaN) && (lengths[j] ?? 0) + 1 > (lengths[i] ?? 0)) {
        lengths[i] = (lengths[j] ?? 0) + 1
        before[i] = j
      }
    }
  }
  const places: number[] = []
  for (let at = lengths.indexOf(Math.max(0, ...lengths)); at >= 0; at = before[at] ?? -1) places.unshift(at)
  return places
}
