/** Closing the window while a run is live asks first: go on in the background, stop and keep the best, or stay. */
import type { CloseAnswer } from './channels'

export interface CloseGuardOptions {
  /** Runs at work in this process, waiting and paused ones too. */
  liveCount(): number
  /** Asks the person; false where the studio's page cannot (it is loading, has crashed, or hangs). */
  askInPage(): boolean
  /** The same question in the system's own dialog. */
  askNatively(): Promise<CloseAnswer>
  /** Stops live runs, keeping the best of each. */
  stopRuns(): Promise<void>
  show(): void
  /** Hides the window, and leaves a sign of the program that brings it back. */
  goToBackground(): void
  /** Closes the window, which ends the program. */
  close(): void
}

type GuardState = 'open' | 'asking' | 'stopping' | 'closing'

export class CloseGuard {
  private state: GuardState = 'open'

  constructor(private readonly options: CloseGuardOptions) {}

  /** For the window's `close` event, however it came: the button, the menu, the tray. */
  onClose(event: { preventDefault(): void }): void {
    if (this.state === 'closing') return
    if (this.state !== 'stopping' && this.options.liveCount() === 0) {
      this.state = 'closing'
      return
    }
    event.preventDefault()
    if (this.state === 'stopping') return
    this.state = 'asking'
    this.options.show()
    this.ask()
  }

  /** The studio's dialog was answered. Answers that nobody asked for are passed over. */
  answer(answer: CloseAnswer): void {
    if (this.state !== 'asking') return
    switch (answer) {
      case 'stay':
        this.state = 'open'
        return
      case 'background':
        this.state = 'open'
        this.options.goToBackground()
        return
      case 'stop':
        void this.stopAndClose()
        return
    }
  }

  /** The page that was asked has gone or hangs: the system's dialog asks in its place. */
  onPageLost(): void {
    if (this.state === 'asking') this.ask()
  }

  /** Ends without asking, as Ctrl-C does on the command line: runs keep their best. */
  async stopAndClose(): Promise<void> {
    if (this.state === 'stopping' || this.state === 'closing') return
    this.state = 'stopping'
    try {
      await this.options.stopRuns()
    } finally {
      this.state = 'closing'
      this.options.close()
    }
  }

  private ask(): void {
    if (this.options.askInPage()) return
    void this.options.askNatively().then((answer) => this.answer(answer), () => this.answer('stay'))
  }
}
