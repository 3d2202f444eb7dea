import { expect, test } from 'vitest'
import type { MetricName } from '../../../shared/domain/run-config'
import { type EarlyStoppingState, isGain, nextEarlyStopping, shouldStop } from './early-stopping'

/** The number of epochs after which a run with these values stops; null if it goes on. */
function stopsAfter(values: readonly number[], patience: number, metric: MetricName): number | null {
  let state: EarlyStoppingState = { best: null, epochs_without_gain: 0 }
  for (const [i, value] of values.entries()) {
    state = nextEarlyStopping(state, metric, value)
    if (shouldStop(state, patience)) return i + 1
  }
  return null
}

const bestAt = (epoch: number, count: number, best: number, other: number) => Array.from({ length: count }, (_, i) => (i + 1 === epoch ? best : other))

test('best at epoch 2 with patience 5 stops after 7 epochs, best at 5 with patience 7 after 12', () => {
  expect(stopsAfter(bestAt(2, 30, 0.9, 0.8), 5, 'val_accuracy')).toBe(7)
  expect(stopsAfter(bestAt(5, 30, 0.9, 0.8), 7, 'val_macro_f1')).toBe(12)
  expect(stopsAfter(bestAt(5, 30, 0.1, 0.2), 7, 'val_loss')).toBe(12)
})

test('an equal value is no gain; a late gain starts the count again', () => {
  expect(stopsAfter([0.5, 0.5, 0.5, 0.5], 3, 'val_accuracy')).toBe(4)
  expect(stopsAfter([0.5, 0.5, 0.5, 0.5 + 1e-9, 0.5, 0.5, 0.5], 4, 'val_accuracy')).toBeNull()
  expect(stopsAfter([1, 2, 2, 0.9, 1, 1, 1], 3, 'val_loss')).toBe(7)
})

test('patience 0 never stops', () => {
  expect(stopsAfter(new Array<number>(500).fill(1), 0, 'val_loss')).toBeNull()
})

test('what is not a number is never a gain, and never the best', () => {
  expect(isGain('val_loss', NaN, null)).toBe(false)
  expect(stopsAfter([NaN, NaN, 0.5, 0.4], 2, 'val_loss')).toBe(2)
  expect(nextEarlyStopping({ best: null, epochs_without_gain: 1 }, 'val_loss', 0.5)).toEqual({ best: 0.5, epochs_without_gain: 0 })
  expect(isGain('val_loss', 0, 0)).toBe(false)
  expect(isGain('val_accuracy', 0, null)).toBe(true)
})
