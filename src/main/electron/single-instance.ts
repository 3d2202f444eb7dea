/** One Graft at a time: a second start shows the first one's window, and opens there what it was asked to open. */
import type { App } from 'electron'

/** False where another one runs already; this one is then to end. `show` gets the second one's arguments and its working directory. */
export function isFirstInstance(app: Pick<App, 'requestSingleInstanceLock' | 'on'>, show: (args: readonly string[], workingDirectory: string) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false
  app.on('second-instance', (_event, args: string[], workingDirectory: string) => show(args, workingDirectory))
  // macOS: a click on the program in the dock.
  app.on('activate', () => show([], ''))
  return true
}
