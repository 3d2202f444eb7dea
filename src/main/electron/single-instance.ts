/** One Graft at a time: a second start shows the first one's window. */
import type { App } from 'electron'

/** False where another one runs already; this one is then to end. */
export function isFirstInstance(app: Pick<App, 'requestSingleInstanceLock' | 'on'>, show: () => void): boolean {
  if (!app.requestSingleInstanceLock()) return false
  app.on('second-instance', show)
  // macOS: a click on the program in the dock.
  app.on('activate', show)
  return true
}
