/** What the studio knows of its host: a typed client, whether it is reached, and how files get there. */
import { createORPCClient, type ClientLink } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { Cancelled } from '../../shared/domain/error'
import type { Contract } from '../../shared/contract/contract'

export type Client = ContractRouterClient<Contract>
export type Door = 'desktop' | 'served'
export type CloseAnswer = 'background' | 'stop' | 'stay'

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'online' }
  /** `retryAtMs` is a `Date.now()` time; `attempts` counts failures in a row. */
  | { kind: 'away'; retryAtMs: number; attempts: number }

export interface UploadOptions {
  signal: AbortSignal
  /** Called with the bytes of this file that have left so far. */
  onSent: (sentBytes: number) => void
}

export interface Connection {
  readonly door: Door
  readonly client: Client
  readonly link: SwitchingLink
  retryNow(): void
  /** Absolute path of a dropped file or folder; desktop only. */
  pathForFile: ((file: File) => string) | null
  /** Sends one file of an upload; browser door only. */
  putFile: ((uploadId: string, relativePath: string, file: File, options: UploadOptions) => Promise<void>) | null
  /** Lets the window's own close button ask first; desktop only. */
  onCloseRequested: ((callback: () => void) => void) | null
  answerClose: ((answer: CloseAnswer) => void) | null
}

/**
 * A link whose other end may go away and come back. Calls made meanwhile wait; calls in flight when it goes are rejected by the
 * link itself, and whoever made them decides whether they may be made again.
 */
export class SwitchingLink implements ClientLink<Record<never, never>> {
  #link: ClientLink<Record<never, never>> | null = null
  #state: ConnectionState = { kind: 'connecting' }
  readonly #listeners = new Set<(state: ConnectionState) => void>()

  get state(): ConnectionState {
    return this.#state
  }

  subscribe(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  use(link: ClientLink<Record<never, never>>): void {
    this.#link = link
    this.#change({ kind: 'online' })
  }

  lose(retryAtMs: number, attempts: number): void {
    this.#link = null
    this.#change({ kind: 'away', retryAtMs, attempts })
  }

  /** Resolves at once when online, else when it is again. Rejects with `Cancelled` when the signal aborts. */
  async whenOnline(signal?: AbortSignal): Promise<void> {
    if (this.#link !== null) return
    await new Promise<void>((resolve, reject) => {
      const finish = (): void => {
        unsubscribe()
        signal?.removeEventListener('abort', abort)
      }
      const abort = (): void => {
        finish()
        reject(new Cancelled())
      }
      const unsubscribe = this.subscribe((state) => {
        if (state.kind !== 'online') return
        finish()
        resolve()
      })
      signal?.addEventListener('abort', abort)
      if (signal?.aborted === true) abort()
    })
  }

  call: ClientLink<Record<never, never>>['call'] = async (path, input, options) => {
    await this.whenOnline(options.signal)
    if (this.#link === null) throw new Cancelled()
    return this.#link.call(path, input, options)
  }

  #change(state: ConnectionState): void {
    this.#state = state
    for (const listener of [...this.#listeners]) listener(state)
  }
}

export function clientOver(link: SwitchingLink): Client {
  return createORPCClient<Client>(link)
}
