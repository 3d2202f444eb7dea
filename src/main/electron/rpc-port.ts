/** The contract over a message port between the window and the main process. */
import { RPCHandler } from '@orpc/server/message-port'
import type { AnyRouter } from '@orpc/server'
import { ipcMain, MessageChannelMain } from 'electron'
import type { WebContents } from 'electron'
import { PORT_CHANNEL } from './channels'
import { isFromStudio } from './sender'

/** Calls are small; what is larger does not come from our page. In characters. */
export const MAXIMUM_MESSAGE_LENGTH = 256 * 1024

/** The part of `MessagePortMain` that is used. */
export interface MainPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  postMessage(message: unknown): void
  start(): void
  close(): void
}

/**
 * Serves the contract on a port until it closes; then all streams of the other side are cancelled. A message that is no call
 * closes the port.
 */
export function servePort(handler: Pick<RPCHandler<Record<never, never>>, 'upgrade'>, port: MainPort): void {
  handler.upgrade(
    {
      on(event: string, listener: (event?: { data: unknown }) => void) {
        if (event === 'close') port.on('close', () => listener())
        if (event !== 'message') return
        port.on('message', ({ data }) => {
          if (isCall(data)) listener({ data })
          else port.close()
        })
      },
      postMessage: (message: unknown) => port.postMessage(message),
    },
    { context: {} },
  )
  // Messages wait until here, so that none is lost before someone listens.
  port.start()
}

function isCall(data: unknown): boolean {
  if (typeof data !== 'string' || data.length > MAXIMUM_MESSAGE_LENGTH) return false
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null
  } catch {
    return false // what is not JSON is not ours
  }
}

/** Gives a port to the studio's page whenever it asks for one; a page that was loaded again gets a new one, and its old one ends. */
export function givePorts(router: AnyRouter, contents: () => WebContents | null): void {
  const handler = new RPCHandler<Record<never, never>>(router)
  let current: MainPort | null = null
  ipcMain.on(PORT_CHANNEL, (event) => {
    if (!isFromStudio(event, contents())) return
    current?.close()
    const { port1, port2 } = new MessageChannelMain()
    current = port1
    servePort(handler, port1)
    event.senderFrame?.postMessage(PORT_CHANNEL, null, [port2])
  })
}
