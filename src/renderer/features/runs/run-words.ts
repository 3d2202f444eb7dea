/** What the list of runs says of a run. */
import { isLive, type RunRecord } from '../../../shared/domain/run'
import { formatLoss, formatShare } from '../../ui/format'

/** `12 of 15`; a run that never began an epoch has `0 of 15`, and of a model that was trained elsewhere nothing is known. */
export function epochsText(run: RunRecord): string {
  if (run.origin === 'imported') return '–'
  return `${run.epochs_done} of ${run.epochs_planned}`
}

export function bestText(run: RunRecord): string {
  return run.monitor === 'val_loss' ? formatLoss(run.best_metric) : formatShare(run.best_metric)
}

export const MONITOR_WORDS: Readonly<Record<string, string>> = { val_accuracy: 'accuracy', val_macro_f1: 'macro-F1', val_loss: 'loss' }

/** A run can be resumed when it is not live and did not come to its end. */
export function canResume(run: RunRecord): boolean {
  return run.status === 'stopped' || run.status === 'interrupted' || run.status === 'failed'
}

export function summaryText(runs: readonly RunRecord[]): string {
  const live = runs.filter((run) => isLive(run.status)).length
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${live === 0 ? '' : ` · ${live} live`}`
}
