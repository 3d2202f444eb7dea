/**
 * What the studio's page gets of the desktop: seven members, none of them Electron's own.
 * Security checklist: do not expose Electron's functions to the page (no `ipcRenderer`, no channel names from outside).
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { CLOSE_ANSWER_CHANNEL, CLOSE_LISTENING_CHANNEL, CLOSE_REQUESTED_CHANNEL, COMMAND_CHANNEL, OPEN_LISTENING_CHANNEL, OPEN_REQUESTED_CHANNEL, PORT_CHANNEL } from './channels'

/** The part of the page's window that is used here; the rest of the main process is compiled without the browser's types. */
declare const window: {
  location: { origin: string }
  postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void
}

let tellOfPort: (() => void) | null = null

// Ports cannot pass the bridge, so they go to the page as a message of its own window, and to no other origin than its own.
ipcRenderer.on(PORT_CHANNEL, (event) => {
  tellOfPort?.()
  window.postMessage(PORT_CHANNEL, window.location.origin, event.ports)
})

contextBridge.exposeInMainWorld('graft', {
  door: 'desktop',
  /** Asks for a port. `callback` is called right before each port comes, as a message of the page's own window. */
  onPort(callback: () => void): void {
    tellOfPort = () => callback()
    ipcRenderer.send(PORT_CHANNEL)
  },
  pathForFile: (file: Parameters<typeof webUtils.getPathForFile>[0]): string => webUtils.getPathForFile(file),
  onCloseRequested(callback: () => void): void {
    // The event, through which Electron could be reached, is not passed on.
    ipcRenderer.on(CLOSE_REQUESTED_CHANNEL, () => callback())
    ipcRenderer.send(CLOSE_LISTENING_CHANNEL)
  },
  /** `callback` gets a path that the system asked to be opened. */
  onOpenRequested(callback: (path: string) => void): void {
    ipcRenderer.on(OPEN_REQUESTED_CHANNEL, (_event, path: unknown) => callback(String(path)))
    ipcRenderer.send(OPEN_LISTENING_CHANNEL)
  },
  /** `callback` gets the id of a command that was chosen from the menu. */
  onCommand(callback: (id: string) => void): void {
    ipcRenderer.on(COMMAND_CHANNEL, (_event, id: unknown) => callback(String(id)))
  },
  answerClose(answer: string): void {
    ipcRenderer.send(CLOSE_ANSWER_CHANNEL, answer)
  },
})
