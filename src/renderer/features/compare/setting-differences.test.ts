import { expect, test } from 'vitest'
import type { ComparedRun } from '../../../shared/domain/compare'
import { runRecordSchema } from '../../../shared/domain/run'
import { runConfigSchema, type RunConfig } from '../../../shared/domain/run-config'
import { comparedSettings } from './setting-differences'

function compared(config: Partial<RunConfig>, resolved: Record<string, string | number> = {}): ComparedRun {
  const run = runRecordSchema.parse({
    version: 1, run_id: 'r', name: 'r', dataset_root: '/d', dataset_name: 'd', created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z', status: 'completed', backbone: 'resnet18',
    preset: null, classes: ['a'], counts: { train: 1, val: 1, test: 1 }, epochs_planned: 3, epochs_done: 3, best_epoch: 1, best_metric: 0.5, monitor: 'val_accuracy', test_accuracy: null, device: null, total_s: 1, owner_pid: null, failure: null, resolved,
  }) // prettier-ignore
  return { run, config: runConfigSchema.parse({ backbone: 'resnet18', ...config }), epochs: [], stages: [] }
}
const differing = (...runs: ComparedRun[]) => comparedSettings(runs).filter((row) => row.isDifferent)

test('equal runs differ in nothing; a changed setting differs from the base alone, with where it came from', () => {
  expect(differing(compared({}), compared({}))).toEqual([])
  const rows = differing(compared({ seed: 1 }), compared({ seed: 2 }), compared({ seed: 1 }))
  expect(rows.map(({ path }) => path)).toEqual(['seed'])
  expect(rows[0]?.cells.map(({ value, differs }) => [value, differs])).toEqual([['1', false], ['2', true], ['1', false]])
  expect(rows[0]?.cells.map(({ source }) => source)).toEqual(['changed', 'changed', 'changed'])
})

test('what an open value became is a difference too', () => {
  const rows = differing(compared({ batch_size: 'auto' }, { batch_size: 32 }), compared({ batch_size: 'auto' }, { batch_size: 16 }))
  expect(rows.map(({ path, cells }) => [path, cells.map(({ became }) => became)])).toEqual([['batch_size', ['32', '16']]])
})

test('no two rows go by the same path', () => {
  const paths = comparedSettings([compared({}), compared({})]).map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
})

test('settings that one run alone has stand beside nothing', () => {
  const stages = runConfigSchema.parse({ backbone: 'resnet18', stages: [{ epochs: 2 }, { epochs: 3 }] }).stages
  const rows = differing(compared({}), compared({ stages }))
  const second = rows.find(({ path }) => path.startsWith('stages.1.'))
  expect(second?.cells.map(({ value }) => value)[0]).toBe('–')
})
