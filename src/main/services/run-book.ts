/** What runs there are: where they lie, how each stands now, and which of them this process has in hand. */
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { type CheckpointState, isLive, type RunRecord, type SequencedRunEvent } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { isThere } from '../storage/atomic-write'
import { RunFolder } from '../storage/run-folder'
import { copyOf, discoverRuns, type FoundRun, isSameFolder, registerRun } from '../storage/run-registry'
import { Broadcast } from './broadcast'
import type { LiveRun } from './live-run'
import type { Places } from './places'
import { runEvents } from './run-event-stream'
import { isOwnedElsewhere } from './run-owner'
import { watchRuns } from './watch-runs'

export interface RunView {
  run: RunRecord
  config: RunConfig
  directory: string
  /** Without their history. */
  checkpoints: { best: CheckpointState | null; latest: CheckpointState | null }
}

export class RunBook {
  /** At work, paused, or waiting for the machine, in this process. */
  readonly live = new Map<string, LiveRun>()
  private readonly directories = new Map<string, string>()
  /** Runs that this process is about to begin or remove: between the looks at their files nobody else here may touch them. */
  private readonly reserved = new Set<string>()
  private readonly changed = new Broadcast<{ runId: string }>({ replaces: (waiting, newer) => waiting.runId === newer.runId })

  constructor(private readonly folders: Places) {}

  async list(): Promise<{ runs: RunRecord[] }> {
    const { runs } = await discoverRuns(this.folders.runs, this.folders.runRegistry)
    const records: RunRecord[] = []
    for (const { folder, record } of runs) {
      this.directories.set(record.run_id, folder.directory)
      records.push(await this.current(folder, record))
    }
    return { runs: records }
  }

  async get(input: { runId: string }): Promise<RunView> {
    const folder = await this.folder(input.runId)
    return {
      run: await this.current(folder, await folder.record()),
      config: await folder.config(),
      directory: folder.directory,
      checkpoints: { best: withoutHistory(await folder.checkpointState('best')), latest: withoutHistory(await folder.checkpointState('latest')) },
    }
  }

  /** The run that a path leads to, which is listed from then on; null where there is none. */
  async at(path: string): Promise<{ runId: string | null }> {
    const folder = await RunFolder.at(path)
    return { runId: folder === null ? null : await this.bring(folder) }
  }

  /** The run in a folder, which is listed from then on. @throws GraftError CONFLICT where it is a copy of one that is still there */
  async bring(folder: RunFolder): Promise<string> {
    const { run_id: runId } = await folder.record()
    const { runs } = await discoverRuns(this.folders.runs, this.folders.runRegistry)
    const known = runs.find(({ record }) => record.run_id === runId)?.folder
    if (known !== undefined && !(await isSameFolder(known.directory, folder.directory))) throw copyOf(folder, known)
    if (known === undefined) await registerRun(folder.directory, this.folders.runs, this.folders.runRegistry)
    this.enter(runId, (known ?? folder).directory)
    return runId
  }

  /** The folder of a run. @throws GraftError NOT_FOUND */
  async folder(runId: string): Promise<RunFolder> {
    const live = this.live.get(runId)
    if (live !== undefined) return live.folder
    const known = this.directories.get(runId)
    // Moved by hand, it may lie where it is found again.
    if (known === undefined || !(await isThere(join(known, 'run.json')))) await this.list()
    const directory = this.directories.get(runId)
    if (directory === undefined) throw new GraftError('NOT_FOUND', `There is no run ${runId}.`, { action: 'The list of runs shows what there is.' })
    const folder = await RunFolder.open(directory)
    if ((await folder.record()).run_id !== runId) throw new GraftError('NOT_FOUND', `${directory} holds another run now.`, { action: 'Look at the list of runs.' })
    return folder
  }

  /** A run and its record as it is now. @throws GraftError NOT_FOUND, UNREADABLE, STORAGE */
  async find(runId: string): Promise<FoundRun> {
    const folder = await this.folder(runId)
    return { folder, record: await this.current(folder, await folder.record()) }
  }

  /** The folder of a run that nobody works on. @throws GraftError CONFLICT */
  async requireAtRest(runId: string): Promise<RunFolder> {
    const folder = await this.folder(runId)
    const record = await this.settled(folder, await folder.record())
    if (isLive(record.status)) throw new GraftError('CONFLICT', `${record.name} is still ${record.status}.`, { action: 'Stop it first.' })
    return folder
  }

  /** From now on the run is known to lie there. */
  enter(runId: string, directory: string): void {
    this.directories.set(runId, directory)
    this.tellChange(runId)
  }

  /** The run is in no list any more. */
  strike(runId: string): void {
    this.directories.delete(runId)
    this.tellChange(runId)
  }

  /** Runs `work` alone among those of this process that begin or remove the run. @throws GraftError CONFLICT */
  async reserve<T>(runId: string, work: () => Promise<T>): Promise<T> {
    // Nothing is awaited between the look and the reservation.
    if (this.reserved.has(runId)) throw new GraftError('CONFLICT', `The run ${runId} is just being started or deleted.`, { action: 'Look at it again in a moment.' })
    this.reserved.add(runId)
    try {
      return await work()
    } finally {
      this.reserved.delete(runId)
    }
  }

  /** Tells whoever watches that something about the run has changed. */
  tellChange(runId: string): void {
    this.changed.publish({ runId })
  }

  /** The runs that this process has in hand: at work, paused, or waiting for the machine. */
  liveRecords(): RunRecord[] {
    return [...this.live.values()].map(({ record }) => record)
  }

  /** Events from `since` on: the past first, then live ones until the run ends. */
  events(input: { runId: string; since?: number }, signal?: AbortSignal): AsyncGenerator<SequencedRunEvent, void, void> {
    return runEvents(this, input, signal)
  }

  /** Tells whenever a run appears, changes or goes, also through another process. */
  changes(signal?: AbortSignal): AsyncGenerator<{ runId: string }, void, void> {
    return watchRuns(this.folders, { changed: this.changed, isOurs: (runId) => this.live.has(runId) }, signal)
  }

  /** Ends every watch. */
  endWatches(): void {
    this.changed.close()
  }

  /** The record as it is now, of any run. */
  async current(folder: RunFolder, record: RunRecord): Promise<RunRecord> {
    // Ours, written and not launched yet: it has no owner to be seen, and is not interrupted.
    if (this.reserved.has(record.run_id)) return this.live.get(record.run_id)?.record ?? record
    return this.settled(folder, record)
  }

  /** The record as it is now: a run whose owner has died is interrupted. */
  async settled(folder: RunFolder, record: RunRecord): Promise<RunRecord> {
    const live = this.live.get(record.run_id)
    if (live !== undefined) return live.record
    if (!isLive(record.status) || isOwnedElsewhere(record)) return record
    const failure = { code: 'CRASHED' as const, message: 'The program that worked on this run ended before it did.', action: 'Resume goes on from the last epoch.' }
    const interrupted = { status: 'interrupted' as const, owner_pid: null, failure }
    // Resumed or ended since it was read, it stays as it is; and not being able to write (a disk mounted read-only) must not keep the list from being shown.
    return folder.updateRecord((now) => (now.updated_at === record.updated_at ? interrupted : null)).catch(() => ({ ...record, ...interrupted }))
  }
}

/** The epochs come as events; twice more in each answer they would be most of it. */
function withoutHistory(state: CheckpointState | null): CheckpointState | null {
  return state === null ? null : { ...state, history: [] }
}
