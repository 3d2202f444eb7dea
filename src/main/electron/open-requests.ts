/** What the system asks to be opened: a folder dropped on the dock's icon, a run's file that was double-clicked, a path on the command line. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type App, type BrowserWindow, ipcMain } from 'electron'
import { OPEN_LISTENING_CHANNEL, OPEN_REQUESTED_CHANNEL } from './channels'
import { isFromStudio } from './sender'

/** The paths among a program's arguments. Chromium adds switches of its own, and without a package the program's folder comes first. */
export function pathsIn(args: readonly string[], workingDirectory: string, isPackaged: boolean): string[] {
  const given = args.slice(isPackaged ? 1 : 2).filter((arg) => arg !== '' && !arg.startsWith('-'))
  return given.map((arg) => resolve(workingDirectory, arg)).filter((path) => existsSync(path))
}

/** Holds what is asked for until there is a page that listens. */
export class OpenRequests {
  private waiting: string[] = []
  private contents: BrowserWindow['webContents'] | null = null

  /** Hears macOS, which asks by events, before the program is ready too. */
  constructor(app: Pick<App, 'on'>) {
    app.on('open-file', (event, path) => {
      event.preventDefault()
      this.ask([path])
    })
  }

  /** The studio shows one thing at a time: of several the last. */
  ask(paths: readonly string[]): void {
    const last = paths.at(-1)
    if (last === undefined) return
    this.waiting = [last]
    this.send()
  }

  tellTo(window: BrowserWindow): void {
    ipcMain.on(OPEN_LISTENING_CHANNEL, (event) => {
      if (!isFromStudio(event, window.webContents)) return
      this.contents = window.webContents
      this.send()
    })
    const lose = (): void => {
      this.contents = null
    }
    window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) lose()
    })
    window.webContents.on('render-process-gone', lose)
  }

  private send(): void {
    if (this.contents === null) return
    for (const path of this.waiting.splice(0)) this.contents.send(OPEN_REQUESTED_CHANNEL, path)
  }
}
