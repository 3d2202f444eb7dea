/** What is done to runs of the list, one or several: tags, note, archive, trash. */
import type { Failure } from '../../../shared/domain/error'
import type { RunRecord } from '../../../shared/domain/run'
import { client } from '../../state/host'
import { refreshRuns, report } from '../../state/machine'
import { usePlace } from '../../state/place'
import { useRunList } from '../../state/run-list'
import { failureOf } from '../../transport/streams'

/** False where it did not come to the end of them; why is told. */
export async function markRuns(runs: readonly RunRecord[], marksOf: (run: RunRecord) => { tags?: string[]; note?: string; archived?: boolean }): Promise<boolean> {
  let isDone = true
  try {
    for (const run of runs) await client().runs.mark({ runId: run.run_id, ...marksOf(run) })
  } catch (error) {
    isDone = false
    report(error)
  }
  await refreshRuns().catch(report)
  return isDone
}

export const addTags = (runs: readonly RunRecord[], tags: readonly string[]): Promise<boolean> => markRuns(runs, (run) => ({ tags: [...run.tags, ...tags] }))

export const archive = (runs: readonly RunRecord[], archived: boolean): Promise<boolean> => markRuns(runs, () => ({ archived }))

function forget(gone: readonly RunRecord[]): void {
  const ids = new Set(gone.map((run) => run.run_id))
  const { runId } = usePlace.getState()
  if (runId !== null && ids.has(runId)) usePlace.setState({ runId: null })
  useRunList.setState(({ selection }) => ({ selection: { ...selection, marked: new Set([...selection.marked].filter((id) => !ids.has(id))) } }))
}

export interface NotTrashed {
  readonly runs: RunRecord[]
  readonly failure: Failure
}

/** Moves them to the trash and says so, with a way back. What has no trash to go to is given back, with the reason. */
export async function trashRuns(runs: readonly RunRecord[]): Promise<NotTrashed | null> {
  const gone: RunRecord[] = []
  const restoreIds: string[] = []
  const refused: { run: RunRecord; failure: Failure }[] = []
  for (const run of runs) {
    try {
      const { restoreId } = await client().runs.trash({ runId: run.run_id })
      gone.push(run)
      if (restoreId !== null) restoreIds.push(restoreId)
    } catch (error) {
      const failure = failureOf(error)
      if (failure?.code === 'UNSUPPORTED') refused.push({ run, failure })
      else report(error)
    }
  }
  if (gone.length > 0) useRunList.setState({ trashed: { names: gone.map((run) => run.name), restoreIds } })
  forget(gone)
  await refreshRuns().catch(report)
  const [first] = refused
  return first === undefined ? null : { runs: refused.map(({ run }) => run), failure: first.failure }
}

export async function deleteForGood(runs: readonly RunRecord[]): Promise<void> {
  const gone: RunRecord[] = []
  try {
    for (const run of runs) {
      await client().runs.remove({ runId: run.run_id })
      gone.push(run)
    }
  } catch (error) {
    report(error)
  }
  forget(gone)
  await refreshRuns().catch(report)
}

/** Each that can be; the way back stays for those that cannot be just now. */
export async function restoreTrashed(): Promise<void> {
  const { trashed } = useRunList.getState()
  useRunList.setState({ trashed: null })
  const left: { name: string; restoreId: string }[] = []
  for (const [index, restoreId] of (trashed?.restoreIds ?? []).entries()) {
    try {
      await client().runs.restore({ restoreId })
    } catch (error) {
      left.push({ name: trashed?.names[index] ?? '', restoreId })
      report(error)
    }
  }
  const { trashed: newer } = useRunList.getState()
  if (left.length > 0 && newer === null) useRunList.setState({ trashed: { names: left.map(({ name }) => name), restoreIds: left.map(({ restoreId }) => restoreId) } })
  await refreshRuns().catch(report)
}
