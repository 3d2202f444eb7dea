/** A run that this process works on: waits for the machine, runs the trainer, keeps `run.json` and the history true. */
import { isDeepStrictEqual } from 'node:util'
import { halvedBatch } from '../../shared/domain/batch-size'
import { Cancelled, GraftError, isCancellation, toFailure } from '../../shared/domain/error'
import type { Failure } from '../../shared/domain/error'
import { isLive } from '../../shared/domain/run'
import type { RunEvent, RunRecord, RunStatus, SequencedRunEvent } from '../../shared/domain/run'
import { metricNameSchema } from '../../shared/domain/run-config'
import type { EpochRecord } from '../../shared/domain/metrics'
import { acquireMachineLock } from '../storage/machine-lock'
import type { RunFolder } from '../storage/run-folder'
import { lackOfRoom } from '../storage/storage-error'
import { setBackground } from '../trainer/background'
import { runJob } from '../trainer/host'
import type { JobHandle } from '../trainer/host'
import { isDurable, type JobResults } from '../trainer/messages'
import { Broadcast } from './broadcast'
import { pauseBefore, waitForRoom } from './room-wait'
import { isOwnedElsewhere } from './run-owner'

export interface LiveRunOptions {
  folder: RunFolder
  record: RunRecord
  lockPath: string
  trainerPath?: string | undefined
  /** Whether training is to give way to other programs, asked when it begins. */
  isBackground?: (() => Promise<boolean>) | undefined
  /** See the trainer's job. */
  profile?: { startedAt: number } | undefined
  onChange: () => void
}

export class LiveRun {
  readonly folder: RunFolder
  /** Durable and passing events; a slow reader gets only the newest of passing ones in a row. */
  readonly events = new Broadcast<SequencedRunEvent>({ replaces: (waiting, newer) => waiting.event.event === newer.event.event && !isDurable(waiting.event) })
  record: RunRecord
  private readonly ending = new AbortController()
  private job: JobHandle<'train'> | null = null
  private stopRequested = false
  private isPauseWanted = false
  /** Its trainer has ended for a pause at least once. */
  private wasPaused = false
  private isLeaving = false
  /** What the disk had no room for; training goes on by itself once there is. */
  private neededBytes: number | null = null
  /** Pauses for lack of room since the last epoch. */
  private roomTries = 0
  /** Ends the wait of a pause. */
  private wake: (() => void) | null = null
  private sawError = false
  private writing: Promise<unknown> = Promise.resolve()
  /** Changes that are not in the file yet; those too that it could not be given. */
  private unwritten: Partial<RunRecord> = {}
  /** Why the last of them is not. */
  private writeProblem: Error | null = null

  constructor(private readonly options: LiveRunOptions) {
    this.folder = options.folder
    this.record = options.record
  }

  /** Resolves when the run has ended, however it did, or was put aside for the queue; never rejects. */
  async work(resume: boolean): Promise<void> {
    try {
      for (let isResumed = resume; !(await this.session(isResumed)); isResumed = true) {
        await this.untilGoingOn()
        if (this.isLeaving) {
          await this.putAside()
          return
        }
      }
    } catch (error) {
      await this.fail(error)
    } finally {
      await this.writing
      this.events.close()
      this.options.onChange()
    }
  }

  /** With the machine to itself, to the run's end or to a pause, which gives the machine back. True at the end. */
  private async session(resume: boolean): Promise<boolean> {
    if (this.wasPaused) this.change({ status: 'waiting' })
    let release = async (): Promise<void> => undefined
    try {
      release = await this.waitForMachine()
      const conflict = await this.lookAgain()
      if (conflict !== null) {
        this.publishAlone(toFailure(conflict))
        return true
      }
      this.change({ status: 'preparing', owner_pid: process.pid, failure: null })
      if (this.wasPaused) await this.append({ event: 'status', status: 'preparing', message: null })
      const status = await this.train(resume)
      if (status === 'paused') return false
      this.change({ status, owner_pid: null, failure: null })
      return true
    } catch (error) {
      if (await this.pauseForRoom(error)) return false
      await this.fail(error)
      return true
    } finally {
      // Whoever waits for the machine then reads what the record says of the end.
      await this.writing
      await release().catch(() => undefined)
    }
  }

