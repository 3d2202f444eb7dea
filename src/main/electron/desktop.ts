/** The life of the desktop program: from the moment the system is ready until everything has ended. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { App, BrowserWindow } from 'electron'
import type { Studio } from '../services/studio'
import type { CloseGuard } from './close-guard'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Chromium's own files lie below our data, so that one folder (GRAFT_DATA_DIR) is one Graft, with its own single instance. */
export function useDataDirectory(app: Pick<App, 'setName' | 'setPath'>, data: string): void {
  app.setName('Graft')
  const profile = join(data, 'window')
  // Electron refuses a folder that is not there.
  mkdirSync(profile, { recursive: true })
  app.setPath('userData', profile)
}

/** Ends the program when its window has closed, but not before nothing is at work any more. */
export function endWithWindow(app: Pick<App, 'on' | 'quit'>, studio: Pick<Studio, 'close'>): void {
  let isClosed = false
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', (event) => {
    if (isClosed) return
    event.preventDefault()
    void studio
      .close()
      .catch((error: unknown) => console.error(error))
      .then(() => {
        isClosed = true
        app.quit()
      })
  })
}

/** A signal stops runs as Ctrl-C does on the command line; a second one ends at once, and leaves runs that can be resumed. */
export function obeySignals(app: Pick<App, 'exit'>, guard: Pick<CloseGuard, 'stopAndClose'>): void {
  let isEnding = false
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (isEnding) app.exit(1)
      isEnding = true
      void guard.stopAndClose()
    })
  }
}

/** Holds the window, which is there only for a part of the program's life. */
export class WindowHolder {
  window: BrowserWindow | null = null

  hold(window: BrowserWindow): void {
    this.window = window
    window.once('closed', () => {
      this.window = null
    })
  }
}
