/** The journal of a dataset on disk: decisions about its pictures, a line each, only ever added to. */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { journalLineSchema, replayJournal } from '../../shared/domain/fix-journal'
import type { JournalLine, JournalState } from '../../shared/domain/fix-journal'
import { appendJsonLine, readJsonLines } from './json-lines'
import { acquireMachineLock } from './machine-lock'

/** The same folder has the same id, so that a window which comes back finds it, and decisions their pictures. */
export function datasetIdOf(root: string): string {
  return hash('sha256', root, 'hex').slice(0, 16)
}

export interface ReadJournal {
  readonly state: JournalState
  readonly damagedLines: number
}

export class FixJournals {
  constructor(private readonly dataDirectory: string) {}

  pathOf(datasetId: string): string {
    return join(this.dataDirectory, 'datasets', datasetId, 'journal.jsonl')
  }

  /** Empty where nothing was ever decided. @throws GraftError STORAGE */
  async read(datasetId: string): Promise<ReadJournal> {
    const { values, damaged } = await readJsonLines(this.pathOf(datasetId), journalLineSchema)
    return { state: replayJournal(values.map(({ value }) => value)), damagedLines: damaged.length }
  }

  /**
   * Adds a line to what it was decided on; several processes may do so at once.
   * @throws GraftError STORAGE; CONFLICT where another process has decided since. Then nothing has changed
   */
  async append(datasetId: string, line: JournalLine): Promise<ReadJournal> {
    const path = this.pathOf(datasetId)
    const release = await acquireMachineLock('decision about pictures', { path: `${path}.lock` })
    try {
      requireNext(line, (await this.read(datasetId)).state)
      await appendJsonLine(path, line)
      return await this.read(datasetId)
    } finally {
      await release()
    }
  }
}

/** A decision has the number after the last; only the last one is taken back or made again. */
function requireNext(line: JournalLine, { decisions, undo, redo }: JournalState): void {
  const last = Math.max(0, ...decisions.map(({ decision }) => decision.id))
  if (line.kind === 'undo' ? line.of === undo : line.kind === 'redo' ? line.of === redo : line.id > last) return
  throw new GraftError('CONFLICT', 'Something else was decided about these pictures meanwhile, in another window or command.', { action: 'Open the folder again, look at the list of decisions and decide anew.' })
}
