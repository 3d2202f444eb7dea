/** The open run: its record, its configuration, and the view its events make, at most ten changes a second. */
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import { isLive, type RunRecord, type SequencedRunEvent } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { failureOf, follow } from '../transport/streams'
import { client, host } from './host'
import { refreshRuns, report, useMachine } from './machine'
import { usePlace } from './place'
import { EMPTY_RUN_VIEW, nextSequence, reduceRunEvents, type RunView } from './run-view'

interface OpenRun {
  runId: string | null
  record: RunRecord | null
  config: RunConfig | null
  directory: string | null
  hasBest: boolean
  hasLatest: boolean
  view: RunView
  /** Why the run could not be opened. */
  failure: Failure | null
  /** A request that was sent and is not in force yet. */
  asked: 'pause' | 'unpause' | 'stop' | 'resume' | null
}

const EMPTY: OpenRun = {
  runId: null,
  record: null,
  config: null,
  directory: null,
  hasBest: false,
  hasLatest: false,
  view: EMPTY_RUN_VIEW,
  failure: null,
  asked: null,
}

export const useRun = create<OpenRun>(() => EMPTY)

const SHORTEST_SPACING_MS = 100

let following: AbortController | null = null
let buffer: SequencedRunEvent[] = []
let timer: ReturnType<typeof setTimeout> | undefined

function flush(): void {
  timer = undefined
  const events = buffer
  buffer = []
  if (events.length === 0) return
  useRun.setState(({ view, asked }) => {
    const next = reduceRunEvents(view, events)
    return { view: next, asked: next.status === view.status && next.start === view.start ? asked : null }
  })
  if (events.some(({ event }) => event.event === 'done' || event.event === 'status' || event.event === 'start')) void readRecord().catch(report)
}

async function readRecord(): Promise<void> {
  const { runId } = useRun.getState()
  if (runId === null) return
  const answer = await client().runs.get({ runId })
  if (useRun.getState().runId !== runId) return
  useRun.setState({
    record: answer.run,
    config: answer.config,
    directory: answer.directory,
    hasBest: answer.checkpoints.best !== null,
    hasLatest: answer.checkpoints.latest !== null,
  })
}

/** True while the open run's stream is read; it ends when the run does. */
let isFollowing = false

async function followRun(runId: string, signal: AbortSignal): Promise<void> {
  isFollowing = true
  try {
    await readEvents(runId, signal)
  } finally {
    if (!signal.aborted) isFollowing = false
  }
}

async function readEvents(runId: string, signal: AbortSignal): Promise<void> {
  let next = useRun.getState().view.lastSequence + 1
  await follow(
    host().link,
    (options) => client().runs.events({ runId, since: next }, options),
    (event) => {
      next = nextSequence(next, event)
      buffer.push(event)
      timer ??= setTimeout(flush, SHORTEST_SPACING_MS)
    },
    signal,
  )
}

/** Opens a run and replays its events from the first. Opening the run that is open changes nothing. */
export function openRun(runId: string | null): void {
  if (useRun.getState().runId === runId) return
  following?.abort()
  clearTimeout(timer)
  timer = undefined
  buffer = []
  useRun.setState({ ...EMPTY, runId })
  if (runId === null) return
  following = new AbortController()
  const { signal } = following
  void Promise.all([readRecord(), followRun(runId, signal)]).catch((error: unknown) => {
    const failure = failureOf(error)
    if (!signal.aborted && failure !== null) useRun.setState({ failure })
  })
}

export function reopenRun(): void {
  const { runId } = useRun.getState()
  openRun(null)
  openRun(runId)
}

async function ask(what: NonNullable<OpenRun['asked']>): Promise<void> {
  const { runId } = useRun.getState()
  if (runId === null) return
  useRun.setState({ asked: what })
  try {
    const record = await client().runs[what]({ runId })
    useRun.setState({ record, ...(what === 'stop' ? {} : { asked: null }) })
    if (what === 'resume') {
      following?.abort()
      following = new AbortController()
      useRun.setState(({ view }) => ({ view: { ...view, status: record.status, failure: null, done: null } }))
      void followRun(runId, following.signal).catch(report)
    }
  } catch (error) {
    useRun.setState({ asked: null })
    report(error)
  }
}

export const pauseRun = (): void => void ask('pause')
export const unpauseRun = (): void => void ask('unpause')
export const stopRun = (): void => void ask('stop')
export const resumeRun = (): void => void ask('resume')

/** Keeps the open run in step with the address and the list of runs. */
export function watchRun(): void {
  openRun(usePlace.getState().runId)
  usePlace.subscribe((place) => openRun(place.runId))
  useMachine.subscribe(({ runs }, earlier) => {
    if (runs === earlier.runs) return
    const { runId } = useRun.getState()
    const record = runs?.find((run) => run.run_id === runId)
    if (record === undefined) return
    useRun.setState({ record })
    // Resumed from another window or the command line: its events go on, so reading them does too.
    if (isLive(record.status) && !isFollowing && runId !== null && useRun.getState().failure === null) {
      following = new AbortController()
      void followRun(runId, following.signal).catch(report)
    }
  })
}

export async function startRun(request: Parameters<ReturnType<typeof client>['runs']['start']>[0]): Promise<string> {
  const { runId } = await client().runs.start(request)
  await refreshRuns().catch(report)
  return runId
}
