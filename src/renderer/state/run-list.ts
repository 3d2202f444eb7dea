/** The list of runs as somebody looks at it: what is searched for, in which order, which ones are marked. */
import { create } from 'zustand'
import { isFoundBy, isLive, type RunRecord } from '../../shared/domain/run'

export const STATUS_FILTERS = ['live', 'queued', 'completed', 'stopped', 'interrupted', 'failed', 'imported'] as const
export type StatusFilter = (typeof STATUS_FILTERS)[number]

export interface RunFilter {
  /** Words that all have to occur, in whatever place and order. */
  readonly search: string
  readonly status: StatusFilter | null
  readonly dataset: string | null
  readonly tag: string | null
  readonly isArchivedShown: boolean
}

export const RUN_COLUMNS = ['name', 'status', 'epochs', 'best', 'last', 'test', 'time', 'started'] as const
export type RunColumn = (typeof RUN_COLUMNS)[number]

export interface RunOrder {
  readonly column: RunColumn
  readonly isDescending: boolean
}

export const NO_FILTER: RunFilter = { search: '', status: null, dataset: null, tag: null, isArchivedShown: false }
const NEWEST_FIRST: RunOrder = { column: 'started', isDescending: true }

function hasStatus(run: RunRecord, status: StatusFilter): boolean {
  if (status === 'live') return isLive(run.status)
  if (status === 'imported') return run.origin === 'imported'
  return run.status === status && run.origin !== 'imported'
}

export function filteredRuns(runs: readonly RunRecord[], filter: RunFilter): RunRecord[] {
  return runs.filter(
    (run) =>
      (filter.isArchivedShown || !run.archived) &&
      (filter.status === null || hasStatus(run, filter.status)) &&
      (filter.dataset === null || run.dataset_name === filter.dataset) &&
      (filter.tag === null || run.tags.includes(filter.tag)) &&
      isFoundBy(run, filter.search),
  )
}

/** A loss is no share: runs judged by it come after all others, the smallest first. */
function metricValue(run: RunRecord, metric: number | null): number | null {
  if (metric === null || run.origin === 'imported') return null
  return run.monitor === 'val_loss' ? -1 - metric : metric
}

const VALUES: Readonly<Record<RunColumn, (run: RunRecord) => string | number | null>> = {
  name: (run) => run.name,
  status: (run) => (run.origin === 'imported' ? 'imported' : run.status),
  epochs: (run) => (run.origin === 'imported' ? null : run.epochs_done),
  best: (run) => metricValue(run, run.best_metric),
  last: (run) => metricValue(run, run.last_metric),
  test: (run) => run.test_accuracy,
  time: (run) => (run.total_s > 0 ? run.total_s : null),
  started: (run) => run.created_at,
}

const byText = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Equal runs stay as they were, newest first; what cannot be told comes last in either direction. */
export function sortedRuns(runs: readonly RunRecord[], { column, isDescending }: RunOrder): RunRecord[] {
  const sign = isDescending ? -1 : 1
  return runs
    .map((run, index) => ({ run, index, value: VALUES[column](run) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return a.value === b.value ? a.index - b.index : a.value === null ? 1 : -1
      const difference = typeof a.value === 'number' && typeof b.value === 'number' ? a.value - b.value : column === 'started' ? (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) : byText.compare(String(a.value), String(b.value))
      return sign * difference || a.index - b.index
    })
    .map(({ run }) => run)
}

/** The direction that tells most comes first: names from A, figures from the largest. */
export function nextRunOrder(before: RunOrder, column: RunColumn): RunOrder {
  if (before.column === column) return { column, isDescending: !before.isDescending }
  return { column, isDescending: column !== 'name' && column !== 'status' }
}

export interface RunSelection {
  /** The run in the panel, where the keyboard is. */
  readonly cursor: string | null
  /** Where a range begins. */
  readonly anchor: string | null
  readonly marked: ReadonlySet<string>
}

export const NOTHING_MARKED: RunSelection = { cursor: null, anchor: null, marked: new Set() }

export function chosen(selection: RunSelection, runId: string): RunSelection {
  return { ...selection, cursor: runId, anchor: runId }
}

export function toggled({ marked }: RunSelection, runId: string): RunSelection {
  const next = new Set(marked)
  if (!next.delete(runId)) next.add(runId)
  return { cursor: runId, anchor: runId, marked: next }
}

/** Marks everything from the anchor to the run, in the order shown. */
export function extended(selection: RunSelection, shown: readonly string[], runId: string): RunSelection {
  const from = shown.indexOf(selection.anchor ?? selection.cursor ?? runId)
  const to = shown.indexOf(runId)
  if (from < 0 || to < 0) return toggled(selection, runId)
  const range = shown.slice(Math.min(from, to), Math.max(from, to) + 1)
  return { cursor: runId, anchor: shown[from] ?? runId, marked: new Set([...selection.marked, ...range]) }
}

/** The run that many rows on, at most the last; null where there is none. */
export function moved(selection: RunSelection, shown: readonly string[], step: number): string | null {
  const at = selection.cursor === null ? -1 : shown.indexOf(selection.cursor)
  if (at < 0) return shown[0] ?? null
  return shown[Math.min(shown.length - 1, Math.max(0, at + step))] ?? null
}

/** Those of the marked that are there, in the order in which they were marked. */
export function markedRuns({ marked }: RunSelection, runs: readonly RunRecord[]): RunRecord[] {
  const byId = new Map(runs.map((run) => [run.run_id, run]))
  return [...marked].flatMap((id) => byId.get(id) ?? [])
}

/** Runs that went to the trash last, for as long as it is said. */
export interface TrashedNotice {
  readonly names: readonly string[]
  /** Those that can be put back from here. */
  readonly restoreIds: readonly string[]
}

interface RunList {
  filter: RunFilter
  order: RunOrder
  selection: RunSelection
  trashed: TrashedNotice | null
}

/** Outlives the screen: coming back from a comparison, the list is as it was left. */
export const useRunList = create<RunList>(() => ({ filter: NO_FILTER, order: NEWEST_FIRST, selection: NOTHING_MARKED, trashed: null }))

export function changeFilter(change: Partial<RunFilter>): void {
  useRunList.setState(({ filter }) => ({ filter: { ...filter, ...change } }))
}

export function select(change: (selection: RunSelection) => RunSelection): void {
  useRunList.setState(({ selection }) => ({ selection: change(selection) }))
}

export function isFiltered({ search, status, dataset, tag }: RunFilter): boolean {
  return search.trim() !== '' || status !== null || dataset !== null || tag !== null
}

/** Every tag and dataset there is, most used first. */
export function usedNames(runs: readonly RunRecord[], namesOf: (run: RunRecord) => readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const run of runs) for (const name of namesOf(run)) if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([left, a], [right, b]) => b - a || byText.compare(left, right)).map(([name]) => name)
}
