/** Work that several ask for at once: begun for the first, told of to all, and ended early when all who asked have left. */
import { Cancelled } from '../../shared/domain/error'
import type { Report } from './progress-stream'

interface Work<Result> {
  readonly control: AbortController
  readonly result: Promise<Result>
  readonly listeners: Set<Report>
}

export class SharedWork<Key, Result> {
  private readonly working = new Map<Key, Work<Result>>()

  has(key: Key): boolean {
    return this.working.has(key)
  }

  /** Begins `work`, or joins what is at work under that key. Who asks after all have left begins anew. @throws Cancelled, and what `work` throws */
  async of(key: Key, work: (report: Report, signal: AbortSignal) => Promise<Result>, { report, signal }: { report: Report; signal: AbortSignal | undefined }): Promise<Result> {
    if (signal?.aborted === true) throw new Cancelled()
    const joined = this.working.get(key) ?? this.begin(key, work)
    // Each who asks counts, also where two have the same way of telling.
    const listener: Report = (...progress) => report(...progress)
    joined.listeners.add(listener)
    let leave = (): void => undefined
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new Cancelled())
    })
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([joined.result, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      joined.listeners.delete(listener)
      if (joined.listeners.size === 0) {
        this.forget(key, joined)
        joined.control.abort()
      }
    }
  }

  private begin(key: Key, work: (report: Report, signal: AbortSignal) => Promise<Result>): Work<Result> {
    const control = new AbortController()
    const listeners = new Set<Report>()
    const result = work((...progress) => {
      for (const listener of listeners) listener(...progress)
    }, control.signal)
    const begun = { control, result, listeners }
    this.working.set(key, begun)
    const end = (): void => this.forget(key, begun)
    result.then(end, end)
    return begun
  }

  private forget(key: Key, work: Work<Result>): void {
    if (this.working.get(key) === work) this.working.delete(key)
  }
}
