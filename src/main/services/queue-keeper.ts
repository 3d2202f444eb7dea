/** Begins the runs of the queue in their turn: one keeper on a machine, whichever process came first. */
import { dirname, join } from 'node:path'
import { GraftError, toFailure } from '../../shared/domain/error'
import { type QueueFile, withEnd } from '../../shared/domain/queue'
import { isLive, type RunRecord } from '../../shared/domain/run'
import { isThere } from '../storage/atomic-write'
import { acquireMachineLock, type LockOwner, machineLockOwner, type ReleaseLock } from '../storage/machine-lock'
import { changeQueue, readQueue } from '../storage/queue-file'
import { RunFolder } from '../storage/run-folder'
import type { FoundRun } from '../storage/run-registry'
import type { Broadcast } from './broadcast'
import type { Places } from './places'
import type { RunsService } from './runs'

/** How soon it is seen that another process has left the machine, or changed the queue. */
const POLL_MS = 1000
/** A run at which the program died is begun once more, and not again: it may be what the program dies of. */
const MOST_TRIES = 2

export type QueueNews =
  /** `since`: the first event of this session, after those of earlier ones. */
  | { kind: 'begun'; runId: string; directory: string; since: number }
  /** Null: for nothing more. */
  | { kind: 'waits'; for: string | null }
  /** With runs in it that do not begin until a person says so. */
  | { kind: 'held' }
  | { kind: 'empty' }

export class QueueKeeper {
  private releaseKeeping: ReleaseLock | null = null
  private readonly ending = new AbortController()
  private beginning: Promise<void> | null = null
  private closing: Promise<void> | null = null
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> | null = null
  private working: Promise<void> | null = null
  /** The run that is told of where the queue as a whole has changed. */
  private firstId: string | null = null
  private toldWaiting: string | null = null
  private toldQueue = ''
  private toldProblem: string | null = null
  private waitingSince = ''
  private isRecovered = false
  private toldIdle: 'held' | 'empty' | null = null

  constructor(
    private readonly places: Pick<Places, 'queue' | 'lock'>,
    private readonly runs: RunsService,
    private readonly news: Broadcast<QueueNews>,
  ) {}

  get isKeeping(): boolean {
    return this.releaseKeeping !== null
  }

  begin(): void {
    this.beginning ??= this.keep().catch((error: unknown) => {
      if (!this.ending.signal.aborted) console.error(toFailure(error).message)
    })
  }

  /** Who keeps the queue, this process too; null where nobody does. */
  owner(): Promise<LockOwner | null> {
    return machineLockOwner(this.keepingLock)
  }

  /** What keeps the next run from beginning, in words that go on from "waits for". */
  async waitsFor(): Promise<string | null> {
    const [live] = this.runs.liveRecords()
    if (live !== undefined) return live.status === 'paused' ? `${live.name}, which is paused` : live.name
    const owner = await machineLockOwner(this.places.lock)
    return owner === null ? null : `the ${owner.what} (process ${String(owner.pid)})`
  }

