/** What is worth telling of a run to somebody who looks elsewhere: that it is done, has failed, or needs them. */
import { t } from '@lingui/core/macro'
import { isLive, type RunRecord, type RunStatus } from './run'

export interface RunNews {
  readonly runId: string
  readonly title: string
  readonly body: string
}

type Told = Pick<RunRecord, 'run_id' | 'name' | 'status' | 'test_accuracy' | 'best_metric' | 'monitor' | 'epochs_done' | 'epochs_planned' | 'failure'>

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** Null where nothing of it is news: who stops a run or puts it aside knows of it. */
export function newsOf(before: RunStatus | undefined, run: Told): RunNews | null {
  if (before === undefined || !isLive(before)) return null
  const { run_id: runId, name, status } = run
  if (status === 'completed') return { runId, title: t`${name} is done`, body: reached(run) }
  if (status === 'failed') return { runId, title: t`${name} failed`, body: run.failure?.message ?? t`Open it to see why.` }
  if (status === 'interrupted') return { runId, title: t`${name} needs you`, body: run.failure?.message ?? t`It was interrupted; it can be resumed.` }
  return null
}

function reached({ test_accuracy: test, best_metric: best, monitor }: Told): string {
  if (test !== null) return t`${{ share: percent(test) }} of the test pictures are recognised.`
  return best !== null && monitor === 'val_accuracy' ? t`${{ share: percent(best) }} of the validation pictures are recognised.` : t`Its results are there.`
}

/** Hears of all runs again and again, and says what is news since the last time. */
export class RunNewsWatch {
  private readonly seen = new Map<string, RunStatus>()

  take(runs: readonly Told[]): RunNews[] {
    const news = runs.map((run) => newsOf(this.seen.get(run.run_id), run)).filter((one) => one !== null)
    this.seen.clear()
    for (const { run_id: runId, status } of runs) this.seen.set(runId, status)
    return news
  }
}

/** From 0 to 1 by whole epochs; null before the first can be told of. */
export function shareDone({ epochs_done: done, epochs_planned: planned }: Pick<Told, 'epochs_done' | 'epochs_planned'>): number | null {
  return planned === 0 ? null : Math.min(1, done / planned)
}
