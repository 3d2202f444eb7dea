/** `g` and a letter go to a place; the second key has a moment to come. */
import { useEffect } from 'react'
import { go } from '../../state/place'
import type { Screen } from '../../state/route'
import { PLACE_KEYS } from './command'

const FIRST = 'g'
const WAIT_MS = 1200

const places = new Map<string, Screen>(Object.entries(PLACE_KEYS).map(([screen, key]) => [key, screen as keyof typeof PLACE_KEYS]))

/** Where keys are letters: in a field, or in what lies over the screen. */
export function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="menu"], [role="listbox"]') !== null
}

export function usePlaceKeys(): void {
  useEffect(() => {
    let since = -Infinity
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event.target)) return
      const screen = event.timeStamp - since < WAIT_MS ? places.get(event.key.toLowerCase()) : undefined
      since = event.key.toLowerCase() === FIRST ? event.timeStamp : -Infinity
      if (screen === undefined) return
      event.preventDefault()
      go(screen)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
