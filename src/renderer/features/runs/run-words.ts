/** What the list of runs says of a run. */
import { isLive, type RunRecord } from '../../../shared/domain/run'
import { formatCount, formatDate, formatLoss, formatPlural, formatShare } from '../../ui/format'

/** `12 of 15`; a run that never began an epoch has `0 of 15`, and of a model that was trained elsewhere nothing is known. */
export function epochsText(run: RunRecord): string {
  if (run.origin === 'imported') return '–'
  return `${run.epochs_done} of ${run.epochs_planned}`
}

const metricText = (run: RunRecord, metric: number | null): string => {
  if (run.origin === 'imported') return '–'
  return run.monitor === 'val_loss' ? formatLoss(metric) : formatShare(metric)
}

export const bestText = (run: RunRecord): string => metricText(run, run.best_metric)

/** After the newest epoch, which is not the one that is kept. */
export const lastText = (run: RunRecord): string => metricText(run, run.last_metric)

export const MONITOR_WORDS: Readonly<Record<string, string>> = { val_accuracy: 'accuracy', val_macro_f1: 'macro-F1', val_loss: 'loss' }

const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** Day and time, or the day alone where it was in another year: what tells runs apart in little room. */
export function startedText({ created_at: iso }: RunRecord, now = new Date()): string {
  const date = new Date(iso)
  return date.getFullYear() === now.getFullYear() ? formatDate(iso, now) : dayOfYear.format(date)
}

/** A run can be resumed when it is not live and did not come to its end. */
export function canResume(run: RunRecord): boolean {
  return run.status === 'stopped' || run.status === 'interrupted' || run.status === 'failed'
}

/** `12 runs · 1 live`, and how many of them are shown where it is not all. */
export function summaryText(runs: readonly RunRecord[], shown = runs.length): string {
  const live = runs.filter((run) => isLive(run.status)).length
  const count = formatPlural(runs.length, 'run')
  return `${shown === runs.length ? count : `${formatCount(shown)} of ${count}`}${live === 0 ? '' : ` · ${live} live`}`
}
