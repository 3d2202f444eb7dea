/** Early stopping and the choice of the best epoch: strict gains, counted in plain data. */
import { METRIC_HIGHER_IS_BETTER, type MetricName } from '../../../shared/domain/run-config'

export interface EarlyStoppingState {
  best: number | null
  epochs_without_gain: number
}

/** True when `value` is strictly better than the best so far. A value that is not a number never is. */
export function isGain(metric: MetricName, value: number, best: number | null): boolean {
  if (Number.isNaN(value)) return false
  if (best === null) return true
  return METRIC_HIGHER_IS_BETTER[metric] ? value > best : value < best
}

export function nextEarlyStopping(state: EarlyStoppingState, metric: MetricName, value: number): EarlyStoppingState {
  if (isGain(metric, value, state.best)) return { best: value, epochs_without_gain: 0 }
  return { best: state.best, epochs_without_gain: state.epochs_without_gain + 1 }
}

/** Stops when the epochs without a gain reach the patience; a patience of 0 never stops. */
export function shouldStop(state: EarlyStoppingState, patience: number): boolean {
  return patience > 0 && state.epochs_without_gain >= patience
}
