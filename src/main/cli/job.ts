/** A job of the trainer about a model: its progress on stderr, Ctrl-C ends it. */
import { Cancelled } from '../../shared/domain/error'
import { runModelJob, type ModelJob, type ModelJobKind } from '../services/model-jobs'
import { exitCodeOfSignal } from './exit-codes'
import { ExitWithCode } from './failure'
import { onInterrupt } from './interrupt'
import { createProgressLine } from './progress-line'
import { printable } from './format'
import { type Terminal, writeLine } from './terminal'

/** The job's result. @throws what the job failed with */
export async function runTrainerJob<Kind extends ModelJobKind>(terminal: Terminal, job: ModelJob<Kind>, options: { quiet: boolean }) {
  return followWork(terminal, options, (signal, show) => runModelJob<Kind>(job, { signal, onProgress: ({ message, done, total }) => show(message, done, total), onNote: (message) => writeLine(terminal.stderr, `note: ${printable(message)}`) }))
}

/** The same for work that is no single job. */
export async function followWork<T>(terminal: Terminal, options: { quiet: boolean }, work: (signal: AbortSignal, show: (message: string, done: number, total: number) => void) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const progress = createProgressLine(terminal, options)
  const interrupt = onInterrupt(terminal, {
    message: 'Ending.',
    stop: () => controller.abort(new Cancelled()),
    // The trainer is killed with this process.
    kill() {},
  })
  try {
    return await work(controller.signal, (message, done, total) => progress.show(message, done, total))
  } catch (error) {
    const signal = interrupt.signal()
    if (signal !== null) throw new ExitWithCode(exitCodeOfSignal(signal))
    throw error
  } finally {
    interrupt.release()
    progress.close()
  }
}
