/** Keys of the whole studio. Those of a screen are in force on it alone; this page names them so that they can be found. */
import { create } from 'zustand'
import { PLACE_KEYS } from './command'

export const useShortcutSheet = create<{ isOpen: boolean }>(() => ({ isOpen: false }))

export const showShortcuts = (): void => useShortcutSheet.setState({ isOpen: true })
export const hideShortcuts = (): void => useShortcutSheet.setState({ isOpen: false })

export interface Shortcut {
  /** Pressed one after the other; `mod+K` together. */
  readonly keys: readonly string[]
  readonly what: string
}

export const SHORTCUTS: readonly { readonly where: string; readonly shortcuts: readonly Shortcut[] }[] = [
  {
    where: 'Anywhere',
    shortcuts: [
      { keys: ['mod+K'], what: 'Find a command, a run, a dataset' },
      { keys: ['?'], what: 'These shortcuts' },
      { keys: ['Esc'], what: 'Close what lies over the screen' },
    ],
  },
  {
    where: 'Go to',
    shortcuts: [
      { keys: ['g', PLACE_KEYS.dataset], what: 'Dataset' },
      { keys: ['g', PLACE_KEYS.configure], what: 'Configure' },
      { keys: ['g', PLACE_KEYS.train], what: 'Train' },
      { keys: ['g', PLACE_KEYS.results], what: 'Results' },
      { keys: ['g', PLACE_KEYS.export], what: 'Export' },
      { keys: ['g', PLACE_KEYS.runs], what: 'Runs' },
      { keys: ['g', PLACE_KEYS.settings], what: 'Settings' },
    ],
  },
  {
    where: 'Dataset',
    shortcuts: [
      { keys: ['mod+Z'], what: 'Take the last decision about pictures back' },
      { keys: ['mod+Shift+Z'], what: 'Do it again' },
    ],
  },
  {
    where: 'Charts of a run',
    shortcuts: [
      { keys: ['←', '→'], what: 'Go from epoch to epoch; Home and End to the first and the last' },
      { keys: ['='], what: 'Zoom in around the epoch, by + as well' },
      { keys: ['-'], what: 'Zoom out' },
      { keys: ['Esc'], what: 'Show all epochs' },
    ],
  },
  {
    where: 'Results',
    shortcuts: [
      { keys: ['←', '→', '↑', '↓'], what: 'Go from cell to cell of the confusion matrix, from picture to picture' },
      { keys: ['Enter'], what: 'Open the pictures of the cell' },
      { keys: ['R'], what: 'Relabel the picture that is open' },
      { keys: ['X'], what: 'Exclude it' },
      { keys: ['F'], what: 'It is fine; do not suggest it again' },
      { keys: ['mod+Z'], what: 'Take the last decision about pictures back' },
      { keys: ['mod+Shift+Z'], what: 'Do it again' },
    ],
  },
]

const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.userAgent)

/** `mod+K` as it stands on this keyboard. */
export function keyWords(keys: string): string[] {
  const names: Readonly<Record<string, string>> = isMac() ? { mod: '⌘', Shift: '⇧', alt: '⌥' } : { mod: 'Ctrl', alt: 'Alt' }
  return keys.split('+').map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))
}
