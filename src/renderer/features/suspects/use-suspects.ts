/** What a run's pictures say of their own labels: from its folder where somebody has looked before, else when asked. */
import { useEffect, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import type { SuspectsReport } from '../../../shared/domain/suspects'
import { client } from '../../state/host'
import { failureOf, type Progress, resultOf } from '../../transport/streams'

export type SuspectsState =
  /** Whether somebody has looked is not known yet. */
  | { kind: 'opening' }
  | { kind: 'none' }
  | { kind: 'busy'; progress: Progress | null }
  | { kind: 'done'; report: SuspectsReport }
  | { kind: 'failed'; failure: Failure }

export interface SuspectsView {
  state: SuspectsState
  look: () => void
  cancel: () => void
}

export function useSuspects(runId: string): SuspectsView {
  const [state, setState] = useState<SuspectsState>({ kind: 'opening' })
  /** 0: only what is kept; from 1 on a person has asked. */
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const mayLook = asked > 0
    setState(mayLook ? { kind: 'busy', progress: null } : { kind: 'opening' })
    resultOf((options) => client().results.suspects({ runId, mayLook }, options), {
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) setState({ kind: 'busy', progress })
      },
    }).then(
      (report) => {
        if (!signal.aborted) setState(report === null ? { kind: 'none' } : { kind: 'done', report })
      },
      (error: unknown) => {
        const failure = failureOf(error)
        if (!signal.aborted && failure !== null) setState({ kind: 'failed', failure })
      },
    )
    return () => controller.abort()
  }, [runId, asked])
  // Leaving the stream cancels the work.
  return { state, look: () => setAsked((count) => count + 1), cancel: () => setAsked(0) }
}
