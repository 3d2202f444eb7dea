/** Tells of runs that appear, change or go, also through another process, which only their files tell. */
import { discoverRuns } from '../storage/run-registry'
import type { Broadcast } from './broadcast'
import type { Places } from './places'

const POLL_MS = 3000

export interface WatchedRuns {
  /** What this process tells of its own; what is found is told there too. */
  readonly changed: Broadcast<{ runId: string }>
  readonly isOurs: (runId: string) => boolean
}

/** Every change from now on, until the signal or the stream ends. */
export async function* watchRuns(places: Places, { changed, isOurs }: WatchedRuns, signal?: AbortSignal): AsyncGenerator<{ runId: string }, void, void> {
  const news = changed.subscribe(signal)
  const seen = new Map<string, string>()
  let isFirst = true
  const look = async (): Promise<void> => {
    const { runs } = await discoverRuns(places.runs, places.runRegistry)
    const gone = new Set(seen.keys())
    for (const { record } of runs) {
      gone.delete(record.run_id)
      if (!isFirst && seen.get(record.run_id) !== record.updated_at && !isOurs(record.run_id)) changed.publish({ runId: record.run_id })
      seen.set(record.run_id, record.updated_at)
    }
    for (const runId of gone) {
      seen.delete(runId)
      changed.publish({ runId })
    }
    isFirst = false
  }
  let looking: Promise<void> = look().catch(() => undefined)
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => undefined)
  }, POLL_MS)
  timer.unref()
  try {
    yield* news
  } finally {
    clearInterval(timer)
  }
}
