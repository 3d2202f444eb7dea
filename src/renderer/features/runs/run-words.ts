/** What the list of runs says of a run. */
import { plural, t } from '@lingui/core/macro'
import { isLive, type RunRecord } from '../../../shared/domain/run'
import { dateLanguage } from '../../../shared/words/words'
import { runCount } from '../../ui/counts'
import { formatCount, formatDate, formatLoss, formatShare } from '../../ui/format'

/** `12 of 15`; a run that never began an epoch has `0 of 15`, and of a model that was trained elsewhere nothing is known. */
export function epochsText(run: RunRecord): string {
  if (run.origin === 'imported') return '–'
  return t`${{ done: run.epochs_done }} of ${{ total: run.epochs_planned }}`
}

const metricText = (run: RunRecord, metric: number | null): string => {
  if (run.origin === 'imported') return '–'
  return run.monitor === 'val_loss' ? formatLoss(metric) : formatShare(metric)
}

export const bestText = (run: RunRecord): string => metricText(run, run.best_metric)

/** After the newest epoch, which is not the one that is kept. */
export const lastText = (run: RunRecord): string => metricText(run, run.last_metric)

const BEST_WORDS: Readonly<Record<string, (best: string, epoch: number) => string>> = {
  val_accuracy: (best, epoch) => t`Best accuracy ${best} in epoch ${epoch}`,
  val_macro_f1: (best, epoch) => t`Best macro-F1 ${best} in epoch ${epoch}`,
  val_loss: (best, epoch) => t`Best loss ${best} in epoch ${epoch}`,
}

/** `Best accuracy 94.2 % in epoch 7`. */
export function bestEpochText(run: RunRecord, epoch: number): string {
  const best = bestText(run)
  return BEST_WORDS[run.monitor]?.(best, epoch) ?? t`Best ${{ metric: run.monitor }} ${best} in epoch ${epoch}`
}

const dayOfYear = new Intl.DateTimeFormat(dateLanguage(), { day: 'numeric', month: 'short', year: 'numeric' })

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
  const count = runs.length === shown ? runCount(shown) : t`${{ shown: formatCount(shown) }} of ${plural({ count: runs.length }, { one: '# run', other: '# runs' })}`
  return live === 0 ? count : `${count} · ${t`${live} live`}`
}
