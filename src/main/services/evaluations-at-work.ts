/** Evaluations that are being computed. Several screens ask for the same one at once, and each that is computed is a TensorFlow of its own. */
import { Cancelled } from '../../shared/domain/error'
import type { Evaluation } from '../../shared/domain/metrics'
import type { Report } from './progress-stream'

interface Work {
  readonly control: AbortController
  readonly result: Promise<Evaluation>
  readonly listeners: Set<Report>
}

export class EvaluationsAtWork {
  private readonly working = new Map<string, Work>()
  /** The end of the last evaluation of each run's folder. */
  private readonly turns = new Map<string, Promise<unknown>>()

  /**
   * Begins the evaluation once no other of the run is computed, or joins the one that is asked for already; it ends early when all who asked have left.
   * @param what tells it from others of the run
   * @throws Cancelled
   */
  async of(
    { directory, what }: { directory: string; what: string },
    evaluate: (report: Report, signal: AbortSignal) => Promise<Evaluation>,
    { report, signal }: { report: Report; signal: AbortSignal | undefined },
  ): Promise<Evaluation> {
    if (signal?.aborted === true) throw new Cancelled()
    const key = `${directory}\n${what}`
    if (!this.working.has(key) && this.turns.has(directory)) report(0, 0, 'Waiting for other pictures of the run to be measured')
    const work = this.working.get(key) ?? this.begin(key, directory, evaluate)
    // Each who asks counts, also where two have the same way of telling.
    const listener: Report = (...progress) => report(...progress)
    work.listeners.add(listener)
    let leave = (): void => undefined
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new Cancelled())
    })
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([work.result, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      work.listeners.delete(listener)
      if (work.listeners.size === 0) this.end(key, work)
    }
  }

  private begin(key: string, directory: string, evaluate: (report: Report, signal: AbortSignal) => Promise<Evaluation>): Work {
    const control = new AbortController()
    const listeners = new Set<Report>()
    const report: Report = (...progress) => {
      for (const listener of listeners) listener(...progress)
    }
    const before = this.turns.get(directory) ?? Promise.resolve()
    const result = before.then(() => {
      if (control.signal.aborted) throw new Cancelled()
      return evaluate(report, control.signal)
    })
    const turn = result.then(
      () => undefined,
      () => undefined,
    )
    this.turns.set(directory, turn)
    const work = { control, result, listeners }
    this.working.set(key, work)
    void turn.then(() => {
      this.forget(key, work)
      if (this.turns.get(directory) === turn) this.turns.delete(directory)
    })
    return work
  }

  /** Who asks from now on begins anew. */
  private end(key: string, work: Work): void {
    this.forget(key, work)
    work.control.abort()
  }

  private forget(key: string, work: Work): void {
    if (this.working.get(key) === work) this.working.delete(key)
  }
}
