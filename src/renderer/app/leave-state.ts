/** The question that is asked before the window goes while a run is live. */
import { create } from 'zustand'
import { host } from '../state/host'

/** `window`: the desktop's close button asked and waits for the answer. `told`: nothing more to do but to close the window. */
export type LeaveState = 'closed' | 'asking' | 'window' | 'stopping' | 'told'

export const useLeave = create<{ state: LeaveState }>(() => ({ state: 'closed' }))

export function watchCloseRequests(): void {
  host().onCloseRequested?.(() => useLeave.setState({ state: 'window' }))
}

/** On the desktop the main process decides whether to ask; in a browser the studio does. */
export function leave(isRunLive: boolean): void {
  if (host().door === 'desktop') window.close()
  else if (isRunLive) useLeave.setState({ state: 'asking' })
  else closeBrowserWindow()
}

/** A browser closes only windows that it opened as an app or from a script; in a plain tab the person does it. */
export function closeBrowserWindow(): void {
  useLeave.setState({ state: 'told' })
  window.close()
}
