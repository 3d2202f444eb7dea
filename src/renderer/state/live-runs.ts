/** The runs that something works on, the one at work before those that wait for it. */
import { isLive, type RunRecord } from '../../shared/domain/run'

/** In the order given, but runs that only wait for the machine come last. */
export function liveRuns(runs: readonly RunRecord[] | null): RunRecord[] {
  const live = runs?.filter((run) => isLive(run.status)) ?? []
  return [...live.filter((run) => run.status !== 'waiting'), ...live.filter((run) => run.status === 'waiting')]
}

export function firstLive(runs: readonly RunRecord[] | null): RunRecord | null {
  return liveRuns(runs)[0] ?? null
}

/**
 * Stops them all, those that wait first: otherwise one of them would begin as the machine becomes free.
 * Each is tried; the first failure is thrown after that.
 */
export async function stopAll(runs: readonly RunRecord[], stop: (runId: string) => Promise<unknown>): Promise<void> {
  const settled = await Promise.allSettled(liveRuns(runs).toReversed().map((run) => stop(run.run_id)))
  const failed = settled.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
