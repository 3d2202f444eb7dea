/** The queue: runs that are trained one after the other, kept in a file, so that they are there after any end of the program. */
import { GraftError } from '../../shared/domain/error'
import { EMPTY_QUEUE, type QueueFile, type QueueView } from '../../shared/domain/queue'
import type { RunRecord } from '../../shared/domain/run'
import { changeQueue, readQueue } from '../storage/queue-file'
import { RunFolder } from '../storage/run-folder'
import { Broadcast } from './broadcast'
import type { Places } from './places'
import { QueueKeeper, type QueueNews } from './queue-keeper'
import type { RunsService, StartRun } from './runs'

export class QueueService {
  private readonly news = new Broadcast<QueueNews>()
  private readonly keeper: QueueKeeper

  constructor(
    private readonly places: Pick<Places, 'queue' | 'lock'>,
    private readonly runs: RunsService,
  ) {
    this.keeper = new QueueKeeper(places, runs, this.news)
  }

  /** Begins runs in their turn, from now until `close`; where another process does so already, once that has ended. */
  begin(): void {
    this.keeper.begin()
  }

  /** What the keeper of this process does, from now on. */
  subscribe(signal?: AbortSignal): AsyncGenerator<QueueNews, void, void> {
    return this.news.subscribe(signal)
  }

  async get(): Promise<QueueView> {
    const file = await readQueue(this.places.queue)
    const runs = await this.records()
    const entries: QueueView['entries'] = []
    for (const { run_id: runId, added_at: addedAt } of file.entries) {
      const run = runs.get(runId)
      if (!isShown(run)) continue
      const { name, dataset_name: dataset, backbone, epochs_done: epochsDone, epochs_planned: epochsPlanned } = run
      entries.push({ runId, name, addedAt, dataset, backbone, epochsDone, epochsPlanned })
    }
    const current = runs.get(file.current?.run_id ?? '')
    const { held, ended } = file
    return {
      held,
      keeper: this.keeper.isKeeping ? 'here' : (await this.keeper.owner()) === null ? 'none' : 'elsewhere',
      entries,
      current: current === undefined || current.status === 'queued' ? null : { runId: current.run_id, name: current.name },
      waitsFor: entries.length === 0 || held ? null : await this.keeper.waitsFor(),
      ended,
    }
  }

  /** A new run, at the end of the queue. What it is trained on and with is settled now. @throws as `RunsService.start` */
  async add(input: StartRun): Promise<{ runId: string; directory: string; place: number }> {
    const made = await this.runs.startLater(input)
    return { ...made, place: await this.enter(made.runId, made.directory) }
  }

  /**
   * A run that came to no end, at the end of the queue: paused, stopped, interrupted or failed. One that is at work is put aside first.
   * @param input `directory` for a run that lies where no list has it
   * @throws GraftError CONFLICT
   */
  async put(input: { runId: string; directory?: string }): Promise<{ place: number }> {
    const { runId } = input
    if (input.directory !== undefined) await this.runs.bring(await RunFolder.open(input.directory))
    const { directory } = await this.runs.folder(runId)
    // One at work is entered before it has left, so that the keeper finds the order as it is meant.
    const place = this.runs.live.has(runId) ? await this.enter(runId, directory) : null
    const { status, name } = await this.runs.putAside(runId)
    if (status !== 'queued') {
      await this.change((file) => without(file, runId))
      throw new GraftError('CONFLICT', `${name} has just ended; it is ${status}.`, { action: 'Look at its results.' })
    }
    if (place === null) return { place: await this.enter(runId, directory) }
    // The keeper of another process may have passed it over while it was still at work.
    await this.change((file) => (file.entries.some((entry) => entry.run_id === runId) ? file : { ...file, entries: [...file.entries, newEntry(runId, directory)] }))
    return { place }
  }

  /** To the place `to` among those that are shown, from 0; past the end: the last. */
  async move(input: { runId: string; to: number }): Promise<void> {
    const runs = await this.records()
    await this.change((file) => {
      const entry = file.entries.find(({ run_id: runId }) => runId === input.runId)
      if (entry === undefined) throw notInQueue(input.runId)
      const others = file.entries.filter((other) => other !== entry)
      const next = others.filter(({ run_id: runId }) => isShown(runs.get(runId)))[Math.max(0, input.to)]
      return { ...file, entries: others.toSpliced(next === undefined ? others.length : others.indexOf(next), 0, entry) }
    })
    this.runs.tellChange(input.runId)
  }

