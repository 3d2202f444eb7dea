/** Long work as a stream: progress, at most ten times a second, then the result or the failure. */
import { Cancelled, isCancellation, toFailure } from '../../shared/domain/error'
import type { Failure } from '../../shared/domain/error'
import type { SoFar } from '../../shared/domain/system'
import { Broadcast } from './broadcast'

export type ProgressItem<T> =
  | { kind: 'progress'; message: string; done: number; total: number; soFar?: SoFar | undefined }
  | { kind: 'done'; result: T }
  | { kind: 'failed'; failure: Failure }
export type ProgressStream<T> = AsyncGenerator<ProgressItem<T>, void, void>
export type Report = (done: number, total: number, message: string, soFar?: SoFar) => void

const PERIOD_MS = 100

/**
 * Starts the work when the stream is first read. Leaving the stream or aborting `signal` aborts the work's own signal; then the
 * stream throws Cancelled.
 */
export async function* progressStream<T>(work: (report: Report, signal: AbortSignal) => Promise<T>, signal?: AbortSignal): ProgressStream<T> {
  const control = new AbortController()
  const abort = (): void => control.abort()
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  const news = new Broadcast<ProgressItem<T>>({ replaces: (waiting, newer) => waiting.kind === 'progress' && newer.kind === 'progress' })
  const items = news.subscribe()
  let toldMs = -Infinity
  let told = ''
  const report: Report = (done, total, message, soFar) => {
    const nowMs = performance.now()
    // A new phase and the end of one are always told.
    if (nowMs - toldMs < PERIOD_MS && message === told && done < total) return
    toldMs = nowMs
    told = message
    news.publish({ kind: 'progress', message, done, total, ...(soFar === undefined ? {} : { soFar }) })
  }
  let cancelled = false
  const finished = (async () => {
    try {
      if (control.signal.aborted) throw new Cancelled()
      news.publish({ kind: 'done', result: await work(report, control.signal) })
    } catch (error) {
      if (isCancellation(error) || control.signal.aborted) cancelled = true
      else news.publish({ kind: 'failed', failure: toFailure(error) })
    } finally {
      news.close()
    }
  })()
  try {
    yield* items
    if (cancelled) throw new Cancelled()
  } finally {
    abort()
    signal?.removeEventListener('abort', abort)
    await finished
  }
}
