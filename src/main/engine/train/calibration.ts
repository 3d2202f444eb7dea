/** Whether a model is right as often as it says: calibration after Guo et al., "On Calibration of Modern Neural Networks", ICML 2017. */
import { atTemperature, SMALLEST_PROBABILITY as SMALLEST } from '../../../shared/domain/temperature'
import { argmax } from './metrics'

export { atTemperature }

/** Guo et al. use as many. */
export const CALIBRATION_BINS = 15

/** What is known of one picture's answer. */
export interface LabelledAnswer {
  readonly truth: number
  readonly probabilities: readonly number[]
}

/** The answers whose confidence lies in (low, high]. */
export interface ReliabilityBin {
  readonly low: number
  readonly high: number
  readonly count: number
  /** Mean of the confidences and share of right answers; 0 where the bin is empty. */
  readonly confidence: number
  readonly accuracy: number
}

export interface Reliability {
  /** Expected calibration error: Σ count/n · |accuracy − confidence|. */
  readonly expected_calibration_error: number
  /** Mean of −log of the probability that the truth was given. */
  readonly negative_log_likelihood: number
  readonly bins: ReliabilityBin[]
}

/** The expected calibration error of the likeliest classes, over bins of equal width. @param temperature 1: as the model answers */
export function reliability(answers: readonly LabelledAnswer[], temperature = 1): Reliability {
  const sums = Array.from({ length: CALIBRATION_BINS }, () => ({ count: 0, confidence: 0, right: 0 }))
  let loss = 0
  for (const { truth, probabilities } of answers) {
    const scaled = temperature === 1 ? probabilities : atTemperature(probabilities, temperature)
    const prediction = argmax(scaled, 0, scaled.length)
    const confidence = scaled[prediction] ?? 0
    const bin = sums[binOf(confidence)]
    if (bin !== undefined) {
      bin.count++
      bin.confidence += confidence
      bin.right += prediction === truth ? 1 : 0
    }
    loss -= Math.log(Math.max(scaled[truth] ?? 0, SMALLEST))
  }
  const total = Math.max(1, answers.length)
  return {
    expected_calibration_error: sums.reduce((error, { confidence, right }) => error + Math.abs(right - confidence), 0) / total,
    negative_log_likelihood: loss / total,
    bins: sums.map(({ count, confidence, right }, index) => ({
      low: index / CALIBRATION_BINS,
      high: (index + 1) / CALIBRATION_BINS,
      count,
      confidence: count === 0 ? 0 : confidence / count,
      accuracy: count === 0 ? 0 : right / count,
    })),
  }
}

/** Bins are open below and closed above. Found by comparing with their bounds: a product with the number of bins may round over one. */
function binOf(confidence: number): number {
  let bin = 0
  while (bin < CALIBRATION_BINS - 1 && confidence > (bin + 1) / CALIBRATION_BINS) bin++
  return bin
}

const LOWEST_TEMPERATURE = 0.01
const HIGHEST_TEMPERATURE = 100
const HALVINGS = 80

/**
 * The temperature with the smallest negative log-likelihood on these answers. The likelihood is convex in 1/T, so its derivative, mean(E[log p] − log p
 * of the truth), has one root, which is found by halving.
 * @returns null where it has none from 0.01 to 100: no answers, every one right (then any lower temperature is better), or no better than chance
 */
export function fitTemperature(answers: readonly LabelledAnswer[]): number | null {
  if (answers.length === 0) return null
  const logs = answers.map(({ truth, probabilities }) => ({ truth, values: probabilities.map((value) => Math.log(Math.max(value, SMALLEST))) }))
  const slope = (inverse: number): number => {
    let sum = 0
    for (const { truth, values } of logs) {
      const largest = Math.max(...values)
      let weights = 0
      let mean = 0
      for (const value of values) {
        const weight = Math.exp(inverse * (value - largest))
        weights += weight
        mean += weight * value
      }
      sum += mean / weights - (values[truth] ?? 0)
    }
    return sum
  }
  let low = 1 / HIGHEST_TEMPERATURE
  let high = 1 / LOWEST_TEMPERATURE
  if (slope(low) >= 0 || slope(high) <= 0) return null
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (slope(middle) < 0) low = middle
    else high = middle
  }
  return 2 / (low + high)
}
