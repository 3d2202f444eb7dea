/** The metrics of a run on one split: from the run's folder, or computed while one waits. */
import { useEffect, useState } from 'react'
import type { Split } from '../../../shared/domain/dataset'
import type { Failure } from '../../../shared/domain/error'
import type { Evaluation } from '../../../shared/domain/metrics'
import { client } from '../../state/host'
import { failureOf, resultOf, type Progress } from '../../transport/streams'

export type EvaluationState =
  | { kind: 'busy'; progress: Progress | null; before: Evaluation | null }
  | { kind: 'done'; evaluation: Evaluation }
  | { kind: 'failed'; failure: Failure }

/** `version` changes when the best checkpoint does; null run: nothing to evaluate yet. */
export function useEvaluation(runId: string | null, split: Split, version: string): { state: EvaluationState; retry: () => void } {
  const [state, setState] = useState<EvaluationState>({ kind: 'busy', progress: null, before: null })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (runId === null) return
    const controller = new AbortController()
    const { signal } = controller
    // The numbers before stay until the new ones come, so that nothing jumps.
    setState((current) => ({ kind: 'busy', progress: null, before: current.kind === 'done' ? current.evaluation : null }))
    resultOf((options) => client().results.evaluate({ runId, split, checkpoint: 'best' }, options), {
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) setState((current) => ({ kind: 'busy', progress, before: current.kind === 'busy' ? current.before : null }))
      },
    }).then(
      (evaluation) => {
        if (!signal.aborted) setState({ kind: 'done', evaluation })
      },
      (error: unknown) => {
        const failure = failureOf(error)
        if (!signal.aborted && failure !== null) setState({ kind: 'failed', failure })
      },
    )
    return () => controller.abort()
  }, [runId, split, version, attempt])
  return { state, retry: () => setAttempt((count) => count + 1) }
}
