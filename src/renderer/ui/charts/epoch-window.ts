/** Zooming: the epochs that charts show, all of them together. Pure. */
import type { Point } from './lttb'

/** Both included, the first before the last. */
export interface EpochWindow {
  readonly first: number
  readonly last: number
}

/** Drawn over from one epoch to another, in either direction; null where it is no more than a click. */
export function windowBetween(from: number, to: number, epochs: number): EpochWindow | null {
  const first = Math.max(1, Math.round(Math.min(from, to)))
  const last = Math.min(epochs, Math.round(Math.max(from, to)))
  return last > first ? { first, last } : null
}

/** Half as many epochs around one of them, or twice as many. Null: all of them. */
export function zoomed(window: EpochWindow | null, around: number, direction: 'in' | 'out', epochs: number): EpochWindow | null {
  const { first, last } = window ?? { first: 1, last: epochs }
  const span = last - first
  const wanted = direction === 'in' ? Math.max(1, Math.floor(span / 2)) : span * 2
  if (wanted >= epochs - 1) return null
  const start = Math.min(Math.max(1, Math.round(around - wanted / 2)), epochs - wanted)
  return { first: start, last: start + wanted }
}

export function within<T extends Point>(points: readonly T[], window: EpochWindow | null): readonly T[] {
  return window === null ? points : points.filter(({ x }) => x >= window.first && x <= window.last)
}
