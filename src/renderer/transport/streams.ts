/** Streams over a connection that may break: progress streams end with a result, event streams are taken up where they stopped. */
import { t } from '@lingui/core/macro'
import { ORPCError } from '@orpc/client'
import { Cancelled, failureSchema, GraftError, isCancellation, toFailure, type Failure } from '../../shared/domain/error'
import type { SoFar } from '../../shared/domain/system'
import { asLost, ConnectionLost, type SwitchingLink } from './connection'

export interface Progress {
  message: string
  done: number
  total: number
  /** What it has found already. */
  soFar?: SoFar | undefined
}

type ProgressEvent<T> = ({ kind: 'progress' } & Progress) | { kind: 'done'; result: T } | { kind: 'failed'; failure: Failure }

/** Follows a progress stream to its result. Aborting the signal closes it, which cancels the work. Throws GraftError or Cancelled. */
export async function resultOf<T>(
  open: (options: { signal: AbortSignal }) => Promise<AsyncIterable<ProgressEvent<T>>>,
  options: { signal: AbortSignal; onProgress?: (progress: Progress) => void },
): Promise<T> {
  const stream = await open({ signal: options.signal })
  try {
    for await (const event of stream) {
      if (options.signal.aborted) throw new Cancelled()
      if (event.kind === 'progress') options.onProgress?.({ message: event.message, done: event.done, total: event.total, soFar: event.soFar })
      else if (event.kind === 'done') return event.result
      else throw GraftError.fromFailure(event.failure)
    }
  } catch (error) {
    throw asLost(error, options.signal)
  }
  if (options.signal.aborted) throw new Cancelled()
  throw new GraftError('CRASHED', t`The work ended before its result came.`, { action: t`Try again.` })
}

/** Any thrown value as what the studio shows; null for a cancellation, which is not shown. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof ORPCError) {
    const parsed = failureSchema.safeParse(error.data)
    if (parsed.success) return parsed.data
    const detail = `${error.code}: ${error.message}\n${JSON.stringify(error.data, null, 2) ?? ''}`
    if (error.code === 'BAD_REQUEST') return { code: 'BAD_INPUT', message: t`A value was not what was expected.`, action: t`Check the values and try again.`, detail }
    return { code: 'BUG', message: t`The call failed for a reason that was not foreseen.`, action: t`Try again. The technical part says more.`, detail }
  }
  if (isCancellation(error)) return null
  return toFailure(error)
}

const RETRY_SPACING_MS = 250

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}

/**
 * Reads a stream of events for as long as there are any; when the connection breaks, waits and opens it again.
 * `open` is called anew each time, so it can ask for what was missed. Resolves when the stream ends or the signal aborts.
 */
export async function follow<T>(
  link: SwitchingLink,
  open: (options: { signal: AbortSignal }) => Promise<AsyncIterable<T>>,
  onEvent: (event: T) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const event of await open({ signal })) {
        if (signal.aborted) return
        onEvent(event)
      }
      return
    } catch (error) {
      if (signal.aborted) return
      if (!(asLost(error, signal) instanceof ConnectionLost)) throw error
      await pause(RETRY_SPACING_MS, signal)
      try {
        await link.whenOnline(signal)
      } catch {
        return // only ever the cancellation of the wait
      }
    }
  }
}
