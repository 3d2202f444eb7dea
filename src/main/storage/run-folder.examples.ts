/** Small valid values for tests of what reads and writes runs. */
import type { Manifest } from '../../shared/domain/dataset'
import type { EpochRecord, Evaluation } from '../../shared/domain/metrics'
import type { CheckpointState, RunRecord } from '../../shared/domain/run'

export function exampleRecord(): RunRecord {
  return {
    version: 1,
    run_id: 'r1',
    name: 'leaves',
    origin: 'trained',
    dataset_root: '/pictures/leaves',
    dataset_name: 'leaves',
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    status: 'waiting',
    backbone: 'efficientnet_lite0',
    preset: 'fast',
    classes: ['a, b', 'c'],
    counts: { train: 2, val: 1, test: 1 },
    epochs_planned: 5,
    epochs_done: 0,
    best_epoch: null,
    best_metric: null,
    last_metric: null,
    monitor: 'val_accuracy',
    resolved: {},
    environment: {},
    reproduces: null,
    test_accuracy: null,
    device: null,
    total_s: 0,
    owner_pid: null,
    failure: null,
    tags: [],
    note: '',
    archived: false,
  }
}

export function exampleManifest(): Manifest {
  const picture = (path: string, classIndex: number, split: 'train' | 'val' | 'test'): Manifest['pictures'][number] => ({
    path,
    classIndex,
    split,
    sizeBytes: 1,
    sha256: 'ab',
  })
  return {
    version: 1,
    root: '/pictures/leaves',
    layout: 'folder-per-class',
    classes: ['a, b', 'c'],
    seed: 42,
    ratios: { train: 0.7, val: 0.15, test: 0.15 },
    pictures: [picture('a, b/1.jpg', 0, 'train'), picture('c/2.jpg', 1, 'val'), picture('c/3.jpg', 1, 'test')],
    setAside: [],
    ignored: [],
  }
}

export function exampleEpoch(epoch: number): EpochRecord {
  return {
    epoch,
    stage: 1,
    train_loss: 1 / epoch,
    train_accuracy: 0.5,
    val_loss: 1 / epoch,
    val_accuracy: 0.5,
    val_macro_f1: 0.5,
    learning_rate: 1e-3,
    learning_rates: { all: 1e-3 },
    gradient_norm: 1,
    seconds: 1,
    images_per_second: 10,
    memory_bytes: 1e6,
    tensors: 0,
    is_best: true,
    confusion_matrix: [
      [1, 0],
      [0, 1],
    ],
  }
}

export function exampleState(epoch: number): CheckpointState {
  return {
    version: 1,
    backbone: 'efficientnet_lite0',
    head: 'linear',
    dropout: 0.2,
    num_classes: 2,
    classes: ['a, b', 'c'],
    image_size: 224,
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], interpolation: 'bilinear' },
    frozen_layers: 0,
    epoch,
    stage: 1,
    stage_epoch: epoch,
    step: epoch * 10,
    pass: epoch * 10,
    stage_starts: [0],
    position: null,
    best_epoch: epoch,
    best_metric: 0.5,
    monitor: 'val_accuracy',
    learning_rate: 1e-3,
    learning_rates: [1e-3],
    plateau: { best: null, bad_epochs: 0 },
    early_stopping: { best: null, epochs_without_gain: 0 },
    history: Array.from({ length: epoch }, (_, index) => exampleEpoch(index + 1)),
    intra_op_threads: 2,
    elapsed_s: epoch,
    seed: 42,
  }
}

export function exampleEvaluation(): Evaluation {
  const average = { precision: 0, recall: 0, f1: 0 }
  return {
    split: 'test',
    checkpoint: 'best',
    classes: ['a, b', 'c'],
    report: {
      count: 1,
      loss: 1,
      accuracy: 0,
      macro: average,
      weighted: average,
      classes: [
        { name: 'a, b', support: 1, ...average },
        { name: 'c', support: 0, ...average },
      ],
      confusion_matrix: [
        [0, 1],
        [0, 0],
      ],
      confusion_matrix_normalized: [
        [0, 1],
        [0, 0],
      ],
    },
    predictions: [{ path: 'x "1".jpg', truth: 0, prediction: 1, probabilities: [0.25, 0.75] }],
  }
}
