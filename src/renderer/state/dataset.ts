/** The open dataset: being opened, open, or why not. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import type { DatasetSummary, SplitRatios } from '../../shared/domain/dataset'
import { isCancellation, type Failure } from '../../shared/domain/error'
import { ConnectionLost } from '../transport/connection'
import { failureOf, resultOf, type Progress } from '../transport/streams'
import { client, host } from './host'
import { refreshSettings, report } from './machine'
import { go, usePlace } from './place'

export interface DroppedFiles {
  name: string
  files: { relativePath: string; file: File }[]
  sizeBytes: number
}

export type DatasetState =
  | { kind: 'none' }
  | { kind: 'opening'; title: string; progress: Progress | null }
  /** A drop in the browser: nothing is sent before the person says so. */
  | { kind: 'asking'; dropped: DroppedFiles }
  | { kind: 'uploading'; name: string; files: number; filesDone: number; sentBytes: number; sizeBytes: number; startedAtMs: number }
  | { kind: 'open'; summary: DatasetSummary; isSplitting: boolean }
  | { kind: 'failed'; failure: Failure; retry: (() => void) | null }

export const useDataset = create<{ state: DatasetState }>(() => ({ state: { kind: 'none' } }))

let work: AbortController | null = null
/** What was open before the work at hand, to go back to when that is cancelled. */
let before: DatasetSummary | null = null

const set = (state: DatasetState): void => useDataset.setState({ state })

export function openSummary(): DatasetSummary | null {
  const { state } = useDataset.getState()
  return state.kind === 'open' ? state.summary : null
}

function begin(): AbortSignal {
  work?.abort()
  before = openSummary() ?? before
  work = new AbortController()
  return work.signal
}

function showBefore(): void {
  set(before === null ? { kind: 'none' } : { kind: 'open', summary: before, isSplitting: false })
}

async function run(title: string, retry: (() => void) | null, open: Parameters<typeof resultOf<DatasetSummary>>[0], signal: AbortSignal): Promise<void> {
  set({ kind: 'opening', title, progress: null })
  go('dataset')
  try {
    const summary = await resultOf(open, { signal, onProgress: (progress) => !signal.aborted && set({ kind: 'opening', title, progress }) })
    before = summary
    set({ kind: 'open', summary, isSplitting: false })
    go('dataset', { datasetId: summary.datasetId, runId: null })
    void refreshSettings().catch(report)
  } catch (error) {
    if (signal.aborted) return
    const failure = failureOf(error)
    if (failure === null) showBefore()
    else set({ kind: 'failed', failure, retry })
  }
}

export function openDataset(path: string): void {
  const signal = begin()
  void run(t`Looking through ${path}`, () => openDataset(path), (options) => client().datasets.open({ path }, options), signal)
}

export function openSample(): void {
  const signal = begin()
  void run(t`Getting the sample ready`, openSample, (options) => client().datasets.openSample(undefined, options), signal)
}

/** Closes what is being opened or sent; what was open before comes back. */
export function cancelOpening(): void {
  work?.abort()
  work = null
  showBefore()
}

/** Puts the open dataset away, to choose another. */
export function closeDataset(): void {
  cancelOpening()
  before = null
  set({ kind: 'none' })
  go('dataset', { datasetId: null })
}

/** Opens again what the address or the session names, without a scan. */
export async function restoreDataset(): Promise<void> {
  const { datasetId } = usePlace.getState()
  if (datasetId === null || openSummary()?.datasetId === datasetId || useDataset.getState().state.kind !== 'none') return
  set({ kind: 'opening', title: t`Opening the dataset again`, progress: null })
  try {
    const summary = await client().datasets.get({ datasetId })
    before = summary
    set({ kind: 'open', summary, isSplitting: false })
  } catch (error) {
    set({ kind: 'none' })
    if (error instanceof ConnectionLost) return restoreDataset()
    // The server was started anew and no longer knows the id: the list of recent folders leads back.
    usePlace.setState({ datasetId: null })
  }
}

let latestSplit = 0

export async function splitDataset(ratios: SplitRatios, seed: number): Promise<void> {
  const summary = openSummary()
  if (summary === null) return
  const turn = ++latestSplit
  set({ kind: 'open', summary: { ...summary, ratios, seed }, isSplitting: true })
  try {
    const next = await client().datasets.split({ datasetId: summary.datasetId, ratios, seed })
    if (turn !== latestSplit) return
    before = next
    set({ kind: 'open', summary: next, isSplitting: false })
  } catch (error) {
    if (turn === latestSplit) set({ kind: 'open', summary, isSplitting: false })
    report(error)
  }
}

/** The open dataset as it is after a decision about its pictures, or after somebody looked at them. */
export function replaceSummary(summary: DatasetSummary): void {
  const { state } = useDataset.getState()
  if (state.kind !== 'open' || state.summary.datasetId !== summary.datasetId) return
  before = summary
  set({ ...state, summary })
}

export function askToUpload(dropped: DroppedFiles): void {
  begin()
  set({ kind: 'asking', dropped })
  go('dataset')
}

const FILES_AT_ONCE = 4
const REPORT_EVERY_MS = 100

export async function upload(dropped: DroppedFiles): Promise<void> {
  const signal = begin()
  const { putFile } = host()
  if (putFile === null) return
  const { name, files, sizeBytes } = dropped
  const startedAtMs = Date.now()
  const sent = new Array<number>(files.length).fill(0)
  let filesDone = 0
  let reportedAtMs = 0
  const tell = (isForced: boolean): void => {
    if (signal.aborted || (!isForced && Date.now() - reportedAtMs < REPORT_EVERY_MS)) return
    reportedAtMs = Date.now()
    set({ kind: 'uploading', name, files: files.length, filesDone, sentBytes: sent.reduce((sum, value) => sum + value, 0), sizeBytes, startedAtMs })
  }
  tell(true)
  let uploadId: string | null = null
  const drop = (): void => {
    if (uploadId !== null) void client().uploads.cancel({ uploadId }).catch(report)
  }
  try {
    uploadId = (await client().uploads.begin({ name, files: files.length, sizeBytes }, { signal })).uploadId
    const id = uploadId
    const queue = files.entries()
    const worker = async (): Promise<void> => {
      for (const [index, { relativePath, file }] of queue) {
        await putFile(id, relativePath, file, {
          signal,
          onSent: (sentBytes) => {
            sent[index] = sentBytes
            tell(false)
          },
        })
        sent[index] = file.size
        filesDone++
        tell(false)
      }
    }
    await Promise.all(Array.from({ length: Math.min(FILES_AT_ONCE, files.length) }, worker))
    tell(true)
    const { path } = await client().uploads.finish({ uploadId })
    uploadId = null
    openDataset(path)
  } catch (error) {
    const wasCancelled = signal.aborted
    work?.abort()
    drop()
    if (wasCancelled || isCancellation(error)) return
    const failure = failureOf(error)
    if (failure !== null) set({ kind: 'failed', failure, retry: () => void upload(dropped) })
  }
}
