/** Ctrl-C: once asks the work to stop as the studio's Stop button does, twice ends it now. */
import { exitCodeOfSignal } from './exit-codes'
import { writeLine, type Terminal } from './terminal'

export interface Interruptible {
  /** What the first Ctrl-C does, and the sentence that is said about it. */
  stop: () => void
  message: string
  /** What the second does before the process ends: the trainer must not outlive it. */
  kill: () => void
}

export interface Interrupt {
  /** The signal that came, or null. */
  signal(): NodeJS.Signals | null
  /** Gives Ctrl-C back to the system. */
  release(): void
}

export function onInterrupt(terminal: Terminal, work: Interruptible): Interrupt {
  let first: NodeJS.Signals | null = null
  const release = terminal.onSignal((signal) => {
    if (first === null) {
      first = signal
      writeLine(terminal.stderr, `\n${work.message}`)
      work.stop()
      return
    }
    work.kill()
    terminal.exit(exitCodeOfSignal(first))
  })
  return { signal: () => first, release }
}
