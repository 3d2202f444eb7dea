/** What the death of the trainer means, for the person at the screen. */
import { readFileSync } from 'node:fs'
import { GraftError } from '../../shared/domain/error'

const RESUME = 'Resume goes on from the last epoch.'
const SMALLER = 'Close other programs or choose a smaller batch size, then resume: it goes on from the last epoch.'

/** Times the system has ended a process for want of memory since it started; null where it does not tell. Linux only. */
export function outOfMemoryKillsSync(): number | null {
  try {
    const line = readFileSync('/proc/vmstat', 'utf8')
      .split('\n')
      .find((text) => text.startsWith('oom_kill '))
    return line === undefined ? null : Number(line.slice('oom_kill '.length))
  } catch {
    return null
  }
}

export interface TrainerEnd {
  code: number | null
  signal: NodeJS.Signals | null
  /** Last lines of its error output. */
  errorOutput: string
  /** Of `outOfMemoryKillsSync`, before and after; null where unknown. */
  outOfMemoryKills: { before: number | null; after: number | null }
  /** Little memory was left shortly before. */
  wasMemoryTight?: boolean
}

/** The error for a trainer that ended without a result. */
export function crashReason(end: TrainerEnd): GraftError {
  const detail = [end.signal === null ? `exit code ${String(end.code)}` : `signal ${end.signal}`, end.errorOutput].filter((part) => part !== '').join('\n')
  const crashed = (message: string, action = RESUME): GraftError => new GraftError('CRASHED', message, { action, detail })
  const outOfMemory = (message: string): GraftError => new GraftError('OUT_OF_MEMORY', message, { action: SMALLER, detail })
  // V8 ends with this line and nothing else that tells; TensorFlow's allocator ends by std::bad_alloc.
  if (/heap out of memory|std::bad_alloc/.test(end.errorOutput)) return outOfMemory('The trainer ran out of memory.')
  const isNative = end.signal === 'SIGKILL' || end.signal === 'SIGABRT' || end.signal === 'SIGSEGV' || end.signal === 'SIGBUS' || end.code === 134 || end.code === 137 || end.code === 139
  if (isNative && end.wasMemoryTight === true) return outOfMemory('The trainer ended when hardly any memory was left.')
  switch (end.signal) {
    case 'SIGKILL': {
      const { before, after } = end.outOfMemoryKills
      if (before !== null && after !== null && after > before) return outOfMemory('The system ended the trainer because memory ran out.')
      return crashed('The trainer was killed: by someone, or by the system because memory ran out.', SMALLER)
    }
    case 'SIGABRT':
      return crashed('The trainer aborted: TensorFlow found a state that it cannot go on from.')
    case 'SIGSEGV':
    case 'SIGBUS':
      return crashed('The trainer crashed in native code (it touched memory that is not its own).')
    case 'SIGILL':
      return crashed('The trainer used an instruction that this processor does not have.', 'graft doctor shows the engine in use; try another with --engine.')
    case 'SIGFPE':
      return crashed('The trainer crashed in native code (an impossible division).')
    case null:
      break
    default:
      return crashed(`The trainer was ended by the signal ${end.signal}.`)
  }
  // Windows and shells give signals as numbers: 128 + 6, 128 + 9, access violation.
  if (end.code === 134) return crashed('The trainer aborted: TensorFlow found a state that it cannot go on from.')
  if (end.code === 137) return crashed('The trainer was killed: by someone, or by the system because memory ran out.', SMALLER)
  if (end.code === 139 || end.code === 0xc0000005) return crashed('The trainer crashed in native code (it touched memory that is not its own).')
  if (end.code === 0) return crashed('The trainer ended without a result.')
  return crashed(`The trainer ended with the exit code ${String(end.code)}.`)
}
