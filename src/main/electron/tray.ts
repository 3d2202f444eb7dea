/** A small sign of the program while it works without a window. */
import { Menu, nativeImage, Tray } from 'electron'
import type { BrowserWindow } from 'electron'
import { join } from 'node:path'
import { bringBack } from './window'

export interface BackgroundSign {
  show(): void
  /** How the work stands: beside the sign, and at the top of its menu. */
  tell(words: string): void
}

/** The sign goes when the window comes back. */
export function createTray(window: BrowserWindow, assetsDirectory: string, quit: () => void): BackgroundSign {
  // Held here: one that nobody holds is collected, and vanishes.
  let tray: Tray | null = null
  let words = 'Graft is at work in the background'
  const refresh = (): void => {
    tray?.setToolTip(words)
    tray?.setContextMenu(
      Menu.buildFromTemplate([
        { label: words, enabled: false },
        { type: 'separator' },
        { label: 'Open Graft', click: () => bringBack(window) },
        { type: 'separator' },
        { label: 'Quit', click: quit },
      ]),
    )
  }
  window.on('show', () => {
    tray?.destroy()
    tray = null
  })
  return {
    show() {
      if (tray !== null) return
      // On macOS an image whose name ends in Template takes the colour of the menu bar.
      const fileName = process.platform === 'darwin' ? 'trayTemplate.png' : 'icon-32.png'
      tray = new Tray(nativeImage.createFromPath(join(assetsDirectory, fileName)))
      refresh()
      tray.on('click', () => bringBack(window))
    },
    tell(next) {
      if (next === words) return
      words = next
      refresh()
    },
  }
}
