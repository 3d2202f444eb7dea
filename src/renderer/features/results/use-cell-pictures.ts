/** The pictures of one cell of the confusion matrix, a page at a time. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Split } from '../../../shared/domain/dataset'
import type { Failure } from '../../../shared/domain/error'
import type { Prediction } from '../../../shared/domain/metrics'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'
import type { Cell } from '../../ui/matrix'

const PAGE = 60

export interface CellPictures {
  /** Null until the first page is there. */
  total: number | null
  pictures: Prediction[]
  failure: Failure | null
}

const NONE: CellPictures = { total: null, pictures: [], failure: null }

export function useCellPictures(runId: string, split: Split, cell: Cell): CellPictures & { loadMore: () => void } {
  const { truth, prediction } = cell
  const [state, setState] = useState<CellPictures>(NONE)
  const [wanted, setWanted] = useState(PAGE)
  const latest = useRef(state)
  latest.current = state
  useEffect(() => {
    setState(NONE)
    setWanted(PAGE)
  }, [runId, split, truth, prediction])
  useEffect(() => {
    let isCurrent = true
    const { pictures: had, total } = latest.current
    if (wanted > PAGE && total !== null && had.length >= Math.min(wanted, total)) return
    const offset = wanted - PAGE
    client()
      .results.cell({ runId, split, truth, prediction, offset, limit: PAGE })
      .then(
        (page) => {
          if (isCurrent) setState((current) => ({ total: page.total, pictures: [...current.pictures.slice(0, offset), ...page.pictures], failure: null }))
        },
        (error: unknown) => {
          const failure = failureOf(error)
          if (isCurrent && failure !== null) setState((current) => ({ ...current, failure }))
        },
      )
    return () => {
      isCurrent = false
    }
  }, [runId, split, truth, prediction, wanted])
  const loadMore = useCallback(() => {
    const { pictures, total } = latest.current
    if (total !== null && pictures.length < total) setWanted(Math.ceil(pictures.length / PAGE) * PAGE + PAGE)
  }, [])
  return { ...state, loadMore }
}
