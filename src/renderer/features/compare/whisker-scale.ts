import type { MeasuredRun } from '../../../shared/domain/compare'

/** From a little below the lowest end to the highest. */
export function whiskerScale(measured: readonly MeasuredRun[]): { low: number; high: number } {
  const ends = measured.flatMap(({ accuracy, accuracy_interval: interval }) => [accuracy, interval?.low ?? accuracy, interval?.high ?? accuracy])
  if (ends.length === 0) return { low: 0, high: 1 }
  const low = Math.floor(Math.min(...ends) * 20) / 20
  const high = Math.ceil(Math.max(...ends) * 20) / 20
  return high - low < 0.05 ? { low: Math.max(0, high - 0.05), high } : { low, high }
}
