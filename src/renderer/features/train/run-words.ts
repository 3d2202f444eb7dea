/** What a run does, in words. */
import { plural, t } from '@lingui/core/macro'
import type { PreparePhase, RunRecord } from '../../../shared/domain/run'
import { formatCount, formatLoss, formatShare } from '../../ui/format'
import type { ProgressEvent } from '../../state/run-view'

/** In the order in which they happen. */
export const PREPARE_PHASES = ['engine', 'decoding', 'weights', 'compiling', 'features'] as const satisfies readonly PreparePhase[]

const PREPARE_WORDS: Readonly<Record<PreparePhase, string>> = {
  engine: t`Starting the engine`,
  decoding: t`Decoding pictures`,
  weights: t`Reading the weights`,
  compiling: t`Compiling the network`,
  features: t`Running the frozen layers`,
}

export const PREPARE_NAMES: Readonly<Record<PreparePhase, string>> = {
  engine: t`Engine`,
  decoding: t`Pictures`,
  weights: t`Weights`,
  compiling: t`Network`,
  features: t`Frozen layers`,
}

/** `Decoding pictures · 120 of 420`. Phases of one step have nothing to count. */
export function prepareText(phase: PreparePhase, done: number, total: number): string {
  return total > 1 ? `${PREPARE_WORDS[phase]} · ${t`${{ done: formatCount(done) }} of ${{ total: formatCount(total) }}`}` : PREPARE_WORDS[phase]
}

/** `Training · 120 of 420 pictures · loss 0.512 · accuracy 84.1 %` */
export function progressText(progress: Pick<ProgressEvent, 'phase' | 'done' | 'total' | 'loss' | 'accuracy'>): string {
  const { total } = progress
  const counted = t`${{ done: formatCount(progress.done) }} of ${plural(total, { one: '# picture', other: '# pictures' })}`
  if (progress.phase === 'features') return `${t`Running the frozen layers on a new view`} · ${counted}`
  if (progress.phase === 'val') return `${t`Validating`} · ${counted}`
  const loss = progress.loss === null ? '' : ` · ${t`loss ${{ loss: formatLoss(progress.loss) }}`}`
  const accuracy = progress.accuracy === null ? '' : ` · ${t`accuracy ${{ accuracy: formatShare(progress.accuracy) }}`}`
  return `${t`Learning`} · ${counted}${loss}${accuracy}`
}

/** The short name of what an epoch is at. */
export function phaseName(progress: Pick<ProgressEvent, 'phase'>): string {
  return progress.phase === 'features' ? t`Frozen layers` : progress.phase === 'val' ? t`Validation` : t`Learning`
}

/**
 * Pictures learned from a second of the whole run, preparation and evaluation counted. An epoch's own speed says little once
 * a run is over: with the frozen layers' outputs kept it is a hundred times that of the run. Null where the time is not known.
 */
export function meanSpeed(epochs: number, record: Pick<RunRecord, 'counts' | 'total_s'> | null, done: { total_s: number } | null): number | null {
  const seconds = done?.total_s ?? record?.total_s ?? 0
  return record === null || seconds <= 0 || epochs === 0 ? null : (epochs * record.counts.train) / seconds
}
