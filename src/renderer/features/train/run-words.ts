/** What a run does, in words. */
import type { PreparePhase } from '../../../shared/domain/run'
import { formatCount, formatLoss, formatPlural, formatShare } from '../../ui/format'
import type { ProgressEvent } from '../../state/run-view'

/** In the order in which they happen. */
export const PREPARE_PHASES = ['engine', 'decoding', 'weights', 'compiling', 'features'] as const satisfies readonly PreparePhase[]

const PREPARE_WORDS: Readonly<Record<PreparePhase, string>> = {
  engine: 'Starting the engine',
  decoding: 'Decoding pictures',
  weights: 'Reading the weights',
  compiling: 'Compiling the network',
  features: 'Running the frozen layers',
}

export const PREPARE_NAMES: Readonly<Record<PreparePhase, string>> = {
  engine: 'Engine',
  decoding: 'Pictures',
  weights: 'Weights',
  compiling: 'Network',
  features: 'Frozen layers',
}

/** `Decoding pictures · 120 of 420`. Phases of one step have nothing to count. */
export function prepareText(phase: PreparePhase, done: number, total: number): string {
  return total > 1 ? `${PREPARE_WORDS[phase]} · ${formatCount(done)} of ${formatCount(total)}` : PREPARE_WORDS[phase]
}

/** `Training · 120 of 420 pictures · loss 0.512 · accuracy 84.1 %` */
export function progressText(progress: Pick<ProgressEvent, 'phase' | 'done' | 'total' | 'loss' | 'accuracy'>): string {
  const counted = `${formatCount(progress.done)} of ${formatPlural(progress.total, 'picture')}`
  if (progress.phase === 'features') return `Running the frozen layers on a new view · ${counted}`
  if (progress.phase === 'val') return `Validating · ${counted}`
  const loss = progress.loss === null ? '' : ` · loss ${formatLoss(progress.loss)}`
  const accuracy = progress.accuracy === null ? '' : ` · accuracy ${formatShare(progress.accuracy)}`
  return `Learning · ${counted}${loss}${accuracy}`
}

/** The short name of what an epoch is at. */
export function phaseName(progress: Pick<ProgressEvent, 'phase'>): string {
  return progress.phase === 'features' ? 'Frozen layers' : progress.phase === 'val' ? 'Validation' : 'Learning'
}
