/** Pictures of an epoch, as it answered them. While a run goes on they are asked for again with each epoch, but not more often than one can look. */
import { useEffect, useRef, useState } from 'react'
import type { ChangeKind } from '../../../shared/domain/compare'
import type { EpochPictures } from '../../../shared/domain/epoch-answers'
import type { Failure } from '../../../shared/domain/error'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'
import type { Cell } from '../../ui/matrix'

export const PAGE = 60
const SHORTEST_SPACING_MS = 300

export interface EpochPicturesState {
  /** Of the epoch that came last; null until one has. */
  answer: (EpochPictures & { epoch: number }) | null
  failure: Failure | null
}

const NONE: EpochPicturesState = { answer: null, failure: null }

export function useEpochPictures(runId: string, epoch: number, wanted: { kind: ChangeKind | null; cell: Cell | null }, limit: number): EpochPicturesState {
  const { kind, cell } = wanted
  const truth = cell?.truth ?? null
  const prediction = cell?.prediction ?? null
  const [state, setState] = useState<EpochPicturesState>(NONE)
  const question = `${runId} ${kind ?? ''} ${truth ?? ''} ${prediction ?? ''}`
  const asked = useRef({ question: '', number: 0, answered: 0, atMs: -Infinity })
  useEffect(() => {
    const { current } = asked
    if (current.question !== question) {
      current.question = question
      current.atMs = -Infinity
      current.answered = current.number
      setState(NONE)
    }
    const load = (): void => {
      current.atMs = performance.now()
      const number = ++current.number
      // An answer that another has overtaken is not shown; one that is only late is: epochs may come faster than answers.
      const isOvertaken = (): boolean => number <= current.answered
      client()
        .results.epochPictures({ runId, epoch, kind, cell: truth === null || prediction === null ? null : { truth, prediction }, offset: 0, limit })
        .then(
          (answer) => {
            if (isOvertaken()) return
            current.answered = number
            setState({ answer: { ...answer, epoch }, failure: null })
          },
          (error: unknown) => {
            const failure = failureOf(error)
            if (!isOvertaken() && failure !== null) setState({ answer: null, failure })
          },
        )
    }
    const timer = setTimeout(load, Math.max(0, SHORTEST_SPACING_MS - (performance.now() - current.atMs)))
    return () => clearTimeout(timer)
  }, [question, runId, epoch, kind, truth, prediction, limit])
  return state
}
