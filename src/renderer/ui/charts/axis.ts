/** Ranges of chart axes that grow in steps, so that a live chart does not jump at each point. */

export interface AxisRange {
  low: number
  high: number
  ticks: number[]
  scale: 'linear' | 'log'
}

/** 1, 2, 2.5 or 5 times a power of ten, not below the value. */
export function stepAtLeast(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const mantissa = value / power
  const step = [1, 2, 2.5, 5, 10].find((candidate) => mantissa <= candidate * (1 + 1e-9)) ?? 10
  return step * power
}

function ticksBetween(low: number, high: number, step: number): number[] {
  const count = Math.round((high - low) / step)
  return Array.from({ length: count + 1 }, (_, index) => Number((low + index * step).toPrecision(12)))
}

/** From zero to the next round step above the largest value. */
export function rangeFromZero(values: readonly number[]): AxisRange {
  const largest = Math.max(0, ...values.filter(Number.isFinite))
  const high = largest === 0 ? 1 : stepAtLeast(largest * 1.02)
  return { low: 0, high, ticks: ticksBetween(0, high, high / divisions(high)), scale: 'linear' }
}

/** Parts of an axis from zero whose marks are short numbers: fifths of 5 and 2.5, quarters of 1 and 2. */
function divisions(high: number): number {
  const mantissa = Number((high / 10 ** Math.floor(Math.log10(high) + 1e-9)).toPrecision(3))
  return mantissa === 5 || mantissa === 2.5 ? 5 : 4
}

/** For fractions of 1: the top stays at 1, the bottom goes down in quarters and, where all is well above, in tenths. */
export function rangeOfShares(values: readonly number[]): AxisRange {
  const finite = values.filter(Number.isFinite)
  const lowest = finite.length === 0 ? 0 : Math.min(...finite)
  const low = [0.9, 0.8, 0.5].find((candidate) => lowest >= candidate) ?? 0
  return { low, high: 1, ticks: ticksBetween(low, 1, (1 - low) / (low === 0.9 || low === 0.5 ? 5 : 4)), scale: 'linear' }
}

/** Logarithmic where the values span more than a decade, else from zero. */
export function rangeOfRates(values: readonly number[]): AxisRange {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0)
  const smallest = Math.min(...positive)
  const largest = Math.max(...positive)
  if (positive.length === 0 || largest / smallest <= 10) return rangeFromZero(positive)
  const lowPower = Math.floor(Math.log10(smallest) + 1e-9)
  const highPower = Math.ceil(Math.log10(largest) - 1e-9)
  const stride = Math.max(1, Math.ceil((highPower - lowPower) / 5))
  const ticks: number[] = []
  for (let power = highPower; power >= lowPower; power -= stride) ticks.unshift(10 ** power)
  return { low: 10 ** lowPower, high: 10 ** highPower, ticks, scale: 'log' }
}

/** Whole epochs to put marks at: every one, or every 2nd, 5th, 10th, … so that at most `most` are shown. */
export function epochTicks(epochs: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(stepAtLeast(Math.max(1, epochs / most))))
  const ticks: number[] = []
  for (let epoch = step === 1 ? 1 : 0; epoch <= epochs; epoch += step) ticks.push(epoch)
  return ticks
}
