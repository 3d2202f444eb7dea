/** Published weights: what is known of them, the dialog that says what fetching one means, and the fetch at work. */
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import type { WeightsFile } from '../../shared/domain/model'
import { failureOf, resultOf, type Progress } from '../transport/streams'
import { client } from './host'

interface Wanted {
  backbone: string
  name: string
}

export type WeightsFetch =
  | { kind: 'idle' }
  | ({ kind: 'busy'; progress: Progress | null; start: { bytes: number; atMs: number } | null } & Wanted)
  | ({ kind: 'failed'; failure: Failure } & Wanted)

interface WeightsState {
  /** The backbone that the dialog is about; null: it is closed. */
  dialog: string | null
  files: readonly WeightsFile[] | null
  /** Why the files could not be listed. */
  failure: Failure | null
  fetch: WeightsFetch
  /** Grows with every file that has come, so that cards are read again. */
  fetched: number
}

export const useWeights = create<WeightsState>(() => ({ dialog: null, files: null, failure: null, fetch: { kind: 'idle' }, fetched: 0 }))

let work: AbortController | null = null

export async function refreshWeights(): Promise<void> {
  try {
    const { files } = await client().weights.list()
    useWeights.setState({ files, failure: null })
  } catch (error) {
    useWeights.setState({ failure: failureOf(error) })
  }
}

/** Opens the dialog. Nothing goes out by that. */
export function askForWeights(backbone: string): void {
  useWeights.setState(({ fetch }) => ({ dialog: backbone, fetch: fetch.kind === 'failed' ? { kind: 'idle' } : fetch }))
  void refreshWeights()
}

export function closeWeightsDialog(): void {
  useWeights.setState({ dialog: null })
}

/** Fetches; the dialog may be closed meanwhile. */
export async function fetchWeights(wanted: Wanted): Promise<void> {
  work?.abort()
  const control = new AbortController()
  work = control
  const { signal } = control
  useWeights.setState({ fetch: { kind: 'busy', ...wanted, progress: null, start: null } })
  try {
    await resultOf((options) => client().weights.fetch(wanted, options), {
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) useWeights.setState(({ fetch }) => ({ fetch: { kind: 'busy', ...wanted, progress, start: startOf(fetch, progress) } }))
      },
    })
    if (signal.aborted) return
    useWeights.setState(({ fetched }) => ({ fetch: { kind: 'idle' }, fetched: fetched + 1 }))
  } catch (error) {
    if (signal.aborted) return
    const failure = failureOf(error)
    useWeights.setState({ fetch: failure === null ? { kind: 'idle' } : { kind: 'failed', ...wanted, failure } })
  }
  await refreshWeights()
}

/** Where and when this transfer began, which its speed is counted from. */
function startOf(fetch: WeightsFetch, progress: Progress): { bytes: number; atMs: number } {
  return fetch.kind === 'busy' && fetch.start !== null ? fetch.start : { bytes: progress.done, atMs: performance.now() }
}

/** Ends the fetch; what has come is kept for the next. */
export function cancelFetch(): void {
  work?.abort()
  work = null
  useWeights.setState({ fetch: { kind: 'idle' } })
  void refreshWeights()
}
