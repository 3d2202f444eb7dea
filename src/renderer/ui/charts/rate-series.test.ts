import { expect, test } from 'vitest'
import { epochRecordSchema } from '../../../shared/domain/metrics'
import { rateSeries } from './rate-series'

const record = (epoch: number, learning_rate: number, learning_rates: Record<string, number>) =>
  epochRecordSchema.parse({ epoch, train_loss: 1, train_accuracy: 1, val_loss: 1, val_accuracy: 1, val_macro_f1: 1, learning_rate, learning_rates, seconds: 1, images_per_second: 1, memory_bytes: 1, is_best: false, confusion_matrix: [] })

const words = (epochs: ReturnType<typeof record>[]): string[] => rateSeries(epochs).map(({ label, kind, points }) => `${label || '-'} ${kind} ${points.map(({ x, y }) => `${x}:${y}`).join(' ')}`)

test('one rate is one line without a name', () => {
  expect(words([record(1, 0.1, { all: 0.1 }), record(2, 0.05, {})])).toEqual(['- only 1:0.1 2:0.05'])
})

test('the backbone has a line in the stages in which it has a rate of its own', () => {
  expect(words([record(1, 0.1, { all: 0.1 }), record(2, 0.05, { head: 0.05, backbone: 0.01 })])).toEqual(['backbone other 2:0.01', 'head only 1:0.1 2:0.05'])
})

test('by depth the first and the last are drawn', () => {
  const rates = { conv1: 0.001, layer1: 0.002, '_blocks.4': 0.004, head: 0.01 }
  expect(words([record(1, 0.01, rates)])).toEqual(['conv1 other 1:0.001', 'block 4 other 1:0.004', 'head only 1:0.01'])
})
