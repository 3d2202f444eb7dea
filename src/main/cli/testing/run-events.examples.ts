/** A short run as its events. */
import type { RunEvent } from '../../../shared/domain/run'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'

const epoch = (number: number, isBest: boolean): RunEvent => ({
  event: 'epoch',
  epoch: number,
  train_loss: 0.5,
  train_accuracy: 0.8,
  val_loss: 0.4,
  val_accuracy: 0.9,
  val_macro_f1: 0.89,
  learning_rate: 0.0005,
  seconds: 2,
  images_per_second: 140,
  memory_bytes: 9e8,
  is_best: isBest,
  confusion_matrix: [
    [9, 1],
    [1, 9],
  ],
})

export const RUN_EVENTS: readonly RunEvent[] = [
  { event: 'prepare', phase: 'decoding', done: 0, total: 100 },
  ...Array.from({ length: 99 }, (_, index): RunEvent => ({ event: 'prepare', phase: 'decoding', done: index + 1, total: 100 })),
  { event: 'prepare', phase: 'decoding', done: 100, total: 100 },
  { event: 'set_aside', path: 'grass/bad\u001b[2J.jpg', reason: 'truncated', message: 'The file ends early.' },
  {
    event: 'start',
    run_id: 'run-1',
    run_dir: '/runs/run-1',
    device: 'CPU, 2 threads',
    classes: ['dandelion', 'grass'],
    counts: { train: 70, val: 15, test: 15 },
    parameters: 3_373_570,
    trainable_parameters: 2562,
    frozen_layers: 49,
    layers: 49,
    views: 3,
    prefix_cached: true,
    config: { ...DEFAULT_RUN_CONFIG, epochs: 2 },
    resumed_from_epoch: null,
  },
  { event: 'log', level: 'info', message: 'A remark' },
  { event: 'progress', epoch: 1, phase: 'train', done: 35, total: 70, loss: 0.6, accuracy: 0.7, images_per_second: 130, memory_bytes: 9e8, time_left_s: 4 },
  epoch(1, true),
  epoch(2, false),
  { event: 'status', status: 'evaluating', message: null },
  {
    event: 'done',
    run_id: 'run-1',
    run_dir: '/runs/run-1',
    status: 'completed',
    best_epoch: 1,
    best_metric: 0.9,
    total_s: 6,
    test: null,
  },
]
