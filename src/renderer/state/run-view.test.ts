import { expect, test } from 'vitest'
import type { RunEvent, SequencedRunEvent } from '../../shared/domain/run'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { EMPTY_RUN_VIEW, epochsDone, nextSequence, reduceRunEvents, statusOf } from './run-view'

const at = '2026-03-02T09:00:00.000Z'

/** Numbered as the trainer does: durable events count up, passing ones repeat the last number (0 before there is one). */
function sequenced(events: readonly RunEvent[], from = 0): SequencedRunEvent[] {
  let next = from
  return events.map((event) => {
    const isPassing = event.event === 'prepare' || event.event === 'progress'
    return { sequence: isPassing ? Math.max(0, next - 1) : next++, at, event }
  })
}

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
  resolved: {},
  environment: {},
  resumed_from_epoch: resumedFrom,
})
const epoch = (number: number, isBest: boolean): RunEvent => ({
  event: 'epoch',
  epoch: number,
  stage: 1,
  train_loss: 1 / number,
  train_accuracy: 0.5,
  val_loss: 1 / number,
  val_accuracy: 0.5,
  val_macro_f1: 0.5,
  learning_rate: 1e-3,
  learning_rates: {},
  gradient_norm: null,
  tensors: null,
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

const prepare = (phase: 'engine' | 'decoding', done: number): RunEvent => ({ event: 'prepare', phase, done, total: 10 })
const training: RunEvent = { event: 'status', status: 'training', message: null }

test('every passing event moves the view, though it repeats the number of the durable one before it', () => {
  const log: RunEvent = { event: 'log', level: 'info', message: 'three views' }
  const events = sequenced([prepare('engine', 0), prepare('decoding', 4), start(), log, training, progress(1, 'train', 2), progress(1, 'train', 6), epoch(1, true), progress(2, 'train', 3)])
  expect(events.map(({ sequence }) => sequence)).toEqual([0, 0, 0, 1, 2, 2, 2, 3, 3])
  const views = events.map((_, index) => reduceRunEvents(EMPTY_RUN_VIEW, events.slice(0, index + 1)))
  expect(views[0]?.preparing).toEqual({ phase: 'engine', done: 0, total: 10 })
  expect(views[1]?.preparing).toEqual({ phase: 'decoding', done: 4, total: 10 })
  expect(views[2]?.start).not.toBeNull()
  expect(views[5]?.progress?.done).toBe(2)
  expect(views[6]?.progress?.done).toBe(6)
  expect(views[8]).toMatchObject({ lastSequence: 3, progress: { epoch: 2, done: 3 } })
})

test('a passing event that a durable one has overtaken is not shown', () => {
  const view = reduceRunEvents(EMPTY_RUN_VIEW, sequenced([start(), training, epoch(1, true)]))
  expect(reduceRunEvents(view, [{ sequence: 1, at, event: progress(1, 'train', 9) }])).toBe(view)
})

test('a stream opened again during preparation asks for the start, after that for what follows the last durable event', () => {
  const events = sequenced([prepare('engine', 0), prepare('decoding', 4), start(), training, progress(1, 'train', 2), progress(1, 'train', 6), epoch(1, true)])
  const asked = (count: number): number => events.slice(0, count).reduce(nextSequence, 0)
  expect([0, 1, 2, 3, 6, 7].map(asked)).toEqual([0, 0, 0, 1, 2, 3])
})

test('an event that could not be written is shown and counts nothing', () => {
  const failure = { code: 'STORAGE', message: 'The disk is full.' } as const
  const unwritten: SequencedRunEvent = { sequence: Number.MAX_SAFE_INTEGER, at, event: { event: 'error', failure } }
  const view = reduceRunEvents(reduceRunEvents(EMPTY_RUN_VIEW, sequenced([start()])), [unwritten])
  expect(view).toMatchObject({ failure, lastSequence: 0 })
  expect(nextSequence(1, unwritten)).toBe(1)
})

test('a record that says live outweighs the end that a replay tells, and the other way round', () => {
  const status = (record: 'preparing' | 'training' | 'stopped', view: 'training' | 'paused' | 'stopped' | null) => statusOf({ record: { status: record }, view: { status: view } })
  expect(status('preparing', 'stopped')).toBe('preparing')
  expect(status('stopped', 'training')).toBe('stopped')
  expect(status('training', 'paused')).toBe('paused')
  expect(status('training', null)).toBe('training')
  expect(statusOf({ record: null, view: { status: 'paused' } })).toBe('paused')
})

test('a run that waited, or is resumed, is preparing as soon as its trainer prepares; a late word of it changes nothing in training', () => {
  const waited = reduceRunEvents(EMPTY_RUN_VIEW, sequenced([{ event: 'status', status: 'waiting', message: 'Waiting for the machine' }, prepare('engine', 0)]))
  expect(waited).toMatchObject({ status: 'preparing', statusMessage: null })
  const stopped = reduceRunEvents(EMPTY_RUN_VIEW, sequenced([start(), training, { event: 'status', status: 'stopped', message: null }]))
  expect(reduceRunEvents(stopped, sequenced([prepare('engine', 0)], 3))).toMatchObject({ status: 'preparing', preparing: { phase: 'engine' } })
  expect(reduceRunEvents(EMPTY_RUN_VIEW, sequenced([start(), training, prepare('decoding', 1)])).status).toBe('training')
})

test('a replay, and one that overlaps what was seen, ends in the same view as the live stream', () => {
  const events = sequenced([start(), training, progress(1, 'train', 5, 40), epoch(1, true), progress(2, 'train', 5, 30), epoch(2, false)])
  const live = events.reduce((view, event) => reduceRunEvents(view, [event]), EMPTY_RUN_VIEW)
  const whole = reduceRunEvents(EMPTY_RUN_VIEW, events)
  expect(live).toEqual(whole)
  expect(reduceRunEvents(whole, events.slice(2))).toEqual(whole)
  expect(whole.lastSequence).toBe(3)
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

const stage = (number: number, firstEpoch: number): RunEvent => ({
  event: 'stage', stage: number, name: `s${number}`, stages: 3, first_epoch: firstEpoch, epochs: 2, frozen_layers: 3, layers: 4, trainable_parameters: 1,
  views: 1, prefix_cached: true, learning_rates: { head: 1e-3, backbone: 1e-4 }, from_epoch: firstEpoch - 1,
}) // prettier-ignore

test('a run resumed within a stage keeps the stages that began before, and forgets one that did not happen', () => {
  const before = [start(), stage(1, 1), epoch(1, true), epoch(2, true), stage(2, 3), epoch(3, true), epoch(4, true), stage(3, 5)]
  const view = reduceRunEvents(EMPTY_RUN_VIEW, sequenced(before))
  expect(view.stages.map((one) => [one.stage, one.first_epoch])).toEqual([[1, 1], [2, 3], [3, 5]]) // prettier-ignore
  expect(view.log.find(({ message }) => message.startsWith('Stage 2'))?.message).toBe('Stage 2 of 3, s2: epochs 3 to 4, 3 of 4 layers frozen, learning rate head 0.001, backbone 0.0001, from the weights of epoch 2')
  const resumed = reduceRunEvents(view, sequenced([start(3), epoch(4, false), stage(3, 5), epoch(5, true)], before.length))
  expect(resumed.stages.map((one) => one.stage)).toEqual([1, 2, 3])
  expect(resumed.epochs.map((record) => record.epoch)).toEqual([1, 2, 3, 4, 5])
  expect(reduceRunEvents(view, sequenced([start(2)], before.length)).stages.map((one) => one.stage)).toEqual([1, 2])
  expect(reduceRunEvents(view, sequenced([start(null)], before.length)).stages).toEqual([])
})
