/** What was chosen for a run's classes, and what a threshold does, as the main process tells it. */
import { useCallback, useEffect, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import type { ChosenThreshold, ChosenThresholds } from '../../../shared/domain/thresholds'
import type { ToldThreshold } from '../../../shared/domain/thresholds-told'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'

export interface Kept {
  chosen: ChosenThresholds | null
  /** False: for an earlier epoch, and not used. */
  isCurrent: boolean
}

export function useChosenThresholds(runId: string, version: string) {
  const [kept, setKept] = useState<Kept | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const failed = useCallback((error: unknown) => setFailure(failureOf(error)), [])
  useEffect(() => {
    let isThis = true
    client()
      .thresholds.chosen({ runId })
      .then((found) => isThis && setKept(found), failed)
    return () => {
      isThis = false
    }
  }, [runId, version, failed])
  const keep = (chosen: ChosenThreshold): void => {
    client()
      .thresholds.keep({ runId, chosen })
      .then((all) => (setKept({ chosen: all, isCurrent: true }), setFailure(null)), failed)
  }
  const drop = (name: string): void => {
    client()
      .thresholds.drop({ runId, name })
      .then(({ chosen }) => (setKept((before) => ({ chosen, isCurrent: before?.isCurrent === true && chosen !== null })), setFailure(null)), failed)
  }
  return { kept, failure, keep, drop }
}

export interface Told {
  validation: ToldThreshold
  test: ToldThreshold | null
}

/** So long a slider has to rest before its threshold is asked about. */
const REST_MS = 150

/** The answer before stays until the next is there. @param keptKey changes when another class's threshold does */
export function useTold(runId: string, classIndex: number, missCost: number, threshold: number, keptKey: string): { told: Told | null; isOld: boolean; failure: Failure | null } {
  const key = JSON.stringify([runId, classIndex, missCost, threshold, keptKey])
  const [state, setState] = useState<{ toldKey: string; told: Told | null; failure: Failure | null }>({ toldKey: '', told: null, failure: null })
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const timer = setTimeout(() => {
      client()
        .thresholds.tell({ runId, classIndex, missCost, threshold }, { signal })
        .then(
          (told) => {
            if (!signal.aborted) setState({ toldKey: key, told, failure: null })
          },
          (error: unknown) => {
            if (!signal.aborted) setState((before) => ({ ...before, failure: failureOf(error) }))
          },
        )
    }, REST_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key, runId, classIndex, missCost, threshold])
  return { told: state.told, isOld: state.toldKey !== key, failure: state.failure }
}
