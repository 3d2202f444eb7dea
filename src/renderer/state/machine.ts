/** The host's own facts: the machine, the settings, the run list, and whether the host is reached. */
import { create } from 'zustand'
import type { Failure } from '../../shared/domain/error'
import type { RunRecord } from '../../shared/domain/run'
import type { Settings, SystemInfo } from '../../shared/domain/system'
import type { ConnectionState } from '../transport/connection'
import { failureOf, follow } from '../transport/streams'
import { client, host } from './host'

interface Machine {
  connection: ConnectionState
  info: SystemInfo | null
  settings: Settings | null
  /** Null until the first answer. Newest first. */
  runs: RunRecord[] | null
  /** What went wrong outside of any screen. */
  failure: Failure | null
}

export const useMachine = create<Machine>(() => ({ connection: { kind: 'connecting' }, info: null, settings: null, runs: null, failure: null }))

export function report(error: unknown): void {
  const failure = failureOf(error)
  if (failure !== null) useMachine.setState({ failure })
}

export async function refreshRuns(): Promise<void> {
  const { runs } = await client().runs.list()
  runs.sort((a, b) => b.created_at.localeCompare(a.created_at))
  useMachine.setState({ runs })
}

async function refreshInfo(): Promise<void> {
  useMachine.setState({ info: await client().system.info() })
}

export async function updateSettings(change: Partial<Settings>): Promise<void> {
  const before = useMachine.getState().settings
  if (before !== null) useMachine.setState({ settings: { ...before, ...change } })
  try {
    useMachine.setState({ settings: await client().settings.update(change) })
  } catch (error) {
    useMachine.setState({ settings: before })
    report(error)
  }
}

export async function refreshSettings(): Promise<void> {
  useMachine.setState({ settings: await client().settings.get() })
}

const REFRESH_SPACING_MS = 300

/** Starts watching the host; call once. */
export function watchMachine(): void {
  const { link } = host()
  const signal = new AbortController().signal
  const readAll = (): void => {
    void Promise.all([refreshInfo(), refreshSettings(), refreshRuns()]).catch(report)
  }
  useMachine.setState({ connection: link.state })
  link.subscribe((connection) => {
    useMachine.setState({ connection })
    if (connection.kind === 'online') readAll()
  })
  if (link.state.kind === 'online') readAll()

  let pending: ReturnType<typeof setTimeout> | undefined
  const refreshSoon = (): void => {
    pending ??= setTimeout(() => {
      pending = undefined
      void Promise.all([refreshRuns(), refreshInfo()]).catch(report)
    }, REFRESH_SPACING_MS)
  }
  void follow(link, (options) => client().runs.changes(undefined, options), refreshSoon, signal).catch(report)
}
