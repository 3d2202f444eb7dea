/** What the parent has asked of the training at hand: pause, go on, stop. */
import type { JobContext } from './jobs/context'

export class Control {
  isPaused = false
  stopRequested = false
  private readonly abort = new AbortController()
  private waiting: (() => void)[] = []

  get signal(): AbortSignal {
    return this.abort.signal
  }

  pause(): void {
    this.isPaused = true
    this.wake()
  }

  unpause(): void {
    this.isPaused = false
    this.wake()
  }

  stop(): void {
    this.stopRequested = true
    this.abort.abort()
    this.wake()
  }

  /** Resolves at the next change. */
  change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}

export type ControlView = JobContext['control']
