/** Cancellation at the places where a long piece of work can stop cleanly. */
import { Cancelled } from '../../shared/domain/error'

/** Throws `Cancelled` when the signal has been aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Cancelled()
}

/** Runs `work` on every item with at most `workers` in flight; stops starting new ones after the first failure, then throws it. */
export async function forEachInFlight<T>(
  items: readonly T[],
  workers: number,
  signal: AbortSignal | undefined,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  let failed = false
  const loop = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++
      try {
        throwIfCancelled(signal)
        await work(items[index] as T, index)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const results = await Promise.allSettled(Array.from({ length: Math.max(1, Math.min(workers, items.length)) }, loop))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** What long work tells about itself: how many of how many, and in words. */
export type ProgressListener = (done: number, total: number, message: string) => void

/** Passes on at most ten reports a second; `last` always goes through. */
export function throttledProgress(listener: ProgressListener | undefined): { report: ProgressListener; last: ProgressListener } {
  let reportedMs = -Infinity
  const last: ProgressListener = (done, total, message) => listener?.(done, total, message)
  const report: ProgressListener = (done, total, message) => {
    const nowMs = performance.now()
    if (nowMs - reportedMs < 100) return
    reportedMs = nowMs
    last(done, total, message)
  }
  return { report, last }
}
