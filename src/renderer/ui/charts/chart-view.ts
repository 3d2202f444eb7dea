/** What all charts of a run share: the epoch that is looked at, the epochs that are shown, how smooth the lines are. */
import { useCallback, useState } from 'react'
import type { EpochWindow } from './epoch-window'
import type { SharedView } from './line-panel'

export const SMOOTHINGS = [0, 0.6, 0.9] as const

export interface ChartView extends SharedView {
  onSmoothing: (smoothing: number) => void
}

/** Off and whole at first, and again for another run: whoever shows one gives the charts a key. */
export function useChartView(): ChartView {
  const [hoverEpoch, onHover] = useState<number | null>(null)
  const [window, setWindow] = useState<EpochWindow | null>(null)
  const [smoothing, onSmoothing] = useState<number>(SMOOTHINGS[0])
  const onWindow = useCallback((next: EpochWindow | null) => {
    setWindow(next)
    onHover(null)
  }, [])
  return { hoverEpoch, onHover, window, onWindow, smoothing, onSmoothing }
}
