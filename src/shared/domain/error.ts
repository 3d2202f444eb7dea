/**
 * The three kinds of failure.
 *
 * `Cancelled` is never reported as an error. `GraftError` is the user's to act on: it says what was expected, what came and
 * what to do. Everything else is a bug. `toFailure` is the one place where an unknown thrown value becomes one of the three.
 */
import { t } from '@lingui/core/macro'
import { z } from 'zod'

export const ERROR_CODES = [
  'BAD_INPUT', // a value, flag or file of the user's is not what was expected
  'NOT_FOUND', // a path, run, checkpoint, model or picture does not exist
  'CONFLICT', // the thing exists already, is in use, or is in the wrong state
  'UNREADABLE', // a file is there but cannot be read as what it should be
  'REFUSED', // a file or request asks for something that is never allowed
  'UNSUPPORTED', // this machine or version cannot do it
  'STORAGE', // disk full, read-only, input/output error
  'NETWORK', // a server cannot be reached or does not give what was asked for: DNS, connection, TLS, proxy, HTTP
  'OUT_OF_MEMORY',
  'DIVERGED', // NaN or infinity in training
  'MISMATCH', // a check against the original failed (export parity, hash, resume)
  'CRASHED', // the trainer process died
  'BUG', // anything else: a defect of the program
] as const

export const errorCodeSchema = z.enum(ERROR_CODES)
export type ErrorCode = z.infer<typeof errorCodeSchema>

/** What crosses process and network boundaries in place of a thrown error. */
export const failureSchema = z.object({
  code: errorCodeSchema,
  /** What went wrong: what was expected, what came. One or two sentences. */
  message: z.string(),
  /** What to do now, in one sentence. */
  action: z.string().optional(),
  /** The technical part, folded away in the studio. */
  detail: z.string().optional(),
  /** What a door can act on by itself, under names of the thing: `accuracyDrop`. */
  figures: z.record(z.string(), z.number()).optional(),
})
export type Failure = z.infer<typeof failureSchema>

export class GraftError extends Error {
  readonly code: ErrorCode
  readonly action: string | undefined
  readonly detail: string | undefined
  readonly figures: Readonly<Record<string, number>> | undefined

  constructor(code: ErrorCode, message: string, options: { action?: string; detail?: string; figures?: Readonly<Record<string, number>>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'GraftError'
    this.code = code
    this.action = options.action
    this.detail = options.detail
    this.figures = options.figures
  }

  static fromFailure(failure: Failure): GraftError {
    return new GraftError(failure.code, failure.message, {
      ...(failure.action === undefined ? {} : { action: failure.action }),
      ...(failure.detail === undefined ? {} : { detail: failure.detail }),
      ...(failure.figures === undefined ? {} : { figures: failure.figures }),
    })
  }
}

export class Cancelled extends Error {
  constructor(message = 'Cancelled') {
    super(message)
    this.name = 'Cancelled'
  }
}

/** True for our own cancellation and for what an aborted platform call throws. */
export function isCancellation(error: unknown): boolean {
  return error instanceof Cancelled || (error instanceof Error && error.name === 'AbortError')
}

const STORAGE_CODES: Readonly<Record<string, string>> = {
  ENOSPC: t`The disk is full`,
  EDQUOT: t`The disk quota is used up`,
  EROFS: t`The disk is read-only`,
  EIO: t`The disk reported an input/output error`,
  EFBIG: t`The file is larger than the system allows`,
  EACCES: t`Permission was refused`,
  EPERM: t`The operation is not permitted`,
  EMFILE: t`Too many files are open`,
}

/** Turns any thrown value into a failure that can be shown and sent. The only such converter. */
export function toFailure(error: unknown): Failure {
  if (error instanceof GraftError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.action === undefined ? {} : { action: error.action }),
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.figures === undefined ? {} : { figures: { ...error.figures } }),
    }
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const path = 'path' in error && typeof error.path === 'string' ? `: ${error.path}` : ''
    const known = STORAGE_CODES[error.code]
    if (known !== undefined) return { code: 'STORAGE', message: known + path, action: t`Free space or choose a folder that can be written, then try again.` }
    if (error.code === 'ENOENT') return { code: 'NOT_FOUND', message: t`No such file or folder` + path, action: t`Check the path.` }
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    code: 'BUG',
    message: error instanceof Error ? error.message : String(error),
    action: t`This is a defect in Graft. Please report it with the technical part.`,
    detail,
  }
}

/** Ends a `switch` over a closed union; a missing case is a compile error. */
export function assertNever(value: never, what: string): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`)
}
