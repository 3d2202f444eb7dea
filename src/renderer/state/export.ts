/** Exports of a run: one a format, one after the other. They go on when their screen is left. */
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import type { ExportOptions, ExportReport, ParitySoFar } from '../../shared/domain/export'
import { failureOf, resultOf, type Progress } from '../transport/streams'
import { client } from './host'
import { updateSettings } from './machine'

export type CheckpointChoice = 'best' | 'latest'

/** `declined`: it was measured and not written, since it is right less often and nobody has agreed to that yet. */
export type ExportStatus = 'waiting' | 'busy' | 'written' | 'declined' | 'failed' | 'cancelled'

export interface ExportTask {
  readonly id: string
  readonly options: ExportOptions
  /** A folder of its own. */
  readonly directory: string
  readonly status: ExportStatus
  readonly progress: Progress | null
  /** The check as far as it has come; stays when the export is refused by it. */
  readonly soFar: ParitySoFar | null
  readonly report: ExportReport | null
  readonly failure: Failure | null
}

export interface ExportBatch {
  readonly runId: string
  readonly checkpoint: CheckpointChoice
  /** The one that was asked for; tasks write into it or into folders below it. */
  readonly folder: string
  readonly tasks: readonly ExportTask[]
  /** What the person looks at; null: whatever is at work, or was last. */
  readonly chosen: string | null
}

export const useExport = create<{ batch: ExportBatch | null }>(() => ({ batch: null }))

let work: AbortController | null = null

export const isAtWork = (batch: ExportBatch | null): boolean => batch?.tasks.some(({ status }) => status === 'busy' || status === 'waiting') === true

/** The share of the accuracy that a refused export loses; null where it was refused for something else. */
export const dropOf = (failure: Failure | null): number | null => failure?.figures?.['accuracyDrop'] ?? null

/** The task that is looked at. */
export function shownTask(batch: ExportBatch): ExportTask | null {
  const begun = batch.tasks.filter(({ status }) => status !== 'waiting')
  return batch.tasks.find(({ id }) => id === batch.chosen) ?? begun.find(({ status }) => status === 'busy') ?? begun.at(-1) ?? batch.tasks[0] ?? null
}

const FRESH = { status: 'waiting', progress: null, soFar: null, report: null, failure: null } as const

const setBatch = (change: Partial<ExportBatch>): void => useExport.setState(({ batch }) => ({ batch: batch === null ? null : { ...batch, ...change } }))

function change(id: string, changes: Partial<ExportTask>): void {
  useExport.setState(({ batch }) => ({ batch: batch === null ? null : { ...batch, tasks: batch.tasks.map((task) => (task.id === id ? { ...task, ...changes } : task)) } }))
}

/** Begins with the first of them; does nothing while others are at work. */
export function startExports(request: Pick<ExportBatch, 'runId' | 'checkpoint' | 'folder'> & { tasks: readonly Pick<ExportTask, 'id' | 'options' | 'directory'>[] }): void {
  if (isAtWork(useExport.getState().batch)) return
  useExport.setState({ batch: { ...request, chosen: null, tasks: request.tasks.map((task) => ({ ...task, ...FRESH })) } })
  void goOn()
}

/** Asks for a task again, with another folder or other options where they are given. */
export function retryExport(id: string, changes: Partial<Pick<ExportTask, 'options' | 'directory'>> = {}): void {
  change(id, { ...FRESH, ...changes })
  setBatch({ chosen: id })
  void goOn()
}

/** Does what waits, until nothing does. */
async function goOn(): Promise<void> {
  if (work !== null) return
  for (;;) {
    const { batch } = useExport.getState()
    const next = batch?.tasks.find(({ status }) => status === 'waiting')
    if (batch === null || next === undefined) break
    const control = new AbortController()
    work = control
    await runTask(batch, next, control.signal)
    if (control.signal.aborted) return
  }
  work = null
  const { batch } = useExport.getState()
  if (batch?.tasks.some(({ status }) => status === 'written') === true) await updateSettings({ lastExportDirectory: batch.folder })
}

async function runTask({ runId, checkpoint }: ExportBatch, { id, options, directory }: ExportTask, signal: AbortSignal): Promise<void> {
  change(id, { status: 'busy' })
  try {
    const report = await resultOf((call) => client().exports.start({ runId, checkpoint, directory, options }, call), {
      signal,
      onProgress: (progress) => {
        const { soFar } = progress
        if (!signal.aborted) change(id, { progress, ...(soFar !== undefined && 'agreement' in soFar ? { soFar } : {}) })
      },
    })
    if (!signal.aborted) change(id, { status: 'written', report, progress: null })
  } catch (error) {
    if (signal.aborted) return
    const failure = failureOf(error)
    const status = failure === null ? 'cancelled' : dropOf(failure) === null ? 'failed' : 'declined'
    change(id, { status, failure, progress: null })
  }
}

/** Ends the export at work and those that wait; nothing of them stays. What is written already does. */
export function cancelExports(): void {
  work?.abort()
  work = null
  useExport.setState(({ batch }) => ({
    batch: batch === null ? null : { ...batch, tasks: batch.tasks.map((task) => (task.status === 'busy' || task.status === 'waiting' ? { ...task, ...FRESH, status: 'cancelled' } : task)) },
  }))
}

export const lookAtExport = (id: string): void => setBatch({ chosen: id })

/** Puts the results away, to export again. */
export function forgetExports(): void {
  if (!isAtWork(useExport.getState().batch)) useExport.setState({ batch: null })
}
