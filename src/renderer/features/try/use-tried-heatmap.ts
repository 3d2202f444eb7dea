/** Where the model looked in a tried picture, asked for again when another epoch answers. */
import { useEffect, useState } from 'react'
import type { Heatmap } from '../../../shared/domain/explanation'
import { client } from '../../state/host'
import { report } from '../../state/machine'
import type { TriedPicture } from './try-state'

export interface TriedHeatmap {
  /** Null until it is known, and where it cannot be. */
  map: Heatmap | null
  isBusy: boolean
}

const NONE: TriedHeatmap = { map: null, isBusy: false }

export function useTriedHeatmap(runId: string | null, { id, source, answer, epoch }: TriedPicture, isWanted: boolean): TriedHeatmap {
  const classIndex = answer?.top ?? null
  const place = `${runId ?? ''} ${id}`
  const [state, setState] = useState<TriedHeatmap & { place: string }>({ ...NONE, place })
  useEffect(() => {
    if (!isWanted || runId === null || source === null || classIndex === null) return
    const controller = new AbortController()
    const { signal } = controller
    // The map before stays until the new one comes; that of another run tells nothing of this one.
    setState((before) => ({ place, map: before.place === place ? before.map : null, isBusy: true }))
    client()
      .answers.ask({ runId, heatmap: { id, classIndex }, pictures: [{ id, source }] }, { signal })
      .then(
        ({ heatmap }) => !signal.aborted && setState({ place, map: heatmap, isBusy: false }),
        (error: unknown) => {
          if (signal.aborted) return
          setState({ place, ...NONE })
          report(error)
        },
      )
    return () => controller.abort()
  }, [isWanted, runId, id, place, source, classIndex, epoch])
  return isWanted && state.place === place ? state : NONE
}
