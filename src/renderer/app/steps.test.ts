import { expect, test } from 'vitest'
import type { DatasetSummary, Finding } from '../../shared/domain/dataset'
import { exportOptionsSchema } from '../../shared/domain/export'
import type { RunRecord, RunStatus } from '../../shared/domain/run'
import type { ExportStatus } from '../state/export'
import { EMPTY_RUN_VIEW } from '../state/run-view'
import { nextAction } from './next-action'
import { stepStates, type StepSources } from './steps'

function summaryWith(findings: Finding[]): DatasetSummary {
  return {
    datasetId: 'd', name: 'leaves', root: '/leaves', layout: 'folder-per-class', pictures: 5412, split: { train: 3788, val: 812, test: 812 },
    classes: [{ name: 'a', pictures: 5000, split: { train: 3500, val: 750, test: 750 } }, { name: 'b', pictures: 412, split: { train: 288, val: 62, test: 62 } }],
    ratios: { train: 0.7, val: 0.15, test: 0.15 }, seed: 42, sizeBytes: 1, setAside: [], ignored: [], findings, durationMs: 1,
  }
}

function runWith(status: RunStatus, more: Partial<RunRecord> = {}): RunRecord {
  return {
    version: 1, run_id: 'r', name: 'run', origin: 'trained', dataset_root: '/leaves', dataset_name: 'leaves', created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z', status, backbone: 'efficientnet_lite0', preset: 'fast', classes: ['a', 'b'],
    counts: { train: 1, val: 1, test: 1 }, epochs_planned: 10, epochs_done: 4, best_epoch: 3, best_metric: 0.9, last_metric: 0.9, monitor: 'val_accuracy',
    resolved: {}, environment: {}, reproduces: null, test_accuracy: null, device: null, total_s: 1, owner_pid: null, failure: null, tags: [], note: '', archived: false, ...more,
  }
}

const NOTHING: StepSources = { dataset: { kind: 'none' }, draft: { preset: 'fast', changes: {} }, run: null, view: EMPTY_RUN_VIEW }
const OPEN: StepSources = { ...NOTHING, dataset: { kind: 'open', summary: summaryWith([]), isSplitting: false } }

test('nothing is open: every step is empty', () => {
  expect(Object.values(stepStates(NOTHING)).map((step) => step.mark)).toEqual(['empty', 'empty', 'empty', 'empty', 'empty'])
})

test('an open dataset says its numbers and makes the next step ready', () => {
  const steps = stepStates(OPEN)
  expect(steps.dataset).toMatchObject({ mark: 'done', text: '2 classes · 5,412' })
  expect(steps.configure).toMatchObject({ mark: 'ready', text: 'fast' })
})

test('a finding that stops asks for the person', () => {
  const stop: Finding = { kind: 'few-pictures', severity: 'stop', count: 1, title: '', why: '', action: '', paths: [] }
  expect(stepStates({ ...OPEN, dataset: { kind: 'open', summary: summaryWith([stop]), isSplitting: false } }).dataset).toMatchObject({ mark: 'needs-you', text: '1 finding to settle' })
})

test('training tells the epoch at hand and how much is done', () => {
  expect(stepStates({ ...OPEN, run: runWith('training') }).train).toEqual({ mark: 'busy', text: 'Epoch 5 of 10', share: 0.4 })
  expect(stepStates({ ...OPEN, run: runWith('training', { epochs_done: 10 }) }).train.text).toBe('Epoch 10 of 10')
})

test('the record has the last word once the run has ended', () => {
  const view = { ...EMPTY_RUN_VIEW, status: 'training' as const }
  expect(stepStates({ ...OPEN, run: runWith('interrupted'), view }).train).toMatchObject({ mark: 'needs-you', text: 'Interrupted' })
})

test('results and export wait for the end of training', () => {
  expect(stepStates({ ...OPEN, run: runWith('training') }).export.mark).toBe('empty')
  const done = stepStates({ ...OPEN, run: runWith('completed', { test_accuracy: 0.942 }) })
  expect(done.results).toMatchObject({ mark: 'done', text: '94.2 % on test' })
  expect(done.export).toMatchObject({ mark: 'ready', text: 'Best, epoch 3' })
})

test('the next action leads on, and to a live run first', () => {
  const at = { isDatasetOpen: true, openRun: null, liveRun: null }
  expect(nextAction({ ...at, screen: 'dataset', isDatasetOpen: false })).toBeNull()
  expect(nextAction({ ...at, screen: 'dataset' })?.screen).toBe('configure')
  expect(nextAction({ ...at, screen: 'configure' })).toBeNull()
  expect(nextAction({ ...at, screen: 'runs', liveRun: runWith('training') })).toMatchObject({ screen: 'train', runId: 'r' })
  expect(nextAction({ ...at, screen: 'train', openRun: runWith('training'), liveRun: runWith('training') })).toBeNull()
  expect(nextAction({ ...at, screen: 'train', openRun: runWith('completed') })?.screen).toBe('results')
  expect(nextAction({ ...at, screen: 'results', openRun: runWith('completed') })?.screen).toBe('export')
  expect(nextAction({ ...at, screen: 'train', openRun: runWith('failed', { best_epoch: null }) })).toBeNull()
})

test('a resumed run is live by its record, while its replay still tells of the stop before', () => {
  const steps = stepStates({ ...OPEN, run: runWith('preparing'), view: { ...EMPTY_RUN_VIEW, status: 'stopped' } })
  expect(steps.train).toMatchObject({ mark: 'busy', text: 'Preparing' })
})

test('an imported model was trained elsewhere, can be exported, and has results where pictures came along', () => {
  const imported = { origin: 'imported' as const, best_epoch: null, epochs_done: 0, epochs_planned: 0 }
  const bare = stepStates({ ...NOTHING, run: runWith('completed', { ...imported, counts: { train: 0, val: 0, test: 0 } }) })
  expect(bare.train).toMatchObject({ mark: 'done', text: 'Trained elsewhere' })
  expect(bare.results).toMatchObject({ mark: 'empty', text: 'Needs pictures' })
  expect(bare.export).toMatchObject({ mark: 'ready', text: 'Imported model' })
  expect(stepStates({ ...NOTHING, run: runWith('completed', { ...imported, test_accuracy: 0.5 }) }).results).toMatchObject({ mark: 'done', text: '50.0 % on test' })
  expect(nextAction({ screen: 'train', isDatasetOpen: false, openRun: runWith('completed', imported), liveRun: null })).toEqual({ label: 'See the results', screen: 'results' })
})

test('exports tell how many are done, ask for the person where one is not written, and belong to their run', () => {
  const task = (status: ExportStatus) => ({ id: status, options: exportOptionsSchema.parse({}), directory: '/x', status, progress: null, soFar: null, report: null, failure: null })
  const step = (runId: string, ...statuses: ExportStatus[]) =>
    stepStates({ ...OPEN, run: runWith('completed'), exports: { runId, checkpoint: 'best', folder: '/x', tasks: statuses.map(task), chosen: null } }).export
  expect(step('r', 'written', 'busy', 'waiting', 'waiting')).toEqual({ mark: 'busy', text: '1 of 4 done', share: 0.25 })
  expect(step('r', 'written', 'declined')).toMatchObject({ mark: 'needs-you', text: '1 not written' })
  expect(step('r', 'written', 'written', 'cancelled')).toMatchObject({ mark: 'done', text: '2 formats written' })
  expect(step('another', 'busy')).toMatchObject({ mark: 'ready', text: 'Best, epoch 3' })
})
