/** `history.jsonl`: every durable event of a run with its place in the stream. */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { EpochRecord } from '../../shared/domain/metrics'
import { isLive, sequencedRunEventSchema } from '../../shared/domain/run'
import type { RunEvent, SequencedRunEvent } from '../../shared/domain/run'
import { atomicWrite } from './atomic-write'
import { appendJsonLine, readJsonLines, rewriteJsonLines } from './json-lines'
import { systemCode, toReadError } from './storage-error'

/** One after the other within a process. Between processes the file's size tells whether another one has written. */
export class RunEventLog {
  private lastSequence = -1
  private knownBytes = -1
  private queue: Promise<unknown> = Promise.resolve()

  constructor(private readonly path: string) {}

  append(event: RunEvent): Promise<SequencedRunEvent> {
    return this.oneAtATime(async () => {
      await this.catchUp()
      const sequenced: SequencedRunEvent = { sequence: this.lastSequence + 1, at: new Date().toISOString(), event }
      // Checked before it is written: an event that cannot be read back would make the run unreadable.
      this.knownBytes = await appendJsonLine(this.path, sequencedRunEventSchema.parse(sequenced))
      this.lastSequence = sequenced.sequence
      return sequenced
    })
  }

  /** In place of a line that cannot be read there is a warning that says so. */
  async all(): Promise<SequencedRunEvent[]> {
    return this.oneAtATime(() => this.read())
  }

  /**
   * For resume: keeps the stream up to the event of `epoch`, fills in epoch events that a kill lost from the checkpoint's
   * `history`, and drops later ones and earlier ends. With epoch 0 nothing is kept. Sequence numbers go on after the highest
   * ever given, so that a client which has seen the dropped events misses none of the new ones. Where lines are damaged, the file as it was
   * is kept beside it, and the epochs on them come from `history`. `isWithinEpoch`: the checkpoint was written within the epoch after.
   */
  cutBack(epoch: number, history: readonly EpochRecord[], isWithinEpoch = false): Promise<void> {
    return this.oneAtATime(async () => {
      await this.catchUp()
      const kept: SequencedRunEvent[] = []
      let reached = 0
      let keptCount = 0
      const { values, damaged } = await readJsonLines(this.path, sequencedRunEventSchema)
      if (damaged.length > 0) await atomicWrite(damagedCopy(this.path), await readFile(this.path))
      for (const { value: item } of values) {
        if (reached === epoch) break
        const { event } = item
        if (event.event === 'epoch') {
          if (event.epoch !== reached + 1) break
          reached = event.epoch
          kept.push(item)
          keptCount = kept.length
        } else if (event.event !== 'error' && event.event !== 'done' && !(event.event === 'status' && !isLive(event.status))) {
          kept.push(item)
        }
      }
      // What follows the last kept epoch belongs to one that is done again, unless that epoch's own event was lost.
      if (reached === epoch) kept.length = keptCount
      const at = new Date().toISOString()
      const add = (event: RunEvent): void => {
        this.lastSequence += 1
        kept.push({ sequence: this.lastSequence, at, event })
      }
      for (const record of history) if (record.epoch > reached && record.epoch <= epoch) add({ event: 'epoch', ...record })
      if (damaged.length > 0) add({ event: 'log', level: 'warning', message: `${damagedLines(this.path, damaged)} The epochs on them came from the checkpoint; the file as it was is ${basename(damagedCopy(this.path))}.` })
      const resumed = isWithinEpoch ? `Resumed within epoch ${epoch + 1}` : `Resumed after epoch ${epoch}`
      const message = epoch === 0 && !isWithinEpoch ? 'Started over: there was no checkpoint yet' : resumed
      add({ event: 'log', level: 'info', message })
      await rewriteJsonLines(this.path, kept)
      this.knownBytes = await sizeOf(this.path)
    })
  }

  private async catchUp(): Promise<void> {
    const bytes = await sizeOf(this.path)
    if (bytes === this.knownBytes) return
    this.lastSequence = Math.max(this.lastSequence, (await this.read()).at(-1)?.sequence ?? -1)
    this.knownBytes = bytes
  }

  private async read(): Promise<SequencedRunEvent[]> {
    const { values, damaged } = await readJsonLines(this.path, sequencedRunEventSchema)
    const events = new Map(values.map(({ line, value }) => [line, value]))
    let last: SequencedRunEvent | undefined
    return [...events.keys(), ...damaged]
      .sort((a, b) => a - b)
      .map((line) => {
        const warning: RunEvent = { event: 'log', level: 'warning', message: damagedLines(this.path, [line]) }
        last = events.get(line) ?? { sequence: (last?.sequence ?? -1) + 1, at: last?.at ?? new Date(0).toISOString(), event: warning }
        return last
      })
  }

  private oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work)
    this.queue = result.catch(() => undefined)
    return result
  }
}

/** Where the history is kept as it was before damaged lines of it were left out. */
function damagedCopy(path: string): string {
  return `${path}.damaged`
}

function damagedLines(path: string, lines: readonly number[]): string {
  const shown = lines.slice(0, 5).join(', ') + (lines.length > 5 ? ` and ${lines.length - 5} more` : '')
  return `${lines.length === 1 ? 'Line' : 'Lines'} ${shown} of ${basename(path)} cannot be read: damaged, or written by a newer Graft.`
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0
    throw toReadError(error, path)
  }
}
