/** The search for a learning rate: its curve as it grows, and what came of it. It goes on when its screen is left. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { Failure } from '../../shared/domain/error'
import type { RateFinderResult, RatePoint } from '../../shared/domain/rate-finder'
import { failureOf, resultOf } from '../transport/streams'
import { draftConfig, setSetting, setStages, useDraft } from './draft'
import { draftRequest } from './draft-origin'
import { client } from './host'

export type RateFinder =
  | { kind: 'idle' }
  | { kind: 'busy'; message: string; done: number; total: number; points: readonly RatePoint[] }
  | { kind: 'done'; result: RateFinderResult }
  | { kind: 'failed'; failure: Failure }

export const useRateFinder = create<RateFinder>(() => ({ kind: 'idle' }))

let work: AbortController | null = null

const set = (state: RateFinder): void => useRateFinder.setState(state, true)

export async function findRate(summary: DatasetSummary): Promise<void> {
  work?.abort()
  const control = new AbortController()
  work = control
  const { signal } = control
  set({ kind: 'busy', message: t`Starting the trainer`, done: 0, total: 1, points: [] })
  const draft = useDraft.getState()
  try {
    const result = await resultOf((options) => client().models.findLearningRate({ preset: draft.preset, config: draftRequest(draft, summary), datasetId: summary.datasetId }, options), {
      signal,
      onProgress: ({ message, done, total, soFar }) => {
        const now = useRateFinder.getState()
        const before = now.kind === 'busy' ? now.points : []
        if (!signal.aborted) set({ kind: 'busy', message, done, total, points: soFar !== undefined && 'points' in soFar ? soFar.points : before })
      },
    })
    if (!signal.aborted) set({ kind: 'done', result })
  } catch (error) {
    if (signal.aborted) return
    const failure = failureOf(error)
    set(failure === null ? { kind: 'idle' } : { kind: 'failed', failure })
  }
}

export function cancelRateFinder(): void {
  work?.abort()
  work = null
  set({ kind: 'idle' })
}

export const forgetRate = cancelRateFinder

/** The rate of what was tried: the first stage's own where it has one, else the run's. */
export function takeRate(rate: number): void {
  const { stages } = draftConfig(useDraft.getState(), null)
  const [first, ...rest] = stages
  if (first?.learning_rate === undefined) setSetting('learning_rate', rate)
  else setStages([{ ...first, learning_rate: rate }, ...rest])
}
