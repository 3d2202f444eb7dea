/** Evaluations that are being computed. Several screens ask for the same one at once, and each that is computed is a TensorFlow of its own. */
import { Cancelled } from '../../shared/domain/error'
import type { Evaluation } from '../../shared/domain/metrics'
import type { Report } from './progress-stream'
import { SharedWork } from './shared-work'

export class EvaluationsAtWork {
  private readonly working = new SharedWork<string, Evaluation>()
  /** The end of the last evaluation of each run's folder. */
  private readonly turns = new Map<string, Promise<unknown>>()

  /**
   * Begins the evaluation once no other of the run is computed, or joins the one that is asked for already; it ends early when all who asked have left.
   * @param what tells it from others of the run
   * @throws Cancelled
   */
  of(
    { directory, what }: { directory: string; what: string },
    evaluate: (report: Report, signal: AbortSignal) => Promise<Evaluation>,
    asking: { report: Report; signal: AbortSignal | undefined },
  ): Promise<Evaluation> {
    const key = `${directory}\n${what}`
    if (!this.working.has(key) && this.turns.has(directory)) asking.report(0, 0, 'Waiting for other pictures of the run to be measured')
    return this.working.of(key, (report, signal) => this.inTurn(directory, signal, () => evaluate(report, signal)), asking)
  }

  private inTurn(directory: string, signal: AbortSignal, evaluate: () => Promise<Evaluation>): Promise<Evaluation> {
    const before = this.turns.get(directory) ?? Promise.resolve()
    const result = before.then(() => {
      if (signal.aborted) throw new Cancelled()
      return evaluate()
    })
    const turn = result.then(
      () => undefined,
      () => undefined,
    )
    this.turns.set(directory, turn)
    void turn.then(() => {
      if (this.turns.get(directory) === turn) this.turns.delete(directory)
    })
    return result
  }
}
