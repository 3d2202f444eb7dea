import { expect, test } from 'vitest'
import { runRecordSchema, type RunRecord } from '../../shared/domain/run'
import { chosen, extended, filteredRuns, markedRuns, moved, nextRunOrder, NO_FILTER, NOTHING_MARKED, sortedRuns, toggled, usedNames } from './run-list'

const run = (id: string, more: Partial<RunRecord> = {}): RunRecord => ({
  ...runRecordSchema.parse({
    version: 1, run_id: id, name: `run ${id}`, dataset_root: '/d', dataset_name: 'leaves', created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z', status: 'completed', backbone: 'resnet18',
    preset: 'fast', classes: [], counts: { train: 1, val: 1, test: 1 }, epochs_planned: 3, epochs_done: 3, best_epoch: 1, best_metric: 0.5, monitor: 'val_accuracy', test_accuracy: null, device: null, total_s: 1, owner_pid: null, failure: null,
  }),
  ...more,
}) // prettier-ignore
const ids = (runs: readonly RunRecord[]): string => runs.map(({ run_id }) => run_id).join('')

test('every word of a search has to occur, in name, network, tag, note or dataset', () => {
  const runs = [run('a', { tags: ['Good'], note: 'with warm-up' }), run('b', { backbone: 'mobilenet_v2', dataset_name: 'weeds' }), run('c', { name: 'Oak' })]
  const found = (search: string): string => ids(filteredRuns(runs, { ...NO_FILTER, search }))
  expect([found('good'), found('WARM good'), found('mobilenet weeds'), found('oak'), found('oak good'), found('  ')]).toEqual(['a', 'a', 'b', 'c', '', 'abc'])
})

test('archived runs are out of the way until they are asked for; filters hold together', () => {
  const runs = [run('a', { archived: true }), run('b', { status: 'training' }), run('c', { origin: 'imported' }), run('d', { dataset_name: 'weeds', tags: ['x'] })]
  expect(ids(filteredRuns(runs, NO_FILTER))).toBe('bcd')
  expect(ids(filteredRuns(runs, { ...NO_FILTER, isArchivedShown: true }))).toBe('abcd')
  expect(ids(filteredRuns(runs, { ...NO_FILTER, status: 'live' }))).toBe('b')
  expect(ids(filteredRuns(runs, { ...NO_FILTER, status: 'completed' }))).toBe('d')
  expect(ids(filteredRuns(runs, { ...NO_FILTER, status: 'imported' }))).toBe('c')
  expect(ids(filteredRuns(runs, { ...NO_FILTER, dataset: 'weeds', tag: 'x' }))).toBe('d')
  expect(ids(filteredRuns(runs, { ...NO_FILTER, dataset: 'leaves', tag: 'x' }))).toBe('')
})

test('by metric, runs judged by loss come after the others, and what is not known last in either direction', () => {
  const runs = [run('a', { best_metric: 0.5 }), run('b', { best_metric: null }), run('c', { best_metric: 0.9 }), run('d', { monitor: 'val_loss', best_metric: 0.3 }), run('e', { monitor: 'val_loss', best_metric: 0.1 })]
  expect(ids(sortedRuns(runs, { column: 'best', isDescending: true }))).toBe('caedb')
  expect(ids(sortedRuns(runs, { column: 'best', isDescending: false }))).toBe('deacb')
})

test('names are in a person’s order; equal ones stay', () => {
  const runs = [run('a', { name: 'run 10' }), run('b', { name: 'Run 9' }), run('c', { name: 'run 10' })]
  expect(ids(sortedRuns(runs, { column: 'name', isDescending: false }))).toBe('bac')
  expect(ids(sortedRuns(runs, { column: 'name', isDescending: true }))).toBe('acb')
  expect(nextRunOrder({ column: 'started', isDescending: true }, 'name')).toEqual({ column: 'name', isDescending: false })
  expect(nextRunOrder({ column: 'name', isDescending: false }, 'name').isDescending).toBe(true)
  expect(nextRunOrder({ column: 'name', isDescending: false }, 'last').isDescending).toBe(true)
})

test('marks are set one by one and by ranges, and keep their order', () => {
  const shown = ['a', 'b', 'c', 'd']
  const one = toggled(NOTHING_MARKED, 'c')
  expect([...one.marked]).toEqual(['c'])
  const range = extended(one, shown, 'a')
  expect([[...range.marked], range.cursor, range.anchor]).toEqual([['c', 'a', 'b'], 'a', 'c'])
  expect([...toggled(range, 'b').marked]).toEqual(['c', 'a'])
  expect(ids(markedRuns(range, [run('a'), run('b')]))).toBe('ab')
  // Choosing a run to look at it leaves the marks alone.
  expect([...chosen(range, 'd').marked]).toEqual(['c', 'a', 'b'])
})

test('moving stops at the ends and begins at the first', () => {
  const shown = ['a', 'b', 'c']
  expect(moved(NOTHING_MARKED, shown, 1)).toBe('a')
  expect(moved(chosen(NOTHING_MARKED, 'b'), shown, 10)).toBe('c')
  expect(moved(chosen(NOTHING_MARKED, 'b'), shown, -10)).toBe('a')
  expect(moved(chosen(NOTHING_MARKED, 'gone'), shown, 1)).toBe('a')
  expect(moved(NOTHING_MARKED, [], 1)).toBeNull()
})

test('names that are used most are offered first', () => {
  const runs = [run('a', { tags: ['x', 'y'] }), run('b', { tags: ['y'] }), run('c', { tags: ['z'] })]
  expect(usedNames(runs, ({ tags }) => tags)).toEqual(['y', 'x', 'z'])
})
