/** Runs: start, watch, pause, stop, resume, name, delete. They belong to this process and go on when a window closes. */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GraftError } from '../../shared/domain/error'
import { isLive } from '../../shared/domain/run'
import type { ConfigValues } from '../../shared/domain/config-layers'
import type { CheckpointState, RunRecord, SequencedRunEvent } from '../../shared/domain/run'
import type { PresetName } from '../../shared/domain/presets'
import type { RunConfig } from '../../shared/domain/run-config'
import { isThere, syncFolder } from '../storage/atomic-write'
import { type NewRun, RunFolder } from '../storage/run-folder'
import { discoverRuns, registerRun } from '../storage/run-registry'
import { toStorageError } from '../storage/storage-error'
import { isDurable } from '../trainer/messages'
import { Broadcast } from './broadcast'
import { chooseConfig } from './config/chosen-config'
import type { ResolvedConfig } from './config/run-config'
import type { DatasetsService } from './datasets'
import { LiveRun } from './live-run'
import type { ModelsService } from './models'
import type { Places } from './places'
import { newRunRecord } from './new-run'
import { marksOf, requireOwnRecord, type RunMarks, TrashedRuns } from './run-marks'
import { removeMembers, requireNothingElse } from './run-members'
import { isOwnedElsewhere } from './run-owner'
import { inWords } from './run-words'
import { watchRuns } from './watch-runs'
import { moveToTrash } from './xdg-trash'

const FOREIGN_POLL_MS = 500

export interface StartRun {
  datasetId: string
  preset: PresetName | null
  config: ConfigValues
  /** The same with its sources, where preset, file and flags were put together already. */
  resolved?: ResolvedConfig
  name: string | null
  /** The run's own folder, new or empty; null or left out: one below the runs folder. */
  directory?: string | null
  /** Where the time goes is written into the run's folder; the command that asks began at this time. */
  profile?: { startedAt: number } | undefined
}

export interface RunView {
  run: RunRecord
  config: RunConfig
  directory: string
  /** Without their history. */
  checkpoints: { best: CheckpointState | null; latest: CheckpointState | null }
}

export class RunsService {
  private readonly live = new Map<string, LiveRun>()
  private readonly working = new Map<string, Promise<void>>()
  private readonly directories = new Map<string, string>()
  /** Runs that this process is about to begin or remove: between the looks at their files nobody else here may touch them. */
  private readonly reserved = new Set<string>()
  private readonly trashed = new TrashedRuns()
  private readonly changed = new Broadcast<{ runId: string }>({ replaces: (waiting, newer) => waiting.runId === newer.runId })

  constructor(
    private readonly places: Places,
    private readonly datasets: DatasetsService,
    private readonly models: ModelsService,
    private readonly options: {
      trainerPath?: string | undefined
      isBackground?: () => Promise<boolean>
      /** The desktop's own; without it that of this machine, if it has one. */
      trashItem?: ((path: string) => Promise<void>) | undefined
    } = {},
  ) {}

  async list(): Promise<{ runs: RunRecord[] }> {
    const { runs } = await discoverRuns(this.places.runs, this.places.runRegistry)
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
    if (folder === null) return { runId: null }
    const { run_id: runId } = await folder.record()
    await registerRun(folder.directory, this.places.runs, this.places.runRegistry)
    if (!this.directories.has(runId)) this.directories.set(runId, folder.directory)
    this.changed.publish({ runId })
    return { runId }
  }

  /** Makes the run's folder and begins, or waits for its turn. @throws GraftError BAD_INPUT, NOT_FOUND, CONFLICT, STORAGE */
  async start(input: StartRun): Promise<{ runId: string; directory: string }> {
    return this.begin(await this.newRun(input), input.directory ?? null, input.profile)
  }

