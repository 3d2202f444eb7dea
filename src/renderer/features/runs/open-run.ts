import type { RunRecord } from '../../../shared/domain/run'
import { go } from '../../state/place'
import { screenOf } from '../../state/run-screen'

/** Where the run is best looked at. */
export function openRunScreen(run: RunRecord): void {
  go(screenOf(run), { runId: run.run_id })
}
