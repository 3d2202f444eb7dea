/** Whether a run learned its training pictures by heart: the gap between train and validation accuracy at the best epoch. */
import type { EpochRecord } from '../../../shared/domain/metrics'

export type OverfittingLevel = 'none' | 'mild' | 'significant'

export interface Overfitting {
  level: OverfittingLevel
  epoch: number
  /** Fractions of 1. */
  trainAccuracy: number
  valAccuracy: number
  gap: number
}

const MILD_ABOVE = 0.1
const SIGNIFICANT_ABOVE = 0.2
/** So that .9 − .8 does not count as more than .1. */
const ROUNDING = 1e-9

/** Null where there is no best epoch. */
export function overfittingOf(epochs: readonly EpochRecord[], bestEpoch: number | null): Overfitting | null {
  const best = epochs.find((record) => record.epoch === bestEpoch)
  if (best === undefined) return null
  const gap = best.train_accuracy - best.val_accuracy
  const level = gap > SIGNIFICANT_ABOVE + ROUNDING ? 'significant' : gap > MILD_ABOVE + ROUNDING ? 'mild' : 'none'
  return { level, epoch: best.epoch, trainAccuracy: best.train_accuracy, valAccuracy: best.val_accuracy, gap }
}
