/** Follows a stream of progress to its result. */
import { GraftError } from '../../shared/domain/error'
import type { Failure } from '../../shared/domain/error'
import { Cancelled } from '../../shared/domain/error'
import { exitCodeOfSignal } from './exit-codes'
import { ExitWithCode } from './failure'
import { onInterrupt } from './interrupt'
import { createProgressLine, type DescribeProgress } from './progress-line'
import type { Terminal } from './terminal'

export type ProgressItem<Result> =
  | { kind: 'progress'; message: string; done: number; total: number }
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; failure: Failure }

/**
 * The result that the stream ends with. Ctrl-C cancels it.
 * @throws GraftError as the stream's failure says
 */
export async function finishStream<Result>(
  terminal: Terminal,
  options: { quiet: boolean; describe?: DescribeProgress },
  open: (signal: AbortSignal) => AsyncIterable<ProgressItem<Result>> | Promise<AsyncIterable<ProgressItem<Result>>>,
): Promise<Result> {
  const controller = new AbortController()
  const progress = createProgressLine(terminal, options)
  const interrupt = onInterrupt(terminal, { message: 'Ending.', stop: () => controller.abort(new Cancelled()), kill() {} })
  try {
    for await (const item of await open(controller.signal)) {
      if (item.kind === 'progress') progress.show(item.message, item.done, item.total)
      else if (item.kind === 'done') return item.result
      else throw GraftError.fromFailure(item.failure)
    }
  } catch (error) {
    const signal = interrupt.signal()
    if (signal !== null) throw new ExitWithCode(exitCodeOfSignal(signal))
    throw error
  } finally {
    interrupt.release()
    progress.close()
  }
  throw new Error('A stream ended without a result')
}
