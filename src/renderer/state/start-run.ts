/** Starting the run that is being configured: one way for the screen, the top bar and the keyboard. */
import { create } from 'zustand'
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { Failure } from '../../shared/domain/error'
import { failureOf } from '../transport/streams'
import { openSummary, useDataset } from './dataset'
import { useDraft } from './draft'
import { draftRequest } from './draft-origin'
import { go } from './place'
import { startRun } from './run'

interface Start {
  isStarting: boolean
  /** Why the last try failed; gone once something is changed or tried again. */
  failure: Failure | null
}

export const useStart = create<Start>(() => ({ isStarting: false, failure: null }))

/** Why a run on this dataset cannot start, in plain words; null when it can. */
export function startHindrance(summary: DatasetSummary | null): string | null {
  if (summary === null) return 'Open a dataset first'
  if (summary.classes.length < 2) return 'Training needs two classes or more'
  return summary.findings.find((finding) => finding.severity === 'stop')?.title ?? null
}

/** Starts the run of the draft on the open dataset and goes to it. A failure stays in `useStart`. */
export async function startDraft(): Promise<void> {
  const summary = openSummary()
  if (summary === null || useStart.getState().isStarting) return
  const draft = useDraft.getState()
  useStart.setState({ isStarting: true, failure: null })
  try {
    const name = draft.name.trim()
    const runId = await startRun({
      datasetId: summary.datasetId,
      preset: draft.preset,
      config: draftRequest(draft, summary),
      name: name === '' ? null : name,
    })
    useStart.setState({ isStarting: false })
    useDraft.setState({ name: '', copiedFrom: null })
    go('train', { runId })
  } catch (error) {
    useStart.setState({ isStarting: false, failure: failureOf(error) })
  }
}

export function clearStartFailure(): void {
  useStart.setState({ failure: null })
}

// What was wrong may have been put right by the change.
useDraft.subscribe(clearStartFailure)
useDataset.subscribe(clearStartFailure)
