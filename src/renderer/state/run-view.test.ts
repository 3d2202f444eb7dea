import { expect, test } from 'vitest'
import type { RunEvent, SequencedRunEvent } from '../../shared/domain/run'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { EMPTY_RUN_VIEW, epochsDone, reduceRunEvents } from './run-view'

const at = '2026-03-02T09:00:00.000Z'
const sequenced = (events: readonly RunEvent[], from = 0): SequencedRunEvent[] => events.map((event, index) => ({ sequence: from + index, at, event }))

const start = (resumedFrom: number | null = null): RunEvent => ({
  event: 'start',
  run_id: 'r',
  run_dir: '/runs/r',
  device: 'CPU, 2 threads',
  classes: ['elm', 'oak'],
  counts: { train: 70, val: 15, test: 15 },
  parameters: 3_400_000,
  trainable_parameters: 1_300_000,
  frozen_layers: 34,
  layers: 49,
  views: 3,
  prefix_cached: true,
  config: DEFAULT_RUN_CONFIG,
  resumed_from_epoch: resumedFrom,
})
const epoch = (number: number, isBest: boolean): RunEvent => ({
  event: 'epoch',
  epoch: number,
  train_loss: 1 / number,
  train_accuracy: 0.5,
  val_loss: 1 / number,
  val_accuracy: 0.5,
  val_macro_f1: 0.5,
  learning_rate: 1e-3,
  seconds: 4,
  images_per_second: 100,
  memory_bytes: 1e9,
  is_best: isBest,
  confusion_matrix: [
    [5, 2],
    [1, 7],
  ],
})
const progress = (number: number, phase: 'features' | 'train' | 'val', done: number, timeLeft: number | null = null): RunEvent => ({
  event: 'progress',
  epoch: number,
  phase,
  done,
  total: 10,
  loss: 0.4,
  accuracy: 0.8,
  images_per_second: 90,
  memory_bytes: 1e9,
  time_left_s: timeLeft,
})

test('a replay, and one that overlaps what was seen, ends in the same view as the live stream', () => {
  const events = sequenced([start(), { event: 'status', status: 'training', message: null }, progress(1, 'train', 5, 40), epoch(1, true), progress(2, 'train', 5, 30), epoch(2, false)])
  const live = events.reduce((view, event) => reduceRunEvents(view, [event]), EMPTY_RUN_VIEW)
  const whole = reduceRunEvents(EMPTY_RUN_VIEW, events)
  expect(live).toEqual(whole)
  expect(reduceRunEvents(whole, events.slice(2))).toEqual(whole)
  expect(whole.lastSequence).toBe(5)
  expect(whole.epochs.map((record) => record.epoch)).toEqual([1, 2])
  expect(whole.bestEpoch).toBe(1)
})

test('a set-aside picture that is told twice counts once', () => {
  const event = sequenced([{ event: 'set_aside', path: 'oak/1.jpg', reason: 'corrupt', message: 'cannot be decoded' }])
  const view = reduceRunEvents(reduceRunEvents(EMPTY_RUN_VIEW, event), event)
  expect(view.setAside).toBe(1)
  expect(view.log).toHaveLength(1)
})

test('progress is told in epochs with fractions and never goes back when the epoch ends', () => {
  const steps = [progress(1, 'features', 5), progress(1, 'train', 5), progress(1, 'train', 10), progress(1, 'val', 5), epoch(1, true), progress(2, 'train', 0), progress(2, 'val', 10)]
  let view = reduceRunEvents(EMPTY_RUN_VIEW, [])
  let before = 0
  sequenced(steps).forEach((event) => {
    view = reduceRunEvents(view, [event])
    expect(epochsDone(view)).toBeGreaterThanOrEqual(before)
    before = epochsDone(view)
  })
  expect(before).toBeCloseTo(2, 12)
})

test('a resumed run forgets the epochs after its checkpoint; a run that starts over forgets all', () => {
  const first = reduceRunEvents(EMPTY_RUN_VIEW, sequenced([start(), epoch(1, true), epoch(2, false), epoch(3, true)]))
  const resumed = reduceRunEvents(first, sequenced([start(2)], 4))
  expect(resumed.epochs.map((record) => record.epoch)).toEqual([1, 2])
  expect(resumed.bestEpoch).toBe(1)
  expect(reduceRunEvents(first, sequenced([start(null)], 4)).epochs).toEqual([])
})

test('an ended run shows no progress, and a failure stays until the run goes on', () => {
  const failure = { code: 'CRASHED', message: 'The trainer died.' } as const
  const events = sequenced([start(), progress(1, 'train', 5), { event: 'error', failure }, { event: 'status', status: 'failed', message: null }])
  const view = reduceRunEvents(EMPTY_RUN_VIEW, events)
  expect(view).toMatchObject({ progress: null, preparing: null, failure, status: 'failed' })
  expect(reduceRunEvents(view, sequenced([{ event: 'status', status: 'preparing', message: null }], 4)).failure).toBeNull()
})

test('a pause makes old guesses of the end worthless', () => {
  const view = reduceRunEvents(EMPTY_RUN_VIEW, sequenced([start(), progress(1, 'train', 1, 60), progress(1, 'train', 2, 55)]))
  expect(view.endGuesses).toHaveLength(2)
  expect(reduceRunEvents(view, sequenced([{ event: 'status', status: 'paused', message: null }], 3)).endGuesses).toEqual([])
})
