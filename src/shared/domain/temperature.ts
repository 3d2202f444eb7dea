/** Probabilities at another temperature (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017). */

/** Where a probability is so small that it became 0; its logarithm must stay finite. */
export const SMALLEST_PROBABILITY = Number.MIN_VALUE

/**
 * softmax(z / T). Logits are not needed: log p is z less one constant a picture, which softmax takes out again.
 * @param probabilities of one picture, by class
 */
export function atTemperature(probabilities: readonly number[], temperature: number): number[] {
  const scaled = probabilities.map((value) => Math.log(Math.max(value, SMALLEST_PROBABILITY)) / temperature)
  const largest = Math.max(...scaled)
  const exponentials = scaled.map((value) => Math.exp(value - largest))
  const sum = exponentials.reduce((a, b) => a + b, 0)
  return exponentials.map((value) => value / sum)
}
