/** The contract over a WebSocket, guarded: frames that are not ours close the socket, and one that does not read is let go. */
import { RPCHandler } from '@orpc/server/ws'
import type { AnyRouter } from '@orpc/server'
import type { WebSocket } from 'ws'

/** Messages of the contract are small; pictures and uploads go another way. */
export const MAXIMUM_MESSAGE_BYTES = 256 * 1024
/** What may wait for a client that does not read, before the socket is closed. It comes back and asks for what it missed. */
const MAXIMUM_WAITING_BYTES = 32 * 1024 * 1024
export const PING_INTERVAL_MS = 30_000
const SILENCE_MS = 90_000

const CLOSE_INVALID = 1007
const CLOSE_TRY_AGAIN = 1013

export interface SocketRegistry {
  /** Serves the contract on a socket whose upgrade was allowed. */
  accept(socket: WebSocket): void
  /** Pings every socket and lets go of the silent ones. */
  beat(nowMs: number): void
  size(): number
}

export function createSocketRegistry(router: AnyRouter): SocketRegistry {
  const handler = new RPCHandler(router)
  const heardAtMs = new Map<WebSocket, number>()

  return {
    accept(socket) {
      const heard = () => heardAtMs.set(socket, performance.now())
      heard()
      socket.on('pong', heard)
      socket.on('close', () => heardAtMs.delete(socket))
      // A broken frame: ws closes the socket itself; without a listener the process would end.
      socket.on('error', () => undefined)
      void handler.upgrade(guarded(socket, heard), { context: {} })
    },
    beat(nowMs) {
      for (const [socket, atMs] of heardAtMs) {
        if (nowMs - atMs > SILENCE_MS) socket.terminate()
        else socket.ping()
      }
    },
    size: () => heardAtMs.size,
  }
}

type HandlerSocket = Pick<WebSocket, 'addEventListener' | 'send'>

/** The socket as the handler sees it: only whole JSON texts get through. */
function guarded(socket: WebSocket, heard: () => void): HandlerSocket {
  const send = (data: Parameters<WebSocket['send']>[0]) => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > MAXIMUM_WAITING_BYTES) socket.close(CLOSE_TRY_AGAIN, 'too slow')
    else socket.send(data)
  }
  const addEventListener = (type: string, listener: (event: { data: unknown }) => void) => {
    if (type !== 'message') {
      socket.addEventListener(type as 'close', listener as never)
      return
    }
    socket.on('message', (data, isBinary) => {
      heard()
      const text = isBinary ? null : (Buffer.isBuffer(data) ? data : Buffer.concat(data as Buffer[])).toString('utf8')
      if (text === null || !isJson(text)) socket.close(CLOSE_INVALID, 'not a call of the studio')
      else listener({ data: text })
    })
  }
  return { send, addEventListener } as HandlerSocket
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false // what is not JSON is not ours
  }
}
