/** Where the model looked in the picture at hand, asked for together with its neighbours in the cell, so that going on does not wait. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import type { Explanation, Explanations } from '../../../shared/domain/explanation'
import { client } from '../../state/host'
import { failureOf, type Progress, resultOf } from '../../transport/streams'

/** Pictures asked about at once: starting to look takes longer than looking. */
const BEFORE = 2
const AFTER = 9
/** Explanations kept while the window is open. */
const MOST_KEPT = 400

type Told = Omit<Explanations, 'pictures'>

export interface ExplanationView {
  /** Null until the model has looked at it. */
  explanation: Explanation | null
  /** What holds for all pictures that were asked about together. */
  told: Told | null
  /** While something is still to come. */
  progress: Progress | null
  isBusy: boolean
  failure: Failure | null
}

interface Kept {
  explanation: Explanation
  told: Told
}
const kept = new Map<string, Kept>()

function keep(key: string, value: Kept): void {
  kept.delete(key)
  kept.set(key, value)
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break
    kept.delete(oldest)
  }
}

interface Flight {
  paths: readonly string[]
  controller: AbortController
  progress: Progress | null
  soFar: Explanations | null
  failure: Failure | null
  isOver: boolean
}

/** `version` changes when the best checkpoint does. */
export function useExplanations(runId: string, version: string, paths: readonly string[], index: number): ExplanationView & { retry: () => void } {
  const flight = useRef<Flight | null>(null)
  const [, setTick] = useState(0)
  const [attempt, setAttempt] = useState(0)
  const path = paths[index]
  const keyOf = useCallback((of: string) => [runId, version, of].join('\n'), [runId, version])
  const latestPaths = useRef(paths)
  latestPaths.current = paths

  useEffect(() => {
    if (path === undefined || kept.has(keyOf(path))) return
    const current = flight.current
    if (current !== null && !current.isOver && current.paths.includes(path)) return
    current?.controller.abort()
    const near = latestPaths.current.slice(Math.max(0, index - BEFORE), index + AFTER)
    const asked = [path, ...near.filter((other) => other !== path && !kept.has(keyOf(other)))]
    const own: Flight = { paths: asked, controller: new AbortController(), progress: null, soFar: null, failure: null, isOver: false }
    flight.current = own
    const { signal } = own.controller
    const redraw = (): void => {
      if (!signal.aborted) setTick((tick) => tick + 1)
    }
    redraw()
    resultOf((options) => client().results.explain({ runId, checkpoint: 'best', paths: asked }, options), {
      signal,
      onProgress: (progress) => {
        own.progress = progress
        if (progress.soFar !== undefined && 'explained' in progress.soFar) own.soFar = progress.soFar.explained
        redraw()
      },
    }).then(
      ({ pictures, ...told }) => {
        own.isOver = true
        for (const explanation of pictures) keep(keyOf(explanation.path), { explanation, told })
        redraw()
      },
      (error: unknown) => {
        own.isOver = true
        own.failure = failureOf(error)
        redraw()
      },
    )
  }, [path, index, runId, keyOf, attempt])

  // What nobody looks at any more is not worked on.
  useEffect(() => {
    return () => {
      flight.current?.controller.abort()
      flight.current = null
    }
  }, [runId, version])

  const retry = useCallback(() => {
    if (path !== undefined) kept.delete(keyOf(path))
    setAttempt((count) => count + 1)
  }, [path, keyOf])

  const done = path === undefined ? undefined : kept.get(keyOf(path))
  if (done !== undefined) return { ...done, progress: null, isBusy: false, failure: null, retry }
  const current = flight.current
  const isOfFlight = current !== null && path !== undefined && current.paths.includes(path)
  const { pictures = [], ...told } = (isOfFlight ? current.soFar : null) ?? { pictures: [], labels: [], epoch: 0, temperature: null, neighboursMissing: null }
  const explanation = pictures.find((picture) => picture.path === path) ?? null
  return {
    explanation,
    told: explanation === null ? null : told,
    progress: isOfFlight ? current.progress : null,
    isBusy: !isOfFlight || current.failure === null,
    failure: isOfFlight ? current.failure : null,
    retry,
  }
}
