/** Shows a run that works in this process until it ends, and turns its end into the program's. */
import { toFailure, type Failure } from '../../shared/domain/error'
import type { SequencedRunEvent } from '../../shared/domain/run'
import type { Studio } from '../services/studio'
import { exitCodeOf, exitCodeOfSignal, EXIT_FAILED } from './exit-codes'
import { ExitWithCode, sayFailure } from './failure'
import { onInterrupt } from './interrupt'
import { createRunReporter } from './reporters/reporter'
import { writeLine, type Terminal } from './terminal'

export interface FollowedRun {
  events: AsyncIterable<SequencedRunEvent>
  /** What the Stop button does. */
  stop: () => Promise<unknown>
  /** Ends the trainer now. */
  killSync: () => void
  logDirectory: () => string
}

/** A run of this process, by its services. */
export function followedRun(studio: Studio, at: { runId: string; since: number }, logDirectory: () => string): FollowedRun {
  const { runId } = at
  return { events: studio.runs.events(at), stop: () => studio.runs.stop({ runId }), killSync: () => studio.runs.killSync(runId), logDirectory }
}

/**
 * Resolves when the run has ended well.
 * @throws ExitWithCode where it was stopped by Ctrl-C or failed; what happened has been said then
 */
export async function followRun(terminal: Terminal, run: FollowedRun, options: { json: boolean }): Promise<void> {
  const reporter = createRunReporter(terminal, options)
  let failure: Failure | null = null
  let isDone = false
  const stopFailures: unknown[] = []
  const interrupt = onInterrupt(terminal, {
    message: 'Stopping after the step at hand; the best checkpoint is kept and evaluated. Ctrl-C again ends it now.',
    stop: () => {
      run.stop().catch((error: unknown) => stopFailures.push(error))
    },
    // graft resume goes on from the latest checkpoint.
    kill: () => {
      reporter.close()
      run.killSync()
    },
  })
  try {
    for await (const { event } of run.events) {
      reporter.onEvent(event)
      if (event.event === 'error') failure = event.failure
      if (event.event === 'done') isDone = true
    }
  } finally {
    reporter.close()
    interrupt.release()
  }
  const signal = interrupt.signal()
  if (failure !== null) {
    sayFailure(failure, { terminal, logDirectory: run.logDirectory })
    throw new ExitWithCode(exitCodeOf(failure.code))
  }
  // Where the run could not be asked to stop, because it had just ended, its own end is what counts.
  for (const error of stopFailures) writeLine(terminal.stderr, toFailure(error).message)
  if (signal !== null) throw new ExitWithCode(exitCodeOfSignal(signal))
  if (!isDone) {
    writeLine(terminal.stderr, 'The run ended without a result. graft resume goes on with it.')
    throw new ExitWithCode(EXIT_FAILED)
  }
}
