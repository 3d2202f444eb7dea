/** What a person is deciding about a run's classes; kept from screen to screen. */
import { create } from 'zustand'

export interface ThresholdView {
  classIndex: number
  /** What a missed picture costs, in false alarms. */
  missCost: number
  /** Null: the cheapest on the validation pictures. */
  threshold: number | null
}

const FIRST: ThresholdView = { classIndex: 0, missCost: 5, threshold: null }

const useStore = create<{ byRun: Readonly<Record<string, ThresholdView>> }>(() => ({ byRun: {} }))

export function useThresholdView(runId: string): readonly [ThresholdView, (change: Partial<ThresholdView>) => void] {
  const view = useStore(({ byRun }) => byRun[runId] ?? FIRST)
  const change = (changes: Partial<ThresholdView>): void => useStore.setState(({ byRun }) => ({ byRun: { ...byRun, [runId]: { ...(byRun[runId] ?? FIRST), ...changes } } }))
  return [view, change]
}
