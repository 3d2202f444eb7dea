/** Where a run's stages lie: those that have begun as they did, the others as they are planned behind them. Pure. */
import type { RunConfig } from '../../shared/domain/run-config'
import { plannedStages } from '../../shared/domain/stages'
import type { StageEvent } from './run-view'

export interface StageSpan {
  /** From 1. */
  readonly index: number
  readonly name: string
  /** Epochs of the run, both included. */
  readonly firstEpoch: number
  readonly lastEpoch: number
  /** It ended before its epochs were over, for want of a gain. */
  readonly endedEarly: boolean
}

/**
 * One span a stage, in order; none for a run of one stage.
 * @param epochsDone whole epochs of the run @param hasEnded nothing more comes, so that the last stage is as long as it was
 */
export function stageSpans(config: Pick<RunConfig, 'stages'> & RunConfig, begun: readonly StageEvent[], epochsDone: number, hasEnded: boolean): StageSpan[] {
  if (config.stages.length === 0) return []
  const spans: StageSpan[] = []
  let next = 1
  for (const { index, name, epochs } of plannedStages(config)) {
    const own = begun.find(({ stage }) => stage === index)
    const after = begun.find(({ stage }) => stage === index + 1)
    const firstEpoch = own?.first_epoch ?? next
    const planned = firstEpoch + epochs - 1
    const lastEpoch = after !== undefined ? after.first_epoch - 1 : own !== undefined && hasEnded && index === config.stages.length ? Math.min(planned, Math.max(firstEpoch, epochsDone)) : planned
    spans.push({ index, name, firstEpoch, lastEpoch, endedEarly: lastEpoch < planned })
    next = lastEpoch + 1
  }
  return spans
}

/** The span that training is in: the last that has begun. */
export function currentSpan(spans: readonly StageSpan[], begun: readonly StageEvent[]): StageSpan | null {
  const newest = begun.at(-1)
  return newest === undefined ? null : (spans.find(({ index }) => index === newest.stage) ?? null)
}
