/** The place in the studio, kept in the address so that a reopened window finds it again. */
import { MOST_COMPARED } from '../../shared/domain/compare'

export const SCREENS = ['dataset', 'configure', 'train', 'results', 'export', 'runs', 'compare', 'settings'] as const
export type Screen = (typeof SCREENS)[number]

export interface Route {
  screen: Screen
  /** Null: keep what is open. */
  runId: string | null
  datasetId: string | null
  /** Runs side by side, the base first; none: keep what is open. */
  comparedIds: readonly string[]
}

const RUN_SCREENS: readonly Screen[] = ['train', 'results', 'export']

function isScreen(value: string | undefined): value is Screen {
  return SCREENS.some((screen) => screen === value)
}

function decode(part: string | undefined): string | null {
  if (part === undefined || part === '') return null
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

/** Reads `#/dataset/<id>`, `#/configure/<id>`, `#/run/<id>/<screen>`, `#/runs`, `#/compare/<id>,<id>`, `#/settings`. Anything else is the Dataset screen. */
export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, '').split('/')
  if (parts[0] === 'run') {
    const screen = isScreen(parts[2]) && RUN_SCREENS.includes(parts[2]) ? parts[2] : 'train'
    return { screen, runId: decode(parts[1]), datasetId: null, comparedIds: [] }
  }
  if (!isScreen(parts[0])) return { screen: 'dataset', runId: null, datasetId: null, comparedIds: [] }
  const takesDataset = parts[0] === 'dataset' || parts[0] === 'configure'
  const comparedIds = parts[0] === 'compare' ? (parts[1] ?? '').split(',').flatMap((part) => decode(part) ?? []) : []
  return { screen: parts[0], runId: null, datasetId: takesDataset ? decode(parts[1]) : null, comparedIds: [...new Set(comparedIds)].slice(0, MOST_COMPARED) }
}

export function formatRoute(screen: Screen, open: { runId: string | null; datasetId: string | null; comparedIds?: readonly string[] }): string {
  if (RUN_SCREENS.includes(screen)) return open.runId === null ? `#/${screen}` : `#/run/${encodeURIComponent(open.runId)}/${screen}`
  if (screen === 'compare') return ['#/compare', (open.comparedIds ?? []).map(encodeURIComponent).join(',')].filter((part) => part !== '').join('/')
  if (screen === 'runs' || screen === 'settings' || open.datasetId === null) return `#/${screen}`
  return `#/${screen}/${encodeURIComponent(open.datasetId)}`
}

/** Screens of a run that pictures can be tried beside. */
const TRY_SCREENS: readonly Screen[] = ['train', 'results']
const TRY = '/try'

export const mayTryBeside = (screen: Screen) => TRY_SCREENS.includes(screen)

/** Whether pictures are tried beside the screen: `#/run/<id>/train/try`. */
export function isTryingIn(hash: string): boolean {
  const { screen, runId } = parseRoute(hash)
  return runId !== null && mayTryBeside(screen) && hash.endsWith(TRY)
}

/** The run that pictures are tried on here; null where none are. */
export function triedRun(place: { screen: Screen; runId: string | null; isTrying: boolean }): string | null {
  return place.isTrying && mayTryBeside(place.screen) ? place.runId : null
}

/** The address with that in it. */
export function withTrying(hash: string, place: Parameters<typeof triedRun>[0]): string {
  return triedRun(place) === null ? hash : hash + TRY
}