  /** While paused there is no trainer: its memory is the machine's. @throws Cancelled at the program's end */
  private async untilGoingOn(): Promise<void> {
    this.wasPaused = true
    this.job = null
    const { signal } = this.ending
    const endWait = this.neededBytes === null ? null : waitForRoom(this.folder.directory, { neededBytes: this.neededBytes, afterMs: pauseBefore(this.roomTries++) }, () => this.neededBytes !== null && this.unpause())
    while (this.isPauseWanted && !this.stopRequested && !this.isLeaving && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    endWait?.()
    this.neededBytes = null
    this.wake = null
    if (signal.aborted) throw new Cancelled()
  }

  /** Where the disk was full the run is paused until there is room. False where more room would not have helped, or where it is to end. */
  private async pauseForRoom(error: unknown): Promise<boolean> {
    const neededBytes = lackOfRoom(error)
    if (neededBytes === null || this.stopRequested || this.isLeaving || this.ending.signal.aborted) return false
    // A person's pause stays one.
    const isByPerson = this.isPauseWanted
    this.neededBytes = isByPerson ? null : neededBytes
    this.isPauseWanted = true
    const { message } = toFailure(error)
    await this.folder.appendLog(message).catch(() => undefined)
    this.change({ status: 'paused' })
    const goesOn = isByPerson ? 'The run is paused, and goes on from its last checkpoint.' : 'The run is paused and goes on by itself, from its last checkpoint, once there is room on that disk.'
    await this.append({ event: 'status', status: 'paused', message: `${message} ${goesOn}` })
    return true
  }

  /** It stands where it stood, in nobody's hand: for the queue. */
  private async putAside(): Promise<void> {
    this.change({ status: 'queued', owner_pid: null, failure: null })
    await this.append({ event: 'status', status: 'queued', message: null })
  }

  /** Runs the trainer to its end; where memory runs out, again with smaller passes. */
  private async train(resume: boolean): Promise<JobResults['train']['status']> {
    for (let isResumed = resume; ; isResumed = true) {
      if (isResumed) await this.recallResolved()
      // Asked while there is no trainer yet that an error could leave to itself.
      const isBackground = await this.isBackground()
      this.job = runJob<'train'>(
        { kind: 'train', runDirectory: this.folder.directory, resume: isResumed, profile: this.options.profile },
        { signal: this.ending.signal, onEvent: (event) => this.hear(event), trainerPath: this.options.trainerPath },
      )
      // One that was paused is asked once it trains, so that its best is evaluated.
      if (this.stopRequested && !this.wasPaused) this.job.stop()
      if (this.isLeaving) this.job.pause()
      if (isBackground) await this.setBackground(true)
      try {
        return (await this.job.result).status
      } catch (error) {
        if (this.stopRequested || !(error instanceof GraftError) || error.code !== 'OUT_OF_MEMORY' || !(await this.shrinkBatch(error))) throw error
      }
    }
  }

  /** Settings that cannot be read are no reason not to train. */
  private async isBackground(): Promise<boolean> {
    try {
      return (await this.options.isBackground?.()) ?? false
    } catch (error) {
      await this.append({ event: 'log', level: 'warning', message: `Whether training gives way to other programs is not known, so it does not: ${toFailure(error).message}` })
      return false
    }
  }

  /**
   * The trainer goes by the record, which may not have been given what `auto` became or how small a pass has to be: the disk was full just then. The history
   * has what its last session began with, until the trainer cuts it back. @throws GraftError STORAGE, since another run would go on in place of this one
   */
  private async recallResolved(): Promise<void> {
    const start = (await this.folder.events()).findLast(({ event }) => event.event === 'start')?.event
    const resolved = { ...(start?.event === 'start' ? start.resolved : {}), ...this.record.resolved }
    await this.writing
    if (isDeepStrictEqual((await this.folder.record()).resolved, resolved)) return
    await this.folder.updateRecord({ resolved })
    this.record = { ...this.record, resolved }
  }

  /** Half the pictures a pass from now on. False where they cannot be fewer. */
  private async shrinkBatch(error: GraftError): Promise<boolean> {
    await this.writing
    const config = await this.folder.config()
    const resolved = halvedBatch(config, this.record.resolved)
    if (resolved === null) return false
    this.sawError = false
    this.change({ resolved, status: 'preparing', failure: null })
    await this.writing
    const { batch_size: batchSize, accumulation_steps: passes } = resolved
    const message = `${error.message} Training goes on from the last checkpoint with ${String(batchSize)} ${batchSize === 1 ? 'picture' : 'pictures'} a pass and ${String(passes)} passes a step.`
    await this.folder.appendLog(message).catch(() => undefined)
    await this.append({ event: 'log', level: 'warning', message })
    return true
  }

  /** Gives way to other programs, or no longer; what the system does not allow in the middle of a run holds from the next one on. */
  async setBackground(isBackground: boolean): Promise<void> {
    const pid = await this.job?.started
    if (pid !== undefined) await setBackground(pid, isBackground)
  }

  pause(): void {
    // It is paused already, for lack of room: now it stays so.
    if (this.wake !== null) {
      this.neededBytes = null
      return
    }
    if (this.job === null) throw new GraftError('CONFLICT', 'The run has not begun; it waits for its turn.', { action: 'Stop it if it should not begin.' })
    this.isPauseWanted = true
    this.job.pause()
  }

  unpause(): void {
    this.isPauseWanted = false
    this.job?.unpause()
    this.wake?.()
  }

  stop(): void {
    this.stopRequested = true
    if (this.wake !== null) this.wake()
    else if (this.job === null) this.ending.abort()
    // On the way back from a pause it is asked once it trains: see `hear`.
    else if (!this.wasPaused || this.record.status !== 'preparing') this.job.stop()
  }

  /** Ends as `queued` after the step at hand, to be resumed from there in its turn. What is being evaluated goes to its end. */
  leaveForQueue(): void {
    this.isLeaving = true
    if (this.wake !== null) this.wake()
    else if (this.job === null) this.ending.abort()
    else this.job.pause()
  }

  /** Stops as `stop` does, but kills the trainer when it takes too long. For the end of the program. */
  end(): void {
    this.ending.abort()
  }

  /** Ends the trainer now. The run can be resumed from its last epoch. */
  killSync(): void {
    const pid = this.job?.pid()
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    else this.ending.abort()
  }

  /** Writes what a person says of the run: its name, tags, note, whether it is out of the way. @throws GraftError STORAGE */
  async mark(marks: Partial<Pick<RunRecord, 'name' | 'tags' | 'note' | 'archived'>>): Promise<RunRecord> {
    this.change(marks)
    await this.writing
    // It goes with the run's next change, if there is one; whoever wrote it is to know.
    if (this.writeProblem !== null) throw this.writeProblem
    return this.record
  }

  private waitForMachine(): Promise<() => Promise<void>> {
    return acquireMachineLock(`training of ${this.record.name}`, {
      path: this.options.lockPath,
      signal: this.ending.signal,
      onWait: (owner) => {
        const message = `Waiting for the ${owner.what} (process ${owner.pid}) to end`
        // The record says that it waits already.
        void this.append({ event: 'status', status: 'waiting', message })
      },
    })
  }

  /** While this one waited for the machine, another process may have taken the same run up: what its record says now decides. */
  private async lookAgain(): Promise<GraftError | null> {
    await this.writing
    const record = await this.folder.record()
    this.record = record
    const { name, status } = record
    if (isOwnedElsewhere(record)) {
      const message = `${name} was taken up by another window or command (process ${String(record.owner_pid)}) meanwhile.`
      return new GraftError('CONFLICT', message, { action: 'Watch it there, or stop it there first.' })
    }
    // A run that seems interrupted is one that nobody works on: whoever looked may not see this process, as from a container.
    if (isLive(status) || status === 'interrupted') return null
    return new GraftError('CONFLICT', `${name} was waiting here, but another process has worked on it meanwhile; it is ${status} now.`, {
      action: status === 'completed' ? 'Look at its results.' : 'Resume it to go on.',
    })
  }

  /** What the trainer tells goes on to the readers and into the record. */
  private hear(item: SequencedRunEvent): void {
    const { event } = item
    switch (event.event) {
      case 'start':
        this.change({ device: event.device, classes: event.classes, counts: event.counts, resolved: event.resolved, environment: event.environment, epochs_done: event.resumed_from_epoch ?? 0 })
        // A run that is started over has no best yet.
        if (event.resumed_from_epoch === null) this.change({ best_epoch: null, best_metric: null, last_metric: null, test_accuracy: null })
        break
      case 'prepare':
        this.advance('preparing')
        break
      case 'progress':
        this.advance('training')
        break
      case 'epoch':
        this.roomTries = 0
        this.change({ epochs_done: event.epoch, last_metric: monitored(event, this.record.monitor), ...(event.is_best ? { best_epoch: event.epoch, best_metric: monitored(event, this.record.monitor) } : {}) })
        break
      case 'status':
        if (event.status === 'training' && this.stopRequested) this.job?.stop()
        // The end is told by the trainer's own end, when the folder is complete.
        if (isLive(event.status)) this.change({ status: event.status })
        break
      case 'done':
        this.change({ best_epoch: event.best_epoch, best_metric: event.best_metric, total_s: event.total_s, test_accuracy: event.test?.accuracy ?? null })
        break
      case 'error':
        this.sawError = true
        break
      case 'stage':
      case 'set_aside':
      case 'log':
        break
    }
    this.events.publish(item)
  }

  /** Passing events tell the state only where no `status` event has said otherwise. */
  private advance(status: RunStatus): void {
    const { status: now } = this.record
    const isNews = status === 'training' ? now === 'preparing' || now === 'waiting' : now === 'waiting'
    if (isNews) this.change({ status })
  }

  private async fail(error: unknown): Promise<void> {
    if (isCancellation(error) && this.isLeaving) return this.putAside()
    if (isCancellation(error) || (this.stopRequested && error instanceof GraftError && error.code === 'CONFLICT')) {
      await this.append({ event: 'status', status: 'stopped', message: this.job === null && !this.wasPaused ? 'Stopped before it began' : 'Stopped' })
      this.change({ status: 'stopped', owner_pid: null })
      return
    }
    const failure = toFailure(error)
    if (failure.code === 'CONFLICT' && (await this.folder.claimedBy().catch(() => null)) !== null) {
      this.publishAlone(failure)
      return
    }
    // A trainer that died can be resumed; one that said what is wrong has failed.
    const died = failure.code === 'CRASHED' || failure.code === 'OUT_OF_MEMORY'
    await this.folder.appendLog(`error ${failure.code}: ${failure.message}${failure.detail === undefined ? '' : `\n${failure.detail}`}`).catch(() => undefined)
    if (!this.sawError) await this.append({ event: 'error', failure })
    this.change({ status: died ? 'interrupted' : 'failed', owner_pid: null, failure })
    if (died) await this.append({ event: 'status', status: 'interrupted', message: failure.message })
  }

  /** Heard by this run's readers alone: the files belong to another process, or tell of its work. */
  private publishAlone(failure: Failure): void {
    this.events.publish({ sequence: Number.MAX_SAFE_INTEGER, at: new Date().toISOString(), event: { event: 'error', failure } })
  }

  /** A full disk must not keep the readers from hearing of it. */
  private async append(event: RunEvent): Promise<void> {
    const item = await this.folder.appendEvent(event).catch(() => ({ sequence: Number.MAX_SAFE_INTEGER, at: new Date().toISOString(), event }))
    this.events.publish(item)
  }

  private change(patch: Partial<RunRecord>): void {
    this.record = { ...this.record, ...patch, updated_at: new Date().toISOString() }
    this.unwritten = { ...this.unwritten, ...patch }
    this.writing = this.writing.then(() => this.write()).then(() => this.options.onChange())
  }

  /** What does not fit the disk goes with the next change. Where that was the last, the run is seen as interrupted by whoever looks next. */
  private async write(): Promise<void> {
    const patch = this.unwritten
    this.unwritten = {}
    try {
      await this.folder.updateRecord(patch)
      this.writeProblem = null
    } catch (error) {
      this.writeProblem = error instanceof Error ? error : new Error(String(error))
      this.unwritten = { ...patch, ...this.unwritten }
    }
  }
}

function monitored(epoch: EpochRecord, monitor: string): number {
  const name = metricNameSchema.safeParse(monitor)
  return epoch[name.success ? name.data : 'val_accuracy']
}
