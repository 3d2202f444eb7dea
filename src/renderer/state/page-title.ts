/** The title of the page, which says in a tab how far the run at work is. */
import { t } from '@lingui/core/macro'
import { isLive, type RunRecord } from '../../shared/domain/run'
import { shareDone } from '../../shared/domain/run-news'
import { epochsDone, type RunView } from './run-view'

type Titled = Pick<RunRecord, 'run_id' | 'status' | 'epochs_done' | 'epochs_planned'>

/** `43 % · Graft` while a run is at work, else the screen's own. @param open the run that is open, known to parts of an epoch */
export function pageTitle(screen: string, runs: readonly Titled[] | null, open: { runId: string | null; view: RunView }): string {
  const run = runs?.find(({ status }) => isLive(status) && status !== 'waiting')
  if (run === undefined) return `${screen} · Graft`
  if (run.status === 'paused') return `${t`Paused`} · Graft`
  const done = open.runId === run.run_id ? Math.max(epochsDone(open.view), run.epochs_done) : run.epochs_done
  const share = shareDone({ epochs_done: done, epochs_planned: run.epochs_planned })
  return share === null ? `${screen} · Graft` : `${Math.floor(100 * share)} % · Graft`
}
