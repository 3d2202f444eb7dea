/** The desktop door: a message port that the preload hands over. */
import { RPCLink } from '@orpc/client/message-port'
import { clientOver, SwitchingLink, type CloseAnswer, type Connection } from './connection'

/** The message that brings a port; the preload sends it by this name. */
const PORT_MESSAGE = 'graft:port'

/** What the preload exposes as `window.graft`. */
export interface GraftBridge {
  door: 'desktop'
  /** Asks for a port. The callback is called right before each port comes, as a message of this window: ports cannot pass the bridge. */
  onPort(callback: () => void): void
  pathForFile(file: File): string
  onCloseRequested?(callback: () => void): void
  answerClose?(answer: CloseAnswer): void
  onOpenRequested?(callback: (path: string) => void): void
  onCommand?(callback: (id: string) => void): void
}

declare global {
  interface Window {
    graft?: GraftBridge
  }
}

/** Speaks over the preload's port; a new port (the main process loaded the window again) replaces the old one. */
export function connectBridge(bridge: GraftBridge): Connection {
  const link = new SwitchingLink()
  let announced = 0
  // Listening begins before the port is asked for. Only the preload can announce one, and only this window can post it.
  window.addEventListener('message', (event) => {
    const [port] = event.ports
    if (event.source !== window || event.data !== PORT_MESSAGE || port === undefined || announced === 0) return
    announced -= 1
    link.use(new RPCLink({ port }))
    port.start()
  })
  bridge.onPort(() => {
    announced += 1
  })
  return {
    door: 'desktop',
    client: clientOver(link),
    link,
    retryNow: () => undefined,
    pathForFile: (file) => bridge.pathForFile(file),
    putFile: null,
    onCloseRequested: bridge.onCloseRequested === undefined ? null : (callback) => bridge.onCloseRequested?.(callback),
    onOpenRequested: bridge.onOpenRequested === undefined ? null : (callback) => bridge.onOpenRequested?.(callback),
    onCommand: bridge.onCommand === undefined ? null : (callback) => bridge.onCommand?.(callback),
    answerClose: bridge.answerClose === undefined ? null : (answer) => bridge.answerClose?.(answer),
  }
}
