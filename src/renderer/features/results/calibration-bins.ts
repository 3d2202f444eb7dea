/** Bins with as many pictures each: where a model is sure of nearly everything, bins of equal width have them all in the last. */
import type { Prediction, ReliabilityReport } from '../../../shared/domain/metrics'
import { atTemperature } from '../../../shared/domain/temperature'

/** As many as of equal width; fewer where pictures are few. */
const MOST_BINS = 15
const FEWEST_A_BIN = 10

/**
 * Reliability of the likeliest class over bins of equal count, the larger ones first, as numpy's `array_split` cuts the sorted confidences; its expected
 * calibration error is the adaptive one of Nixon et al., "Measuring Calibration in Deep Learning", 2019, for the likeliest class.
 * @param temperature null: as the model answers
 */
export function equalCountReliability(predictions: readonly Prediction[], temperature: number | null): Pick<ReliabilityReport, 'expected_calibration_error' | 'bins'> {
  const answers = predictions
    .map(({ probabilities, prediction, truth }) => ({ confidence: (temperature === null ? probabilities : atTemperature(probabilities, temperature))[prediction] ?? 0, isRight: prediction === truth }))
    .sort((a, b) => a.confidence - b.confidence)
  const count = Math.max(1, Math.min(MOST_BINS, Math.floor(answers.length / FEWEST_A_BIN)))
  const bins: ReliabilityReport['bins'] = []
  let error = 0
  for (let bin = 0, from = 0; bin < count; bin++) {
    const size = Math.floor(answers.length / count) + (bin < answers.length % count ? 1 : 0)
    const part = answers.slice(from, from + size)
    from += size
    const confidence = part.reduce((sum, answer) => sum + answer.confidence, 0) / Math.max(1, size)
    const accuracy = part.filter(({ isRight }) => isRight).length / Math.max(1, size)
    error += (size / Math.max(1, answers.length)) * Math.abs(accuracy - confidence)
    // Beside each other without a gap: up to where the next one begins.
    const low = bin === 0 ? (part[0]?.confidence ?? 0) : (bins.at(-1)?.high ?? 0)
    bins.push({ low, high: (((part.at(-1)?.confidence ?? 1) + (answers[from]?.confidence ?? part.at(-1)?.confidence ?? 1)) / 2), count: size, confidence, accuracy })
  }
  return { expected_calibration_error: error, bins }
}
