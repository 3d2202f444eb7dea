import { expect, test } from 'vitest'
import { runRecordSchema, type RunRecord } from '../../../shared/domain/run'
import { bestText, lastText, startedText, summaryText } from './run-words'

const run = (more: Partial<RunRecord> = {}): RunRecord => ({
  ...runRecordSchema.parse({
    version: 1, run_id: 'r', name: 'r', dataset_root: '/d', dataset_name: 'd', created_at: '2026-03-04T10:05:00.000Z', updated_at: '2026-03-04T10:05:00.000Z', status: 'completed', backbone: 'resnet18', preset: null, classes: [],
    counts: { train: 1, val: 1, test: 1 }, epochs_planned: 3, epochs_done: 3, best_epoch: 1, best_metric: 0.5, monitor: 'val_accuracy', test_accuracy: null, device: null, total_s: 1, owner_pid: null, failure: null,
  }),
  ...more,
}) // prettier-ignore

test('best and last are of the run’s own metric, and nothing where there is none', () => {
  expect([bestText(run()), lastText(run())]).toEqual(['50.0 %', '–'])
  expect([bestText(run({ monitor: 'val_loss' })), lastText(run({ last_metric: 0.25, monitor: 'val_loss' }))]).toEqual(['0.500', '0.250'])
  expect(bestText(run({ origin: 'imported' }))).toBe('–')
})

test('a run of another year has its year in place of the time', () => {
  expect(startedText(run(), new Date('2026-12-01'))).toMatch(/^4 Mar, \d\d:05$/)
  expect(startedText(run(), new Date('2027-02-01'))).toBe('4 Mar 2026')
})

test('how many of how many are shown is said only where it is not all', () => {
  const many = Array.from({ length: 1003 }, () => run())
  expect([summaryText(many), summaryText(many, 12), summaryText([run({ status: 'training' })])]).toEqual(['1,003 runs', '12 of 1,003 runs', '1 run · 1 live'])
})
