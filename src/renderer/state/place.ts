/** Where the person is and what is open; mirrored to the address and, for a reopened window, to the session's storage. */
import { create } from 'zustand'
import { formatRoute, isTryingIn, mayTryBeside, parseRoute, type Screen, withTrying } from './route'

const STORAGE_KEY = 'graft.open'

export interface Place {
  screen: Screen
  datasetId: string | null
  runId: string | null
  /** Runs side by side, the base first. */
  comparedIds: readonly string[]
  /** Pictures are tried on the run, beside its screens. */
  isTrying: boolean
}

function remembered(): { datasetId: string | null; runId: string | null } {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '{}')
    if (typeof value !== 'object' || value === null) return { datasetId: null, runId: null }
    const text = (key: string): string | null => {
      const entry: unknown = Reflect.get(value, key)
      return typeof entry === 'string' ? entry : null
    }
    return { datasetId: text('datasetId'), runId: text('runId') }
  } catch {
    return { datasetId: null, runId: null } // storage may be blocked or hold what an older version wrote; nothing depends on it
  }
}

function placeFrom(hash: string, before: { datasetId: string | null; runId: string | null; comparedIds?: readonly string[]; isTrying?: boolean }): Place {
  const route = parseRoute(hash)
  return {
    screen: route.screen,
    datasetId: route.datasetId ?? before.datasetId,
    runId: route.runId ?? before.runId,
    comparedIds: route.comparedIds.length > 0 ? route.comparedIds : (before.comparedIds ?? []),
    // Screens that nothing is tried beside say nothing of it.
    isTrying: mayTryBeside(route.screen) ? isTryingIn(hash) : (before.isTrying ?? false),
  }
}

export const usePlace = create<Place>(() => placeFrom(window.location.hash, remembered()))

usePlace.subscribe((place) => {
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ datasetId: place.datasetId, runId: place.runId }))
  } catch {
    // the address still holds it
  }
  const hash = withTrying(formatRoute(place.screen, place), place)
  if (window.location.hash === hash) return
  // A step back must not make a new entry, or there would be no way further back.
  if (isReadingAddress || place.screen === parseRoute(window.location.hash).screen) window.history.replaceState(null, '', hash)
  else window.history.pushState(null, '', hash)
})

let isReadingAddress = false

function readAddress(): void {
  const { datasetId, runId, comparedIds, isTrying } = usePlace.getState()
  isReadingAddress = true
  usePlace.setState(placeFrom(window.location.hash, { datasetId, runId, comparedIds, isTrying }))
  isReadingAddress = false
}
window.addEventListener('hashchange', readAddress)
window.addEventListener('popstate', readAddress)

export function go(screen: Screen, open: { datasetId?: string | null; runId?: string | null; comparedIds?: readonly string[] } = {}): void {
  usePlace.setState({ screen, ...open })
}

export function setTrying(isTrying: boolean): void {
  usePlace.setState({ isTrying })
}
