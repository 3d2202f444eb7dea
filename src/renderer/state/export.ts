/** The export at work or done. It goes on when its screen is left. */
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import type { ExportReport } from '../../shared/domain/export'
import { failureOf, resultOf, type Progress } from '../transport/streams'
import { client } from './host'
import { refreshSettings, report } from './machine'

export type CheckpointChoice = 'best' | 'latest'

export type ExportState =
  | { kind: 'idle' }
  | { kind: 'busy'; runId: string; directory: string; progress: Progress | null }
  | { kind: 'done'; runId: string; report: ExportReport }
  | { kind: 'failed'; runId: string; failure: Failure }

export const useExport = create<{ state: ExportState }>(() => ({ state: { kind: 'idle' } }))

let work: AbortController | null = null

const set = (state: ExportState): void => useExport.setState({ state })

export async function startExport(runId: string, checkpoint: CheckpointChoice, directory: string): Promise<void> {
  work?.abort()
  work = new AbortController()
  const { signal } = work
  set({ kind: 'busy', runId, directory, progress: null })
  try {
    const written = await resultOf((options) => client().exports.start({ runId, checkpoint, directory }, options), {
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) set({ kind: 'busy', runId, directory, progress })
      },
    })
    if (signal.aborted) return
    set({ kind: 'done', runId, report: written })
    void refreshSettings().catch(report)
  } catch (error) {
    if (signal.aborted) return
    const failure = failureOf(error)
    set(failure === null ? { kind: 'idle' } : { kind: 'failed', runId, failure })
  }
}

/** Ends the export at work; nothing of it stays. */
export function cancelExport(): void {
  work?.abort()
  work = null
  set({ kind: 'idle' })
}

/** Puts the last result away, to export again. */
export function forgetExport(): void {
  if (useExport.getState().state.kind !== 'busy') set({ kind: 'idle' })
}
