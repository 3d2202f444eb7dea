import { expect, test } from 'vitest'
import type { RunStatus } from '../../shared/domain/run'
import { pageTitle } from './page-title'
import { EMPTY_RUN_VIEW } from './run-view'

const run = (status: RunStatus) => ({ run_id: 'a', status, epochs_done: 3, epochs_planned: 7 })
const elsewhere = { runId: null, view: EMPTY_RUN_VIEW }

test('the title says how far the run at work is, finest for the one that is open', () => {
  expect(pageTitle('Runs', null, elsewhere)).toBe('Runs · Graft')
  expect(pageTitle('Runs', [run('completed'), run('queued'), run('waiting')], elsewhere)).toBe('Runs · Graft')
  expect(pageTitle('Runs', [run('waiting'), run('training')], elsewhere)).toBe('42 % · Graft')
  expect(pageTitle('Runs', [run('paused')], elsewhere)).toBe('Paused · Graft')
  const progress = { event: 'progress' as const, epoch: 4, phase: 'train' as const, done: 10, total: 10, loss: 1, accuracy: 0.5, images_per_second: 1, memory_bytes: 1, time_left_s: null }
  expect(pageTitle('Train', [run('training')], { runId: 'a', view: { ...EMPTY_RUN_VIEW, progress } })).toBe('55 % · Graft')
})
