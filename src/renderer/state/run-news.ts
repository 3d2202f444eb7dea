/** In a browser: the end of a run told by the system, where the person asked for it. */
import { create } from 'zustand'
import { RunNewsWatch } from '../../shared/domain/run-news'
import { host } from './host'
import { useMachine } from './machine'
import { go } from './place'

const STORAGE_KEY = 'graft-tell'

interface Telling {
  isOn: boolean
  /** The person has told the browser not to let this page tell anything. */
  isDenied: boolean
}

/** False where there is nothing to ask for: the desktop tells by itself, and not every browser can. */
export const canTell = (): boolean => host().door !== 'desktop' && 'Notification' in window

function wasOn(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) === 'on' && 'Notification' in window && Notification.permission === 'granted'
  } catch {
    // A browser that keeps nothing for this page.
    return false
  }
}

export const useTelling = create<Telling>(() => ({ isOn: wasOn(), isDenied: 'Notification' in window && Notification.permission === 'denied' }))

/** Only from a click: the browser asks the person. */
export async function setTelling(isOn: boolean): Promise<void> {
  const permission = isOn ? await Notification.requestPermission() : Notification.permission
  const isAllowed = permission === 'granted'
  useTelling.setState({ isOn: isOn && isAllowed, isDenied: permission === 'denied' })
  try {
    localStorage.setItem(STORAGE_KEY, isOn && isAllowed ? 'on' : 'off')
  } catch {
    // It holds until the page is loaded again.
  }
}

/** Tells the end of runs while this page is not looked at; call once. */
export function watchRunNews(): void {
  const watch = new RunNewsWatch()
  useMachine.subscribe(({ runs }, earlier) => {
    if (runs === null || runs === earlier.runs) return
    const news = watch.take(runs)
    if (!canTell() || !useTelling.getState().isOn || (document.visibilityState === 'visible' && document.hasFocus())) return
    for (const { runId, title, body } of news) {
      // One of each run: a page open twice tells it once.
      const notification = new Notification(title, { body, tag: runId })
      notification.onclick = () => {
        window.focus()
        go('train', { runId })
        notification.close()
      }
    }
  })
}
