/** Starting the run that is being configured: one way for the screen, the top bar and the keyboard. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { Failure } from '../../shared/domain/error'
import { failureOf } from '../transport/streams'
import { openSummary, useDataset } from './dataset'
import { useDraft } from './draft'
import { draftRequest } from './draft-origin'
import { client } from './host'
import { refreshRuns, useMachine } from './machine'
import { go } from './place'
import { isBusy, refreshQueue } from './queue'
import { startRun } from './run'

interface Start {
  isStarting: boolean
  /** Why the last try failed; gone once something is changed or tried again. */
  failure: Failure | null
  /** What was put into the queue last, and its place there, from 1; gone once something is changed. */
  queued: { readonly name: string; readonly place: number } | null
}

export const useStart = create<Start>(() => ({ isStarting: false, failure: null, queued: null }))

/** Why a run on this dataset cannot start, in plain words; null when it can. */
export function startHindrance(summary: DatasetSummary | null): string | null {
  if (summary === null) return t`Open a dataset first`
  if (summary.classes.length < 2) return t`Training needs two classes or more`
  return summary.findings.find((finding) => finding.severity === 'stop')?.title ?? null
}

/** Starts the run of the draft on the open dataset and goes to it; while another one is live it goes into the queue instead. A failure stays in `useStart`. */
export async function startDraft(): Promise<void> {
  const summary = openSummary()
  if (summary === null || useStart.getState().isStarting) return
  const draft = useDraft.getState()
  useStart.setState({ isStarting: true, failure: null, queued: null })
  try {
    const name = draft.name.trim()
    const request = { datasetId: summary.datasetId, preset: draft.preset, config: draftRequest(draft, summary), name: name === '' ? null : name }
    if (isBusy(useMachine.getState().runs)) {
      const { place } = await client().queue.add(request)
      await Promise.all([refreshRuns(), refreshQueue()])
      useDraft.setState({ name: '', copiedFrom: null })
      useStart.setState({ isStarting: false, queued: { name: name === '' ? summary.name : name, place } })
      return
    }
    const runId = await startRun(request)
    useStart.setState({ isStarting: false })
    useDraft.setState({ name: '', copiedFrom: null })
    go('train', { runId })
  } catch (error) {
    useStart.setState({ isStarting: false, failure: failureOf(error) })
  }
}

export function clearStartFailure(): void {
  const { failure, queued } = useStart.getState()
  if (failure !== null || queued !== null) useStart.setState({ failure: null, queued: null })
}

// What was wrong may have been put right by the change.
useDraft.subscribe(clearStartFailure)
useDataset.subscribe(clearStartFailure)
