/** What the studio knows of its host: a typed client, whether it is reached, and how files get there. */
import { t } from '@lingui/core/macro'
import { createORPCClient, ORPCError, type ClientLink } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { Cancelled, GraftError } from '../../shared/domain/error'
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
  /** Tells of paths that the system asked to be opened; desktop only. */
  onOpenRequested: ((callback: (path: string) => void) => void) | null
  /** Tells of commands that were chosen from the menu, by the ids of the command palette; desktop only. */
  onCommand: ((callback: (id: string) => void) => void) | null
}

/** The other end went away while a call was under way. Whether the call had its effect is not known. */
export class ConnectionLost extends GraftError {
  constructor(cause: unknown) {
    super('CRASHED', t`The connection to Graft broke while it was answering.`, {
      action: t`Wait until the connection is back, then try again.`,
      detail: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
      cause,
    })
    this.name = 'ConnectionLost'
  }
}

/**
 * A call that broke rejects as if it had been cancelled. Where nobody cancelled it, the connection was lost, and that is to be
 * said; answers of the other end and cancellations pass unchanged.
 */
export function asLost(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true || error instanceof ORPCError || error instanceof GraftError || error instanceof Cancelled) return error
  return new ConnectionLost(error)
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
    if (this.#link === null) throw new ConnectionLost(t`It went away again at once.`)
    try {
      return await this.#link.call(path, input, options)
    } catch (error) {
      throw asLost(error, options.signal)
    }
  }

  #change(state: ConnectionState): void {
    this.#state = state
    for (const listener of [...this.#listeners]) listener(state)
  }
}

export function clientOver(link: SwitchingLink): Client {
  return createORPCClient<Client>(link)
}
