/** What a look at the open dataset's pictures found, and what was decided about them. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import type { Fixed, FixRequest } from '../../shared/domain/fix'
import type { Journal } from '../../shared/domain/fix-journal'
import type { HealthReport } from '../../shared/domain/health'
import { failureOf, resultOf, type Progress } from '../transport/streams'
import { replaceSummary } from './dataset'
import { client } from './host'
import { report as tell } from './machine'

export interface HealthState {
  datasetId: string | null
  /** `stopped`: by the person, who can begin again. */
  phase: 'looking' | 'stopped' | 'ready' | 'failed'
  progress: Progress | null
  report: HealthReport | null
  journal: Journal | null
  failure: Failure | null
  isDeciding: boolean
  /** What was decided last, to be read out. */
  said: string
  /** Counts whatever may have changed the pictures of a finding. */
  revision: number
}

const NOTHING: HealthState = { datasetId: null, phase: 'looking', progress: null, report: null, journal: null, failure: null, isDeciding: false, said: '', revision: 0 }

export const useHealth = create<HealthState>(() => NOTHING)

let work: AbortController | null = null

/** Looks at the pictures of an open dataset; quick where it was done before. Ends an earlier look at another one. */
export async function lookAtDataset(datasetId: string): Promise<void> {
  work?.abort()
  const control = new AbortController()
  work = control
  const { signal } = control
  const isSame = useHealth.getState().datasetId === datasetId
  useHealth.setState({ ...(isSame ? {} : NOTHING), datasetId, phase: 'looking', progress: null, failure: null })
  try {
    const journal = await client().health.journal({ datasetId }, { signal })
    if (!signal.aborted) useHealth.setState({ journal })
    const report = await resultOf((options) => client().health.report({ datasetId }, options), {
      signal,
      onProgress: (progress) => !signal.aborted && useHealth.setState({ progress }),
    })
    // The split has come to keep together what looks alike.
    const summary = await client().datasets.get({ datasetId }, { signal })
    if (signal.aborted) return
    replaceSummary(summary)
    useHealth.setState(({ revision }) => ({ phase: 'ready', report, progress: null, revision: revision + 1 }))
  } catch (error) {
    if (signal.aborted) return
    useHealth.setState({ phase: 'failed', progress: null, failure: failureOf(error) })
  }
}

export function stopLooking(): void {
  work?.abort()
  work = null
  useHealth.setState(({ phase }) => (phase === 'looking' ? { phase: 'stopped', progress: null } : {}))
}

async function decide(call: (datasetId: string) => Promise<Fixed>, words: (fixed: Fixed) => string): Promise<boolean> {
  const { datasetId, isDeciding } = useHealth.getState()
  if (datasetId === null || isDeciding) return false
  useHealth.setState({ isDeciding: true })
  try {
    const fixed = await call(datasetId)
    if (useHealth.getState().datasetId !== datasetId) return false
    replaceSummary(fixed.summary)
    useHealth.setState(({ revision, report }) => ({ journal: fixed.journal, report: fixed.health ?? report, said: words(fixed), revision: revision + 1 }))
    return true
  } catch (error) {
    tell(error)
    return false
  } finally {
    useHealth.setState({ isDeciding: false })
  }
}

/** False where it was refused; why is told. */
export function fix(request: FixRequest): Promise<boolean> {
  return decide(
    (datasetId) => client().health.fix({ datasetId, fix: request }),
    ({ journal }) => `${journal.entries.at(-1)?.title ?? t`Decided`}.`,
  )
}

export function undoFix(): void {
  const { journal } = useHealth.getState()
  const entry = journal?.entries.find(({ id }) => id === journal.undo)
  if (entry !== undefined) void decide((datasetId) => client().health.undo({ datasetId }), () => t`Taken back: ${{ title: entry.title }}.`)
}

export function redoFix(): void {
  const { journal } = useHealth.getState()
  const entry = journal?.entries.find(({ id }) => id === journal.redo)
  if (entry !== undefined) void decide((datasetId) => client().health.redo({ datasetId }), () => t`Again: ${{ title: entry.title }}.`)
}
