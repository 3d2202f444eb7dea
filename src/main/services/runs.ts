/** Runs that are trained: begun, paused, stopped, gone on with, put into the queue. They belong to this process and go on when a window closes. */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConfigValues } from '../../shared/domain/config-layers'
import { GraftError } from '../../shared/domain/error'
import type { PresetName } from '../../shared/domain/presets'
import { isLive, type RunRecord } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { isThere, syncFolder } from '../storage/atomic-write'
import { type NewRun, RunFolder } from '../storage/run-folder'
import { registerRun } from '../storage/run-registry'
import { toStorageError } from '../storage/storage-error'
import { chooseConfig } from './config/chosen-config'
import type { ResolvedConfig } from './config/run-config'
import type { DatasetsService } from './datasets'
import { LiveRun } from './live-run'
import type { ModelsService } from './models'
import { newRunRecord } from './new-run'
import type { Places } from './places'
import { RunBook } from './run-book'
import { statusOutOfQueue } from './run-marks'

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

export class RunsService extends RunBook {
  private readonly working = new Map<string, Promise<void>>()

  constructor(
    private readonly places: Places,
    private readonly datasets: DatasetsService,
    private readonly models: ModelsService,
    private readonly options: { trainerPath?: string | undefined; isBackground?: () => Promise<boolean> } = {},
  ) {
    super(places)
  }

  /** Makes the run's folder and begins, or waits for its turn. @throws GraftError BAD_INPUT, NOT_FOUND, CONFLICT, STORAGE */
  async start(input: StartRun): Promise<{ runId: string; directory: string }> {
    return this.begin(await this.newRun(input), input.directory ?? null, input.profile)
  }

  /** Makes the run's folder for the queue: what it is trained on and with is settled now, and nobody works on it. @throws as `start` */
  async startLater(input: StartRun): Promise<{ runId: string; directory: string }> {
    const run = await this.newRun(input)
    return this.make({ ...run, record: { ...run.record, status: 'queued', owner_pid: null } }, input.directory ?? null, ({ run_id: runId }) => this.tellChange(runId))
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
      this.enter(record.run_id, folder.directory)
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
      this.enter(runId, folder.directory)
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
    if (directory !== null) await this.bring(await RunFolder.open(directory))
    const folder = await this.folder(input.runId)
    const record = await this.settled(folder, await folder.record())
    if (isLive(record.status)) throw new GraftError('CONFLICT', `${record.name} is still ${record.status}.`, { action: 'Watch it, or stop it first.' })
    if (record.origin === 'imported') {
      throw new GraftError('CONFLICT', `${record.name} was trained by another program, so there is nothing to resume.`, {
        action: 'Train on from it: start a run with its checkpoints/best/weights.safetensors as weights.',
      })
    }
    if (record.status === 'completed') throw new GraftError('CONFLICT', `${record.name} is complete.`, { action: 'Train on from it: graft train DATA --from RUN, or Train on from this model in the studio.' })
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
      this.tellChange(runId)
      return queued
    })
  }

  /** Takes a run out of the queue: it stands as stopped, or as it ended before. One that is not in it is left as it is. */
  takeOut(runId: string): Promise<RunRecord> {
    return this.reserve(runId, async () => {
      const folder = await this.folder(runId)
      const record = await folder.record()
      if (record.status !== 'queued') return record
      const back = await folder.updateRecord({ status: statusOutOfQueue(record) })
      this.tellChange(runId)
      return back
    })
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

  /** Resolves when a run of this process has ended. */
  async finished(runId: string): Promise<void> {
    await this.working.get(runId)
  }

  /** Stops what is live, keeping the best of each; for the end of the program. */
  async close(): Promise<void> {
    for (const run of this.live.values()) run.end()
    await Promise.all(this.working.values())
    this.endWatches()
  }

  private launch(folder: RunFolder, record: RunRecord, resume: boolean, profile?: StartRun['profile']): void {
    const runId = record.run_id
    this.models.endForecasts()
    const onChange = (): void => this.tellChange(runId)
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
}
