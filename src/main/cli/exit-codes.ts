/** What the program's exit code says. The table is printed by `graft --help` and kept in docs/cli.md. */
import type { ErrorCode } from '../../shared/domain/error'

export const EXIT_OK = 0
export const EXIT_FAILED = 1
export const EXIT_USAGE = 2
export const EXIT_NOT_FOUND = 3
/** A run that was to come out equal did not. */
export const EXIT_DIFFERENT = 4
/** 128 + the signal's number, as shells have it. */
export const EXIT_INTERRUPTED = 130
export const EXIT_TERMINATED = 143

export const EXIT_CODES: readonly { code: number; meaning: string }[] = [
  { code: EXIT_OK, meaning: 'done' },
  { code: EXIT_FAILED, meaning: 'the work failed: out of memory, a disk that cannot be written, a download failed, the trainer died, a check did not hold, a defect' },
  { code: EXIT_USAGE, meaning: 'an option, a configuration or the data is not what was expected; nothing was started' },
  { code: EXIT_NOT_FOUND, meaning: 'something that was named does not exist, exists already or is in use' },
  { code: EXIT_DIFFERENT, meaning: 'graft reproduce: the run came out different' },
  { code: EXIT_INTERRUPTED, meaning: 'ended by Ctrl-C; after the first one the best checkpoint is kept and evaluated' },
  { code: EXIT_TERMINATED, meaning: 'ended by SIGTERM, in the same way' },
]

const CODE_OF_ERROR: Readonly<Record<ErrorCode, number>> = {
  BAD_INPUT: EXIT_USAGE,
  UNREADABLE: EXIT_USAGE,
  REFUSED: EXIT_USAGE,
  UNSUPPORTED: EXIT_USAGE,
  NOT_FOUND: EXIT_NOT_FOUND,
  CONFLICT: EXIT_NOT_FOUND,
  STORAGE: EXIT_FAILED,
  NETWORK: EXIT_FAILED,
  OUT_OF_MEMORY: EXIT_FAILED,
  DIVERGED: EXIT_FAILED,
  MISMATCH: EXIT_FAILED,
  CRASHED: EXIT_FAILED,
  BUG: EXIT_FAILED,
}

/** The exit code of a failure that ended the program. */
export function exitCodeOf(code: ErrorCode): number {
  return CODE_OF_ERROR[code]
}

/** The exit code of a signal that ended the work. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return signal === 'SIGTERM' ? EXIT_TERMINATED : EXIT_INTERRUPTED
}
