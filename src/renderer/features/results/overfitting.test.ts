import { expect, test } from 'vitest'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { overfittingOf } from './overfitting'

function epoch(number: number, train: number, val: number): EpochRecord {
  return {
    epoch: number,
    stage: 1,
    train_loss: 1,
    train_accuracy: train,
    val_loss: 1,
    val_accuracy: val,
    val_macro_f1: val,
    learning_rate: 1e-3,
    learning_rates: {},
    gradient_norm: null,
    tensors: null,
    seconds: 1,
    images_per_second: 1,
    memory_bytes: 1,
    is_best: true,
    confusion_matrix: [],
  }
}

test('the gap counts at the best epoch only, and its bounds belong to the milder side', () => {
  const epochs = [epoch(1, 0.9, 0.8), epoch(2, 0.95, 0.84), epoch(3, 1, 0.8), epoch(4, 1, 0.79)]
  expect(overfittingOf(epochs, 1)?.level).toBe('none')
  expect(overfittingOf(epochs, 2)?.level).toBe('mild')
  expect(overfittingOf(epochs, 3)?.level).toBe('mild')
  expect(overfittingOf(epochs, 4)?.level).toBe('significant')
  expect(overfittingOf(epochs, 4)?.gap).toBeCloseTo(0.21)
})

test('without a best epoch there is nothing to say', () => {
  expect(overfittingOf([], null)).toBeNull()
  expect(overfittingOf([epoch(1, 1, 0.5)], 7)).toBeNull()
})
