/** The studio's one window. */
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { WebPreferences } from 'electron'
import { STUDIO_ADDRESS } from './protocol'
import { keepWindowState, MINIMUM_SIZE, readWindowState, visibleBounds } from './window-state'

/** The paper of each theme, so that the window does not flash before the page is there. */
const BACKGROUND = { light: '#fbfaf7', dark: '#191815' } as const

/** Electron's security checklist, as far as it is a matter of preferences. Most are the defaults; they are named so that they stay. */
export function webPreferences(preloadPath: string, isPackaged: boolean): WebPreferences {
  return {
    preload: preloadPath,
    // Sandbox: the page's process can reach neither files nor network but through us.
    sandbox: true,
    // Context isolation: the page cannot touch the preload's world.
    contextIsolation: true,
    // No Node in pages, their frames and their workers.
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
    // The same-origin rule holds, and nothing insecure is loaded into a secure page.
    webSecurity: true,
    allowRunningInsecureContent: false,
    // No features that are not finished.
    experimentalFeatures: false,
    // No <webview>.
    webviewTag: false,
    // A file dropped beside the drop zone does not become the page.
    navigateOnDragDrop: false,
    // The spelling checker would fetch its words from the network.
    spellcheck: false,
    devTools: !isPackaged,
  }
}

export interface WindowOptions {
  preloadPath: string
  iconPath: string
  statePath: string
  isPackaged: boolean
}

/**
 * Makes the window where it was last, and begins to load the studio. It shows itself when its page is there.
 * @param onMade called before the page is asked for: what its first messages need must be there by then
 */
export async function openWindow({ preloadPath, iconPath, statePath, isPackaged }: WindowOptions, onMade: (window: BrowserWindow) => void): Promise<void> {
  const saved = await readWindowState(statePath)
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id)
  const window = new BrowserWindow({
    ...visibleBounds(saved?.bounds ?? null, [primary, ...others].map(({ workArea }) => workArea)),
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    title: 'Graft',
    icon: iconPath,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: webPreferences(preloadPath, isPackaged),
  })
  if (saved?.isMaximized === true) window.maximize()
  keepWindowState(window, statePath)
  onMade(window)
  window.once('ready-to-show', () => window.show())
  // A page that did not load is told by the window staying empty; without this it would not be shown at all.
  await window.loadURL(STUDIO_ADDRESS).catch(() => window.show())
}

/** Brings a window back from wherever it is: hidden, minimised, behind others. */
export function bringBack(window: Pick<BrowserWindow, 'isMinimized' | 'restore' | 'show' | 'focus'>): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
