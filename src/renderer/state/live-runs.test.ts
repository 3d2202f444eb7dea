import { expect, test } from 'vitest'
import type { RunRecord, RunStatus } from '../../shared/domain/run'
import { firstLive, liveRuns, stopAll } from './live-runs'

const run = (id: string, status: RunStatus): RunRecord => ({
  version: 1, run_id: id, name: id, origin: 'trained', dataset_root: '/leaves', dataset_name: 'leaves', created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z', status, backbone: 'efficientnet_lite0', preset: 'fast', classes: ['a', 'b'],
  counts: { train: 1, val: 1, test: 1 }, epochs_planned: 10, epochs_done: 0, best_epoch: null, best_metric: null, last_metric: null, monitor: 'val_accuracy',
  resolved: {}, environment: {}, reproduces: null, test_accuracy: null, device: null, total_s: 0, owner_pid: null, failure: null, tags: [], note: '', archived: false,
})

test('the run at work is named, not the newer one that waits for it', () => {
  const runs = [run('newest', 'waiting'), run('at work', 'training'), run('over', 'completed')]
  expect(firstLive(runs)?.run_id).toBe('at work')
  expect(liveRuns(runs).map(({ run_id }) => run_id)).toEqual(['at work', 'newest'])
})

test('a run that waits for another program counts; without any there is none', () => {
  expect(firstLive([run('a', 'waiting')])?.run_id).toBe('a')
  expect(firstLive([run('a', 'completed')])).toBeNull()
  expect(firstLive(null)).toBeNull()
})

test('all live runs are stopped, the waiting ones first, also where one cannot be', async () => {
  const asked: string[] = []
  const stop = async (runId: string): Promise<void> => {
    asked.push(runId)
    if (runId === 'waiting') throw new Error('it belongs to another window')
  }
  const runs = [run('waiting', 'waiting'), run('at work', 'paused'), run('over', 'completed')]
  await expect(stopAll(runs, stop)).rejects.toThrow('another window')
  expect(asked).toEqual(['waiting', 'at work'])
})
