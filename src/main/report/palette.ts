/** Colours of the figures: on white for files and print, as names of the page's own colours in a report that is light or dark. */

export interface Palette {
  /** The ground; null where the page has one. */
  readonly ground: string | null
  readonly ink: string
  readonly quiet: string
  readonly line: string
  readonly grid: string
  readonly train: string
  readonly validation: string
  readonly warning: string
  /** Matrix: pictures that were recognised, and those taken for another class; laid over the ground with an opacity. */
  readonly right: string
  readonly error: string
  /** Numbers on a full `error`. */
  readonly onError: string
}

/** The studio's light theme on white. */
export const PRINT: Palette = {
  ground: '#ffffff',
  ink: '#1f1d19',
  quiet: '#55504a',
  line: '#b9b2a6',
  grid: '#ebe7e0',
  train: '#6b655c',
  validation: '#2c7638',
  warning: '#8a5a00',
  right: '#6b655c',
  error: '#b23a0e',
  onError: '#ffffff',
}

/** The names of a report's style sheet; `PRINT` and `DARK` are their values. */
export const PAGE: Palette = {
  ground: null,
  ink: 'var(--ink)',
  quiet: 'var(--quiet)',
  line: 'var(--line)',
  grid: 'var(--grid)',
  train: 'var(--train)',
  validation: 'var(--validation)',
  warning: 'var(--warning)',
  right: 'var(--right)',
  error: 'var(--error)',
  onError: 'var(--on-error)',
}

export const DARK: Palette = {
  ground: '#191815',
  ink: '#ece8e1',
  quiet: '#bcb5aa',
  line: '#5a554d',
  grid: '#2f2c28',
  train: '#a8a095',
  validation: '#7fc784',
  warning: '#e2b45c',
  right: '#a8a095',
  error: '#e8743b',
  onError: '#191815',
}
