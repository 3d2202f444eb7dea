/** When the page's process ends: says why, and loads it again if wanted. Runs are not touched; they live in other processes. */
import { dialog } from 'electron'
import type { BrowserWindow, RenderProcessGoneDetails } from 'electron'

const REASONS: Readonly<Record<RenderProcessGoneDetails['reason'], string>> = {
  'clean-exit': 'The window’s process ended.',
  'abnormal-exit': 'The window’s process ended with an error.',
  killed: 'The window’s process was ended from outside.',
  crashed: 'The window’s process crashed.',
  oom: 'The window’s process ran out of memory.',
  'launch-failed': 'The window’s process could not be started.',
  'integrity-failure': 'The window’s process was refused because its files are not as they were.',
  'memory-eviction': 'The system ended the window’s process to free memory.',
}

export function recoverLostPage(window: BrowserWindow): void {
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    void dialog
      .showMessageBox(window, {
        type: 'error',
        message: REASONS[reason],
        detail: 'Runs are not touched by this. Load the studio again to go on.',
        buttons: ['Load again', 'Close'],
        defaultId: 0,
        cancelId: 1,
        noLink: true,
      })
      .then(({ response }) => {
        if (window.isDestroyed()) return
        if (response === 0) window.webContents.reload()
        else window.close()
      })
  })
}
