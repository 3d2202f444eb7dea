/** Keys of the whole studio. Those of a screen are in force on it alone; this page names them so that they can be found. */
import { t } from '@lingui/core/macro'
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
    where: t`Anywhere`,
    shortcuts: [
      { keys: ['mod+K'], what: t`Find a command, a run, a dataset` },
      { keys: ['?'], what: t`These shortcuts` },
      { keys: ['Esc'], what: t`Close what lies over the screen` },
    ],
  },
  {
    where: t`Go to`,
    shortcuts: [
      { keys: ['g', PLACE_KEYS.dataset], what: t`Dataset` },
      { keys: ['g', PLACE_KEYS.configure], what: t`Configure` },
      { keys: ['g', PLACE_KEYS.train], what: t`Train` },
      { keys: ['g', PLACE_KEYS.results], what: t`Results` },
      { keys: ['g', PLACE_KEYS.export], what: t`Export` },
      { keys: ['g', PLACE_KEYS.runs], what: t`Runs` },
      { keys: ['g', PLACE_KEYS.settings], what: t`Settings` },
    ],
  },
  {
    where: t`Dataset`,
    shortcuts: [
      { keys: ['mod+Z'], what: t`Take the last decision about pictures back` },
      { keys: ['mod+Shift+Z'], what: t`Do it again` },
    ],
  },
  {
    where: t`Charts of a run`,
    shortcuts: [
      { keys: ['←', '→'], what: t`Go from epoch to epoch; Home and End to the first and the last` },
      { keys: ['='], what: t`Zoom in around the epoch, by + as well` },
      { keys: ['-'], what: t`Zoom out` },
      { keys: ['Esc'], what: t`Show all epochs` },
    ],
  },
  {
    where: t`Results`,
    shortcuts: [
      { keys: ['←', '→', '↑', '↓'], what: t`Go from cell to cell of the confusion matrix, from picture to picture` },
      { keys: ['Enter'], what: t`Open the pictures of the cell` },
      { keys: ['R'], what: t`Relabel the picture that is open` },
      { keys: ['X'], what: t`Exclude it` },
      { keys: ['F'], what: t`It is fine; do not suggest it again` },
      { keys: ['mod+Z'], what: t`Take the last decision about pictures back` },
      { keys: ['mod+Shift+Z'], what: t`Do it again` },
    ],
  },
]

const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.userAgent)

/** `mod+K` as it stands on this keyboard. */
export function keyWords(keys: string): string[] {
  const names: Readonly<Record<string, string>> = isMac() ? { mod: '⌘', Shift: '⇧', alt: '⌥' } : { mod: 'Ctrl', alt: 'Alt' }
  return keys.split('+').map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))
}
