/** Turns what the file system throws into a failure that says which file, how much room it needs and what to do. */
import { GraftError, isCancellation } from '../../shared/domain/error'
import { systemCode } from './system-code'

export { systemCode }

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

function readableSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

/** A STORAGE failure for `path`, which needs `neededBytes` (0: not known); our own errors and cancellations pass through. */
export function toStorageError(error: unknown, path: string, neededBytes: number): unknown {
  if (error instanceof GraftError || isCancellation(error)) return error
  const code = systemCode(error)
  if (code === undefined) return error
  if (FULL.has(code)) {
    const why = code === 'EFBIG' ? 'the system allows no file of that size there' : code === 'EDQUOT' ? 'the disk quota is used up' : 'the disk is full'
    const needs = neededBytes === 0 ? 'needs more room' : `needs ${neededBytes} bytes (${readableSize(neededBytes)})`
    const free = `Free ${neededBytes === 0 ? 'space' : `at least ${readableSize(neededBytes)}`} on that disk, then try again.`
    return new GraftError('STORAGE', `${path} ${needs}, but ${why}. What was there before is unchanged.`, {
      action: code === 'EFBIG' ? 'Raise the limit on the size of files (ulimit -f), or choose a folder on another disk, then try again.' : free,
      ...(code === 'EFBIG' ? {} : { figures: { neededBytes } }),
      cause: error,
    })
  }
  return new GraftError('STORAGE', `${path} could not be written (${code}). What was there before is unchanged.`, {
    action: code === 'EIO' ? 'Check the disk, then try again.' : 'Choose a folder that can be written, then try again.',
    cause: error,
  })
}

/** A STORAGE failure for `path`, which is there but cannot be read; our own errors and cancellations pass through. */
export function toReadError(error: unknown, path: string): unknown {
  if (error instanceof GraftError || isCancellation(error)) return error
  const code = systemCode(error)
  if (code === undefined) return error
  const why = code === 'EIO' ? 'the disk reports an input/output error' : code === 'EACCES' || code === 'EPERM' ? `this user may not (${code})` : code
  return new GraftError('STORAGE', `${path} could not be read: ${why}.`, {
    action: code === 'EIO' ? 'Check the disk and its connection, then try again.' : code === 'EACCES' || code === 'EPERM' ? 'Change its permissions, or go on as the user whose it is.' : 'Try again.',
    cause: error,
  })
}

/** The bytes that a write lacked room for, 0 where they are not known; null where more room would not have helped. Of failures of other processes too. */
export function lackOfRoom(error: unknown): number | null {
  if (error instanceof GraftError) return error.code === 'STORAGE' ? (error.figures?.['neededBytes'] ?? null) : null
  const code = systemCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT' ? 0 : null
}
