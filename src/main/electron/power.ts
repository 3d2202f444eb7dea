/** Keeps the machine awake while it trains. The screen may sleep. */
import type { PowerSaveBlocker } from 'electron'

/** The part of `RunsService` that is used. */
export interface WatchedRuns {
  changes(signal?: AbortSignal): AsyncIterable<unknown>
  liveCount(): number
}

/** Runs that need the processor: one that is paused has no trainer, and the machine may sleep. */
export const awakeFor = (runs: { changes: WatchedRuns['changes']; liveRecords(): readonly { status: string }[] }): WatchedRuns => ({
  changes: (signal) => runs.changes(signal),
  liveCount: () => runs.liveRecords().filter(({ status }) => status !== 'paused').length,
})

/** Follows the runs until the signal aborts or there are no more changes; lets the machine sleep again at the end. */
export async function keepAwake(runs: WatchedRuns, blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>, signal: AbortSignal): Promise<void> {
  let blockId: number | null = null
  const follow = (): void => {
    const isLive = runs.liveCount() > 0 && !signal.aborted
    if (isLive && blockId === null) blockId = blocker.start('prevent-app-suspension')
    if (isLive || blockId === null) return
    blocker.stop(blockId)
    blockId = null
  }
  try {
    for await (const _ of runs.changes(signal)) follow()
  } finally {
    if (blockId !== null) blocker.stop(blockId)
  }
}