  /** Makes the run's folder for the queue: what it is trained on and with is settled now, and nobody works on it. @throws as `start` */
  async startLater(input: StartRun): Promise<{ runId: string; directory: string }> {
    const run = await this.newRun(input)
    return this.make({ ...run, record: { ...run.record, status: 'queued', owner_pid: null } }, input.directory ?? null, ({ run_id: runId }) => this.changed.publish({ runId }))
  }

  private async newRun(input: StartRun): Promise<NewRun> {
    await this.models.requireUsable(chooseConfig(this.datasets.find(input.datasetId), input).config)
    // What belongs together, and so the split, depends on what the pictures show.
    await this.datasets.lookAt(input.datasetId)
    const chosen = chooseConfig(this.datasets.find(input.datasetId), input)
    const { manifest } = chosen
    // What ratios the split has, the configuration says too.
    const config: RunConfig = { ...chosen.config, train_ratio: manifest.ratios.train, val_ratio: manifest.ratios.val, test_ratio: manifest.ratios.test }
    const record = newRunRecord({ name: input.name, preset: chosen.preset, config, manifest })
    return { record, config, manifest, origin: chosen.origin }
  }

  /** Makes the run's folder, its own or one below the runs folder, and begins. @throws GraftError CONFLICT, STORAGE */
  begin(run: NewRun, directory: string | null, profile?: StartRun['profile']): Promise<{ runId: string; directory: string }> {
    return this.make(run, directory, (record, folder) => this.launch(folder, record, false, profile))
  }

  private make(run: NewRun, directory: string | null, then: (record: RunRecord, folder: RunFolder) => void): Promise<{ runId: string; directory: string }> {
    const { record } = run
    return this.reserve(record.run_id, async () => {
      const folder = await RunFolder.create(directory ?? join(this.places.runs, record.run_id), run)
      await registerRun(folder.directory, this.places.runs, this.places.runRegistry)
      this.directories.set(record.run_id, folder.directory)
      then(record, folder)
      return { runId: record.run_id, directory: folder.directory }
    })
  }

  /** Lists a run that was not trained here: its whole folder is moved from `directory`, on the same disk. @throws GraftError CONFLICT, STORAGE */
  adopt(runId: string, directory: string): Promise<RunFolder> {
    return this.reserve(runId, async () => {
      const target = join(this.places.runs, runId)
      if (await isThere(target)) throw new GraftError('CONFLICT', `${target} is there already.`, { action: 'Try again.' })
      try {
        await rename(directory, target)
        await syncFolder(this.places.runs)
      } catch (error) {
        throw toStorageError(error, target, 0)
      }
      const folder = await RunFolder.open(target)
      this.directories.set(runId, folder.directory)
      this.changed.publish({ runId })
      return folder
    })
  }

  /**
   * Goes on with a stopped, interrupted or failed run from its latest checkpoint, or from the start where it has none.
   * @param input `directory` for a run that lies where no list has it
   */
  resume(input: { runId: string; directory?: string | null; profile?: StartRun['profile'] }): Promise<RunRecord> {
    return this.reserve(input.runId, () => this.resumeReserved(input))
  }

  private async resumeReserved(input: Parameters<RunsService['resume']>[0]): Promise<RunRecord> {
    const { directory = null } = input
    if (directory !== null) this.directories.set(input.runId, directory)
    const folder = await this.folder(input.runId)
    const record = await this.settled(folder, await folder.record())
    if (isLive(record.status)) throw new GraftError('CONFLICT', `${record.name} is still ${record.status}.`, { action: 'Watch it, or stop it first.' })
    if (record.origin === 'imported') {
      throw new GraftError('CONFLICT', `${record.name} was trained by another program, so there is nothing to resume.`, {
        action: 'Train on from it: start a run with its checkpoints/best/weights.safetensors as weights.',
      })
    }
    if (record.status === 'completed') throw new GraftError('CONFLICT', `${record.name} is complete.`, { action: 'Train on from it: graft train DATA --from RUN, or Train on from this model in the studio.' })
    if (directory !== null) await registerRun(folder.directory, this.places.runs, this.places.runRegistry)
    // One that waited in the queue for its first session has nothing to go on from.
    const isResumed = record.status !== 'queued' || (await folder.events()).length > 0
    const waiting = await folder.updateRecord({ status: 'waiting', owner_pid: process.pid, failure: null })
    this.launch(folder, waiting, isResumed, input.profile)
    return waiting
  }

