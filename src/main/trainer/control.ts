/** What the parent has asked of the training at hand: pause, go on, stop. */
import type { JobContext } from './jobs/context'

export class Control {
  isPaused = false
  stopRequested = false
  private readonly abort = new AbortController()

  get signal(): AbortSignal {
    return this.abort.signal
  }

  pause(): void {
    this.isPaused = true
  }

  unpause(): void {
    this.isPaused = false
  }

  stop(): void {
    this.stopRequested = true
    this.abort.abort()
  }
}

export type ControlView = JobContext['control']
