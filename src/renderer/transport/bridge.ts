/** The desktop door: a message port that the preload hands over. */
import { RPCLink } from '@orpc/client/message-port'
import { clientOver, SwitchingLink, type CloseAnswer, type Connection } from './connection'

/** What the preload exposes as `window.graft`. */
export interface GraftBridge {
  door: 'desktop'
  onPort(callback: (port: MessagePort) => void): void
  pathForFile(file: File): string
  onCloseRequested?(callback: () => void): void
  answerClose?(answer: CloseAnswer): void
}

declare global {
  interface Window {
    graft?: GraftBridge
  }
}

/** Speaks over the preload's port; a new port (the main process loaded the window again) replaces the old one. */
export function connectBridge(bridge: GraftBridge): Connection {
  const link = new SwitchingLink()
  bridge.onPort((port) => {
    port.start()
    link.use(new RPCLink({ port }))
  })
  return {
    door: 'desktop',
    client: clientOver(link),
    link,
    retryNow: () => undefined,
    pathForFile: (file) => bridge.pathForFile(file),
    putFile: null,
    onCloseRequested: bridge.onCloseRequested === undefined ? null : (callback) => bridge.onCloseRequested?.(callback),
    answerClose: bridge.answerClose === undefined ? null : (answer) => bridge.answerClose?.(answer),
  }
}
