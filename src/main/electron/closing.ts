/** Ties the close guard to a window, its page, the tray and the system's signals. */
import { dialog, ipcMain } from 'electron'
import type { BrowserWindow } from 'electron'
import { CLOSE_ANSWER_CHANNEL, CLOSE_ANSWERS, CLOSE_LISTENING_CHANNEL, CLOSE_REQUESTED_CHANNEL, type CloseAnswer } from './channels'
import { CloseGuard } from './close-guard'
import { isFromStudio } from './sender'
import { bringBack } from './window'

export interface ClosingOptions {
  liveCount(): number
  stopRuns(): Promise<void>
  /** Leaves a sign of the program while its window is hidden. */
  showTray(): void
}

export function guardClosing(window: BrowserWindow, options: ClosingOptions): CloseGuard {
  // A page that was loaded again has not said yet that it listens.
  let pageListens = false
  let pageHangs = false
  const guard = new CloseGuard({
    liveCount: () => options.liveCount(),
    stopRuns: () => options.stopRuns(),
    askInPage() {
      if (!pageListens || pageHangs) return false
      window.webContents.send(CLOSE_REQUESTED_CHANNEL)
      return true
    },
    askNatively: () => askNatively(window),
    show: () => bringBack(window),
    goToBackground() {
      options.showTray()
      window.hide()
    },
    close: () => window.close(),
  })
  const losePage = (): void => {
    pageListens = false
    guard.onPageLost()
  }
  ipcMain.on(CLOSE_LISTENING_CHANNEL, (event) => {
    if (isFromStudio(event, window.webContents)) pageListens = true
  })
  ipcMain.on(CLOSE_ANSWER_CHANNEL, (event, answer: unknown) => {
    if (isFromStudio(event, window.webContents) && isCloseAnswer(answer)) guard.answer(answer)
  })
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) losePage()
  })
  window.webContents.on('render-process-gone', losePage)
  window.on('unresponsive', () => {
    pageHangs = true
    guard.onPageLost()
  })
  window.on('responsive', () => {
    pageHangs = false
  })
  window.on('close', (event) => guard.onClose(event))
  return guard
}

function isCloseAnswer(value: unknown): value is CloseAnswer {
  return CLOSE_ANSWERS.some((answer) => answer === value)
}

async function askNatively(window: BrowserWindow): Promise<CloseAnswer> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'A run is still at work.',
    detail: 'In the background it goes on without a window. Stopping ends training after the step at hand and keeps the best checkpoint.',
    buttons: ['Go on in the background', 'Stop and keep the best', 'Stay'],
    defaultId: 2,
    cancelId: 2,
    noLink: true,
  })
  return CLOSE_ANSWERS[response] ?? 'stay'
}
