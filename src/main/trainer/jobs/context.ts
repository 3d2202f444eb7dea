/** What a job may use of the process it runs in. */
import type { RunEvent, SequencedRunEvent } from '../../../shared/domain/run'
import type { SoFar } from '../../../shared/domain/system'

export interface JobContext {
  /** Sends an event as it is; the train job numbers it and keeps the durable ones. */
  sendEvent(event: SequencedRunEvent): void
  /** `soFar`: what it has found already. */
  progress(message: string, done: number, total: number, soFar?: SoFar): void
  /** Tells the person something although the work goes on. */
  note(message: string): void
  /** What the parent has asked of training. */
  readonly control: { readonly isPaused: boolean; readonly stopRequested: boolean; readonly signal: AbortSignal }
}

/** Lets messages of the parent be heard. Runs of the graph block this process, so every step gives way once. */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Numbers a stream of events: durable ones are kept by `keep`, passing ones repeat the last number and are sent only. */
export class EventStream {
  /** `last`: the number of the newest durable event so far; −1 where there is none. */
  constructor(
    private readonly send: (event: SequencedRunEvent) => void,
    private readonly keep: (event: RunEvent) => Promise<SequencedRunEvent>,
    private last: number,
  ) {}

  async durable(event: RunEvent): Promise<void> {
    const kept = await this.keep(event)
    this.last = kept.sequence
    this.send(kept)
  }

  passing(event: RunEvent): void {
    this.send({ sequence: Math.max(this.last, 0), at: new Date().toISOString(), event })
  }
}