  /** The run stays, as stopped; so do the others in the queue. */
  async remove(input: { runId: string }): Promise<void> {
    await this.change((file) => without(file, input.runId))
    await this.runs.takeOut(input.runId)
  }

  async clear(): Promise<{ removed: number }> {
    let taken: QueueFile['entries'] = []
    await this.change((file) => {
      taken = file.entries
      return { ...file, entries: [] }
    })
    for (const { run_id: runId } of taken) await this.runs.takeOut(runId).catch(() => undefined)
    return { removed: taken.length }
  }

  /** The run begins as soon as the machine is free of this process's run, which is put aside and comes next. */
  async startNow(input: { runId: string }): Promise<void> {
    const { runId } = input
    const { folder, record } = await this.runs.find(runId)
    await this.change((file) => {
      // A queued run may have no entry: put back from the trash by hand, or the program was killed before it had one.
      const isLost = record.status === 'queued' && file.current?.run_id !== runId
      const entry = file.entries.find((entry) => entry.run_id === runId) ?? (isLost ? newEntry(runId, folder.directory) : undefined)
      if (entry === undefined) throw notInQueue(runId)
      return { ...file, entries: [entry, ...without(file, runId).entries], held: false, left_at: null }
    })
    this.runs.tellChange(runId)
    for (const live of this.runs.liveRecords()) await this.putBehindFirst(live)
    this.keeper.look()
  }

  private async putBehindFirst({ run_id: runId }: RunRecord): Promise<void> {
    const { directory } = await this.runs.folder(runId)
    // Entered before it has left, so that the keeper finds the order as it is meant.
    await this.change((file) => ({ ...file, entries: without(file, runId).entries.toSpliced(1, 0, newEntry(runId, directory)) }))
    const { status } = await this.runs.putAside(runId)
    if (status !== 'queued') await this.change((file) => without(file, runId))
  }

  /** Held, nothing more begins; what is at work goes on. */
  async hold(input: { held: boolean }): Promise<void> {
    const { entries } = await this.change((file) => (file.held === input.held && file.left_at === null ? file : { ...file, held: input.held, left_at: null }))
    for (const { run_id: runId } of entries.slice(0, 1)) this.runs.tellChange(runId)
    this.keeper.look()
  }

  /** How runs of the queue ended has been read. */
  async forgetEnded(): Promise<void> {
    await this.change((file) => (file.ended.length === 0 ? file : { ...file, ended: [] }))
  }

  /** Nothing more begins here. */
  stop(): void {
    this.keeper.stop()
  }

  /** Once what was at work has ended. Where a person ends the program, the rest of the queue waits for their word the next time. */
  async close(): Promise<void> {
    await this.keeper.close()
    this.news.close()
  }

  private async enter(runId: string, directory: string): Promise<number> {
    const { entries } = await this.change((file) => ({ ...file, entries: [...without(file, runId).entries, newEntry(runId, directory)] }))
    const runs = await this.records()
    const place = without({ ...EMPTY_QUEUE, entries }, runId).entries.filter((entry) => isShown(runs.get(entry.run_id))).length + 1
    this.runs.tellChange(runId)
    this.keeper.look()
    return place
  }

  private change(change: (file: QueueFile) => QueueFile): Promise<QueueFile> {
    return changeQueue(this.places.queue, change)
  }

  /** By their ids, from one look through all runs. */
  private async records(): Promise<ReadonlyMap<string, RunRecord>> {
    const { runs } = await this.runs.list()
    return new Map(runs.map((run) => [run.run_id, run]))
  }
}

/** One that was deleted, or resumed by hand, is passed over by the keeper too. */
const isShown = (run: RunRecord | undefined): run is RunRecord => run?.status === 'queued'
const newEntry = (runId: string, directory: string): QueueFile['entries'][number] => ({ run_id: runId, directory, added_at: new Date().toISOString() })
const without = (file: QueueFile, runId: string): QueueFile => ({ ...file, entries: file.entries.filter((entry) => entry.run_id !== runId) })
const notInQueue = (runId: string) => new GraftError('NOT_FOUND', `${runId} is not in the queue.`, { action: 'It may have begun just now: look at the list again.' })