  /** Looks at the queue now rather than a moment later. */
  look(): void {
    if (!this.isKeeping || this.ending.signal.aborted) return
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => this.tellProblem(error))
      .finally(() => {
        this.looking = null
      })
  }

  /** Nothing more begins. */
  stop(): void {
    this.ending.abort()
    clearInterval(this.timer)
  }

  /** After `stop`, and after what was at work has ended. */
  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  private async end(): Promise<void> {
    this.stop()
    await this.beginning
    await this.looking
    await this.working
    if (this.releaseKeeping === null) return
    // Whoever ended the program does not expect the next start of it to train; a keeper that waits already goes on.
    const leftAt = new Date().toISOString()
    await changeQueue(this.places.queue, (file) => (file.held || file.entries.length === 0 ? file : { ...file, held: true, left_at: leftAt })).catch(() => undefined)
    await this.releaseKeeping()
    this.releaseKeeping = null
  }

  private get keepingLock(): string {
    return `${this.places.queue}.keeper`
  }

  private async keep(): Promise<void> {
    this.waitingSince = new Date().toISOString()
    this.releaseKeeping = await acquireMachineLock('queue', { path: this.keepingLock, signal: this.ending.signal })
    this.timer = setInterval(() => this.look(), POLL_MS)
    this.timer.unref()
    this.look()
  }

  /** What the process before left at work comes first again, once; a queue that was held for its end alone goes on where this one stood by. */
  private async recover(): Promise<void> {
    const { current, left_at: leftAt } = await readQueue(this.places.queue)
    if (leftAt !== null && leftAt > this.waitingSince) await changeQueue(this.places.queue, (file) => (file.left_at === leftAt ? { ...file, held: false, left_at: null } : file))
    if (current === null) return
    const run = await this.recordOf(current.run_id)
    const isLeft = run?.status === 'interrupted' || run?.status === 'queued'
    // One whose folder cannot be written is told of, and keeps no other from beginning.
    const isAgain = isLeft && current.tries < MOST_TRIES && (await this.runs.putAside(current.run_id).then(() => true, () => false))
    await changeQueue(this.places.queue, (file) => {
      if (file.current?.run_id !== current.run_id) return file
      const rest = { ...file, current: null }
      // Another process has taken it up, and it goes on there.
      if (run !== null && isLive(run.status)) return rest
      if (!isAgain) return endedAs(rest, current.run_id, run)
      const others = file.entries.filter((entry) => entry.run_id !== current.run_id)
      return { ...file, entries: [{ run_id: current.run_id, directory: current.directory, added_at: new Date().toISOString() }, ...others] }
    })
  }

  private async lookOnce(): Promise<void> {
    if (this.working !== null) return
    if (!this.isRecovered) await this.recover()
    this.isRecovered = true
    const file = await readQueue(this.places.queue)
    const [first] = file.entries
    this.firstId = first?.run_id ?? this.firstId
    this.tellChanged(file)
    if (file.held || first === undefined) {
      this.tellWaiting(null)
      const kind = first === undefined ? 'empty' : 'held'
      if (this.toldIdle !== kind) this.news.publish({ kind })
      this.toldIdle = kind
      return
    }
    this.toldIdle = null
    const waiting = await this.waitsFor()
    this.tellWaiting(waiting)
    if (waiting !== null || this.ending.signal.aborted) return
    // Not awaited: a look is over when the run has begun.
    this.working = this.work()
      .then(() => true, (error: unknown) => this.tellProblem(error))
      .then((isWell) => {
        this.working = null
        // Else the timer looks again: at once it would go wrong as often as it can.
        if (isWell) this.look()
      })
  }

  /** The first of the queue, to its end. */
  private async work(): Promise<void> {
    let taken: QueueFile['current'] = null
    await changeQueue(this.places.queue, (file) => {
      const [first, ...rest] = file.entries
      if (first === undefined || file.held) return file
      const tries = file.current?.run_id === first.run_id ? file.current.tries + 1 : 1
      taken = { run_id: first.run_id, directory: first.directory, tries }
      return { ...file, entries: rest, current: taken }
    })
    const current = taken as QueueFile['current']
    if (current === null) return
    this.toldProblem = null
    const { run_id: runId } = current
    try {
      const found = await this.find(current)
      if (found?.record.status === 'queued') {
        const { directory } = found.folder
        const since = ((await found.folder.events()).at(-1)?.sequence ?? -1) + 1
        await this.runs.resume({ runId, directory })
        this.news.publish({ kind: 'begun', runId, directory, since })
        await this.runs.finished(runId)
        return await this.tellEnd(runId)
      }
    } catch (error) {
      const { message } = toFailure(error)
      await this.runs.takeOut(runId).catch(() => undefined)
      return this.tellEnd(runId, message)
    }
    // Resumed, deleted or ended by hand meanwhile, it is no longer the queue's.
    await changeQueue(this.places.queue, (file) => (file.current?.run_id === runId ? { ...file, current: null } : file))
  }

  /** The run of an entry, where it lies now; null where it was deleted. @throws GraftError where it cannot be read, or the disk it lies on is gone */
  private async find({ run_id: runId, directory }: { run_id: string; directory: string }): Promise<FoundRun | null> {
    try {
      return await this.runs.find(runId)
    } catch (error) {
      if (toFailure(error).code !== 'NOT_FOUND') throw error
    }
    // No list has one whose record is damaged.
    if (await isThere(join(directory, 'run.json'))) {
      const folder = await RunFolder.open(directory)
      const record = await folder.record()
      return record.run_id === runId ? { folder, record } : null
    }
    if (await isThere(dirname(directory))) return null
    throw new GraftError('STORAGE', `${directory} is not there, nor is the folder around it.`, { action: 'Connect its disk, then put the run into the queue again.' })
  }

  /** Null where it is gone or cannot be read. */
  private async recordOf(runId: string): Promise<RunRecord | null> {
    return this.runs.find(runId).then(({ record }) => record, () => null)
  }

  private async tellEnd(runId: string, message: string | null = null): Promise<void> {
    const run = await this.recordOf(runId)
    await changeQueue(this.places.queue, (file) => {
      const isCurrent = file.current?.run_id === runId
      const rest = isCurrent ? { ...file, current: null } : file
      // One that was put aside is in the queue again, and one that another process took up goes on there.
      return run !== null && (run.status === 'queued' || isLive(run.status)) ? rest : endedAs(rest, runId, run, message)
    }).catch((error: unknown) => this.tellProblem(error))
    this.runs.tellChange(runId)
  }

  /** Once for the same: every look meets it again. */
  private tellProblem(error: unknown): void {
    const { message } = toFailure(error)
    if (message === this.toldProblem) return
    this.toldProblem = message
    console.error(message)
  }

  private tellWaiting(waiting: string | null): void {
    if (waiting === this.toldWaiting) return
    this.toldWaiting = waiting
    this.news.publish({ kind: 'waits', for: waiting })
    this.tellFirst()
  }

  /** Another process may have changed the order. */
  private tellChanged({ entries, held }: QueueFile): void {
    const text = `${String(held)} ${entries.map(({ run_id: runId }) => runId).join(' ')}`
    if (text === this.toldQueue) return
    this.toldQueue = text
    this.tellFirst()
  }

  private tellFirst(): void {
    if (this.firstId !== null) this.runs.tellChange(this.firstId)
  }
}

function endedAs(file: QueueFile, runId: string, run: RunRecord | null, message: string | null = null): QueueFile {
  const end = { run_id: runId, name: run?.name ?? runId, status: run === null ? ('failed' as const) : run.status, message: message ?? run?.failure?.message ?? null, at: new Date().toISOString() }
  return withEnd(file, message !== null && run !== null ? { ...end, status: 'failed' } : end)
}