  /**
   * Puts a run that came to no end into nobody's hand, for the queue; one of this process that is live is put aside first, with its place kept.
   * Resolves once it is: what was being evaluated just then has ended instead, as its record says. @throws GraftError CONFLICT
   */
  async putAside(runId: string): Promise<RunRecord> {
    const live = this.live.get(runId)
    if (live !== undefined) {
      live.leaveForQueue()
      await this.finished(runId)
      return (await this.folder(runId)).record()
    }
    return this.reserve(runId, async () => {
      const folder = await this.requireAtRest(runId)
      const record = await folder.record()
      if (record.status === 'completed' || record.origin === 'imported') {
        throw new GraftError('CONFLICT', `${record.name} is complete: there is nothing to train in its turn.`, { action: 'Train on from it instead.' })
      }
      const queued = await folder.updateRecord({ status: 'queued' })
      this.changed.publish({ runId })
      return queued
    })
  }

  /** Takes a run out of the queue: it stands as stopped, or as it ended before. One that is not in it is left as it is. */
  takeOut(runId: string): Promise<RunRecord> {
    return this.reserve(runId, async () => {
      const folder = await this.folder(runId)
      const record = await folder.record()
      if (record.status !== 'queued') return record
      // As it came, as far as its failure tells.
      const failed = record.failure?.code === 'CRASHED' || record.failure?.code === 'OUT_OF_MEMORY' ? 'interrupted' : 'failed'
      const back = await folder.updateRecord({ status: record.failure === null ? 'stopped' : failed })
      this.changed.publish({ runId })
      return back
    })
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
  async *events(input: { runId: string; since?: number }, signal?: AbortSignal): AsyncGenerator<SequencedRunEvent, void, void> {
    const since = input.since ?? 0
    const folder = await this.folder(input.runId)
    const live = this.live.get(input.runId)
    // Subscribed before the past is read, so that nothing falls in between.
    const news = live?.events.subscribe(signal)
    let next = since
    try {
      for (const item of await folder.events()) {
        if (item.sequence < since) continue
        yield item
        next = item.sequence + 1
      }
      if (news === undefined) return yield* this.foreignEvents(folder, next, signal)
      for await (const item of news) {
        if (isDurable(item.event)) {
          if (item.sequence < next) continue
          next = item.sequence + 1
        }
        yield item
      }
    } finally {
      await news?.return()
    }
  }

  /** Tells whenever a run appears, changes or goes, also through another process. */
  changes(signal?: AbortSignal): AsyncGenerator<{ runId: string }, void, void> {
    return watchRuns(this.places, { changed: this.changed, isOurs: (runId) => this.live.has(runId) }, signal)
  }

  async pause(input: { runId: string }): Promise<RunRecord> {
    const live = await this.requireLive(input.runId)
    live.pause()
    return live.record
  }

  async unpause(input: { runId: string }): Promise<RunRecord> {
    const live = await this.requireLive(input.runId)
    live.unpause()
    return live.record
  }

  /** Ends training after the step at hand, keeps and evaluates the best checkpoint. */
  async stop(input: { runId: string }): Promise<RunRecord> {
    const live = await this.requireLive(input.runId)
    live.stop()
    return live.record
  }

  /** Ends the trainer of a run now. */
  killSync(runId: string): void {
    this.live.get(runId)?.killSync()
  }

  async rename(input: { runId: string; name: string }): Promise<RunRecord> {
    const live = this.live.get(input.runId)
    const record = live === undefined ? await (await this.folder(input.runId)).updateRecord({ name: input.name }) : await live.mark({ name: input.name })
    this.changed.publish({ runId: input.runId })
    return record
  }

  /** Tags, note, whether it is archived; of a live run too. */
  async mark(input: { runId: string } & RunMarks): Promise<RunRecord> {
    const marks = marksOf(input)
    const live = this.live.get(input.runId)
    const record = live === undefined ? await this.markAtRest(input.runId, marks) : await live.mark(marks)
    this.changed.publish({ runId: input.runId })
    return record
  }

  private async markAtRest(runId: string, marks: Partial<RunRecord>): Promise<RunRecord> {
    const folder = await this.folder(runId)
    requireOwnRecord(await folder.record())
    return folder.updateRecord(marks)
  }

  /** Moves the run's folder to the trash. `restoreId` is what `restore` takes; null where only the system can put it back. @throws GraftError CONFLICT, UNSUPPORTED */
  trash(input: { runId: string }): Promise<{ restoreId: string | null }> {
    return this.reserve(input.runId, async () => {
      const { directory } = await this.requireAtRest(input.runId)
      await requireNothingElse(directory)
      const restoreId = this.options.trashItem === undefined ? this.trashed.keep(input.runId, await moveToTrash(directory)) : await this.options.trashItem(directory).then(() => null)
      this.directories.delete(input.runId)
      this.changed.publish({ runId: input.runId })
      return { restoreId }
    })
  }

  async restore(input: { restoreId: string }): Promise<RunRecord> {
    const { runId, directory } = await this.trashed.restore(input.restoreId)
    this.directories.set(runId, directory)
    this.changed.publish({ runId })
    return (await this.folder(runId)).record()
  }

  /** The folder of a run that nobody works on. @throws GraftError CONFLICT */
  private async requireAtRest(runId: string): Promise<RunFolder> {
    const folder = await this.folder(runId)
    const record = await this.settled(folder, await folder.record())
    if (isLive(record.status)) throw new GraftError('CONFLICT', `${record.name} is still ${record.status}.`, { action: 'Stop it first.' })
    return folder
  }

  /** Deletes what the run wrote, and its folder unless something else lies in it. The pictures are not touched. */
  remove(input: { runId: string }): Promise<{ removed: boolean }> {
    return this.reserve(input.runId, () => this.removeReserved(input))
  }

  private async removeReserved(input: { runId: string }): Promise<{ removed: boolean }> {
    const folder = await this.requireAtRest(input.runId)
    await removeMembers(folder.directory)
    this.directories.delete(input.runId)
    this.changed.publish({ runId: input.runId })
    return { removed: true }
  }

  /** The run's log, or its history in words where it has none. */
  async log(input: { runId: string }): Promise<{ text: string }> {
    const folder = await this.folder(input.runId)
    const text = await folder.log()
    if (text !== '') return { text }
    return { text: (await folder.events()).map(({ at, event }) => `${at} ${inWords(event)}\n`).join('') }
  }

  /** Resolves when a run of this process has ended. */
  async finished(runId: string): Promise<void> {
    await this.working.get(runId)
  }

  liveCount(): number {
    return this.live.size
  }

  /** Stops what is live, keeping the best of each; for the end of the program. */
  async close(): Promise<void> {
    for (const run of this.live.values()) run.end()
    await Promise.all(this.working.values())
    this.changed.close()
  }

  /** The folder of a run. @throws GraftError NOT_FOUND */
  async folder(runId: string): Promise<RunFolder> {
    const live = this.live.get(runId)
    if (live !== undefined) return live.folder
    if (!this.directories.has(runId)) await this.list()
    const directory = this.directories.get(runId)
    if (directory === undefined) throw new GraftError('NOT_FOUND', `There is no run ${runId}.`, { action: 'The list of runs shows what there is.' })
    const folder = await RunFolder.open(directory)
    if ((await folder.record()).run_id !== runId) throw new GraftError('NOT_FOUND', `${directory} holds another run now.`, { action: 'Look at the list of runs.' })
    return folder
  }

  /** Runs `work` alone among those of this process that begin or remove the run. @throws GraftError CONFLICT */
  private async reserve<T>(runId: string, work: () => Promise<T>): Promise<T> {
    // Nothing is awaited between the look and the reservation.
    if (this.reserved.has(runId)) throw new GraftError('CONFLICT', `The run ${runId} is just being started or deleted.`, { action: 'Look at it again in a moment.' })
    this.reserved.add(runId)
    try {
      return await work()
    } finally {
      this.reserved.delete(runId)
    }
  }

  private launch(folder: RunFolder, record: RunRecord, resume: boolean, profile?: StartRun['profile']): void {
    const runId = record.run_id
    this.models.endForecasts()
    const onChange = (): void => this.changed.publish({ runId })
    const run = new LiveRun({ folder, record, lockPath: this.places.lock, trainerPath: this.options.trainerPath, isBackground: this.options.isBackground, profile, onChange })
    this.live.set(runId, run)
    const work = run.work(resume).then(() => {
      this.live.delete(runId)
      this.working.delete(runId)
      onChange()
    })
    this.working.set(runId, work)
    onChange()
  }

  /** Of all that is being trained. */
  async setBackground(isBackground: boolean): Promise<void> {
    await Promise.all([...this.live.values()].map((run) => run.setBackground(isBackground)))
  }

  private async requireLive(runId: string): Promise<LiveRun> {
    const live = this.live.get(runId)
    if (live !== undefined) return live
    const folder = await this.folder(runId)
    const record = await this.current(folder, await folder.record())
    if (isLive(record.status)) {
      throw new GraftError('CONFLICT', `${record.name} belongs to another window or command (process ${String(record.owner_pid)}).`, { action: 'Stop or pause it there.' })
    }
    throw new GraftError('CONFLICT', `${record.name} is ${record.status}, not running.`, { action: 'Resume it, or start a new run.' })
  }

  /** The record as it is now, of any run. */
  private async current(folder: RunFolder, record: RunRecord): Promise<RunRecord> {
    // Ours, written and not launched yet: it has no owner to be seen, and is not interrupted.
    if (this.reserved.has(record.run_id)) return this.live.get(record.run_id)?.record ?? record
    return this.settled(folder, record)
  }

  /** The record as it is now: a run whose owner has died is interrupted. */
  private async settled(folder: RunFolder, record: RunRecord): Promise<RunRecord> {
    const live = this.live.get(record.run_id)
    if (live !== undefined) return live.record
    if (!isLive(record.status) || isOwnedElsewhere(record)) return record
    const failure = { code: 'CRASHED' as const, message: 'The program that worked on this run ended before it did.', action: 'Resume goes on from the last epoch.' }
    // Not being able to write (a disk mounted read-only) must not keep the list from being shown.
    return folder.updateRecord({ status: 'interrupted', owner_pid: null, failure }).catch(() => ({ ...record, status: 'interrupted' as const, owner_pid: null, failure }))
  }

  /** Follows a run of another process by its file. */
  private async *foreignEvents(folder: RunFolder, from: number, signal: AbortSignal | undefined): AsyncGenerator<SequencedRunEvent, void, void> {
    let next = from
    for (;;) {
      // The record is read first: what was written before the end is then in the history.
      const record = await this.current(folder, await folder.record())
      for (const item of await folder.events()) {
        if (item.sequence < next) continue
        yield item
        next = item.sequence + 1
      }
      if (!isLive(record.status) || signal?.aborted === true) return
      await sleep(FOREIGN_POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
    }
  }
}

/** The epochs come as events; twice more in each answer they would be most of it. */
function withoutHistory(state: CheckpointState | null): CheckpointState | null {
  return state === null ? null : { ...state, history: [] }
}
