/** What the screen shows of several runs: read when they are chosen, and again when one of them changes. */
import { useEffect, useState } from 'react'
import type { ComparedRun, RunComparison } from '../../../shared/domain/compare'
import type { Split } from '../../../shared/domain/dataset'
import type { Failure } from '../../../shared/domain/error'
import { client } from '../../state/host'
import { useMachine } from '../../state/machine'
import { failureOf, type Progress, resultOf } from '../../transport/streams'

export type Loaded<Value> = { kind: 'busy'; before: Value | null } | { kind: 'done'; value: Value } | { kind: 'failed'; failure: Failure }

/** What was there stays until the new is, so that nothing jumps. */
export const valueOf = <Value>(loaded: Loaded<Value>): Value | null => (loaded.kind === 'done' ? loaded.value : loaded.kind === 'busy' ? loaded.before : null)

function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>, key: string, isWanted = true): { loaded: Loaded<Value>; retry: () => void } {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ kind: 'busy', before: null })
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (!isWanted) return
    const controller = new AbortController()
    setLoaded((current) => ({ kind: 'busy', before: valueOf(current) }))
    load(controller.signal).then(
      (value) => {
        if (!controller.signal.aborted) setLoaded({ kind: 'done', value })
      },
      (error: unknown) => {
        const failure = failureOf(error)
        if (!controller.signal.aborted && failure !== null) setLoaded({ kind: 'failed', failure })
      },
    )
    return () => controller.abort()
    // `key` names everything that `load` depends on.
  }, [key, attempt, isWanted])
  return { loaded, retry: () => setAttempt((count) => count + 1) }
}

/** Changes whenever one of the runs does. */
function useVersion(ids: readonly string[]): string {
  return useMachine(({ runs }) => ids.map((id) => runs?.find((run) => run.run_id === id)?.updated_at ?? '').join())
}

export function useComparedRuns(ids: readonly string[]): { loaded: Loaded<{ runs: ComparedRun[]; missing: string[] }>; retry: () => void } {
  const version = useVersion(ids)
  return useLoaded((signal) => client().comparisons.runs({ runIds: [...ids] }, { signal }), JSON.stringify([ids, version]), ids.length > 1)
}

export function usePaired(ids: readonly string[], split: Split | null): { loaded: Loaded<RunComparison>; retry: () => void } {
  const version = useVersion(ids)
  return useLoaded((signal) => client().comparisons.paired({ runIds: [...ids], split: split ?? 'test' }, { signal }), JSON.stringify([ids, version, split]), ids.length > 1 && split !== null)
}

/** Evaluates the best checkpoint of a run on the split; its folder keeps the answers. */
export async function measure(runId: string, split: Split, { signal = new AbortController().signal, onProgress = () => undefined }: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {}): Promise<void> {
  await resultOf((options) => client().results.evaluate({ runId, split, checkpoint: 'best' }, options), { signal, onProgress })
}
