/** `history.jsonl`: every durable event of a run with its place in the stream. */
import { stat } from 'node:fs/promises'
import type { EpochRecord } from '../../shared/domain/metrics'
import { isLive, sequencedRunEventSchema } from '../../shared/domain/run'
import type { RunEvent, SequencedRunEvent } from '../../shared/domain/run'
import { appendJsonLine, readJsonLines, rewriteJsonLines } from './json-lines'
import { systemCode } from './storage-error'

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

  async all(): Promise<SequencedRunEvent[]> {
    return this.oneAtATime(() => readJsonLines(this.path, sequencedRunEventSchema))
  }

  /**
   * For resume: keeps the stream up to the event of `epoch`, fills in epoch events that a kill lost from the checkpoint's
   * `history`, and drops later ones and earlier ends. With epoch 0 nothing is kept. Sequence numbers go on after the highest
   * ever given, so that a client which has seen the dropped events misses none of the new ones.
   */
  cutBack(epoch: number, history: readonly EpochRecord[]): Promise<void> {
    return this.oneAtATime(async () => {
      await this.catchUp()
      const kept: SequencedRunEvent[] = []
      let reached = 0
      let keptCount = 0
      for (const item of await readJsonLines(this.path, sequencedRunEventSchema)) {
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
      const message = epoch === 0 ? 'Started over: there was no checkpoint yet' : `Resumed after epoch ${epoch}`
      add({ event: 'log', level: 'info', message })
      await rewriteJsonLines(this.path, kept)
      this.knownBytes = await sizeOf(this.path)
    })
  }

  private async catchUp(): Promise<void> {
    const bytes = await sizeOf(this.path)
    if (bytes === this.knownBytes) return
    const events = await readJsonLines(this.path, sequencedRunEventSchema)
    this.lastSequence = Math.max(this.lastSequence, events.at(-1)?.sequence ?? -1)
    this.knownBytes = bytes
  }

  private oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work)
    this.queue = result.catch(() => undefined)
    return result
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0
    throw error
  }
}
