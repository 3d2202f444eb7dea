/** The queue as the studio shows it: read again whenever a run changes, since every change of it is told as one. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import type { QueueView } from '../../shared/domain/queue'
import { isLive, type RunRecord } from '../../shared/domain/run'
import { client } from './host'
import { refreshRuns, report, useMachine } from './machine'

interface Queue {
  /** Null until the first answer. */
  view: QueueView | null
  /** For a screen reader: what became of a run that was moved. */
  said: string
}

export const useQueue = create<Queue>(() => ({ view: null, said: '' }))

/** True where a new run would have to wait for another one. */
export function isBusy(runs: readonly RunRecord[] | null): boolean {
  return runs?.some((run) => isLive(run.status)) ?? false
}

export async function refreshQueue(): Promise<void> {
  useQueue.setState({ view: await client().queue.get() })
}

/** Does it, shows what came of it, and tells what went wrong. */
async function change(work: () => Promise<QueueView | null>): Promise<void> {
  try {
    const view = await work()
    if (view !== null) useQueue.setState({ view })
    await Promise.all([refreshRuns(), refreshQueue()])
  } catch (error) {
    report(error)
    await refreshQueue().catch(report)
  }
}

export const holdQueue = (held: boolean): Promise<void> => change(() => client().queue.hold({ held }))
export const takeFromQueue = (runId: string): Promise<void> => change(() => client().queue.remove({ runId }))
export const startFromQueue = (runId: string): Promise<void> => change(() => client().queue.startNow({ runId }))
export const forgetEnds = (): Promise<void> => change(() => client().queue.forgetEnded())
/** A run that came to no end; one that is live is put aside with its place kept. */
export const putIntoQueue = (runId: string): Promise<void> => change(() => client().queue.put({ runId }).then(() => null))

/** One place up (−1) or down (1), shown at once. */
export async function moveInQueue(runId: string, by: -1 | 1): Promise<void> {
  const { view } = useQueue.getState()
  const from = view?.entries.findIndex((entry) => entry.runId === runId) ?? -1
  const entry = view?.entries[from]
  const to = from + by
  if (view === null || entry === undefined || to < 0 || to >= view.entries.length) return
  useQueue.setState({ view: { ...view, entries: view.entries.toSpliced(from, 1).toSpliced(to, 0, entry) }, said: t`${{ name: entry.name }} is now ${{ place: to + 1 }} of ${{ total: view.entries.length }}` })
  await change(() => client().queue.move({ runId, to }))
}

/** Keeps the queue in step with the list of runs; call once. */
export function watchQueue(): void {
  useMachine.subscribe(({ runs }, earlier) => {
    if (runs !== earlier.runs) void refreshQueue().catch(report)
  })
}
