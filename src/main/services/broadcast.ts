/** One sender, any number of readers, each at its own pace. */

export interface BroadcastOptions<T> {
  /** True where a newer value makes one that was not read yet superfluous: a slow reader then gets only the newer. */
  replaces?: (waiting: T, newer: T) => boolean
}

export class Broadcast<T> {
  private readonly readers = new Set<Reader<T>>()
  private closed = false

  constructor(private readonly options: BroadcastOptions<T> = {}) {}

  publish(value: T): void {
    for (const reader of this.readers) reader.push(value)
  }

  /** Readers get what they have not read yet, then end. */
  close(): void {
    this.closed = true
    for (const reader of this.readers) reader.end()
  }

  /** Hears everything published from this call on (not from the first reading on). Ends when closed or aborted. */
  subscribe(signal?: AbortSignal): AsyncGenerator<T, void, void> {
    const reader = new Reader<T>(this.options.replaces)
    this.readers.add(reader)
    if (this.closed) reader.end()
    const stop = (): void => reader.end()
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    return reader.read(() => {
      signal?.removeEventListener('abort', stop)
      this.readers.delete(reader)
    })
  }
}

class Reader<T> {
  private readonly waiting: T[] = []
  private ended = false
  private wake: (() => void) | null = null

  constructor(private readonly replaces: ((waiting: T, newer: T) => boolean) | undefined) {}

  push(value: T): void {
    const last = this.waiting.at(-1)
    if (last !== undefined && this.replaces?.(last, value) === true) this.waiting.pop()
    this.waiting.push(value)
    this.wake?.()
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  async *read(release: () => void): AsyncGenerator<T, void, void> {
    try {
      for (;;) {
        const value = this.waiting.shift()
        if (value !== undefined) {
          yield value
          continue
        }
        if (this.ended) return
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
        this.wake = null
      }
    } finally {
      release()
    }
  }
}
