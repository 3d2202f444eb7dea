/** The journal of a dataset on disk: decisions about its pictures, a line each, only ever added to. */
import { hash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { journalLineSchema, replayJournal } from '../../shared/domain/fix-journal'
import type { JournalLine, JournalState } from '../../shared/domain/fix-journal'
import { makeFolder } from './atomic-write'
import { appendJsonLine, readJsonLines } from './json-lines'
import { toStorageError } from './storage-error'

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

  /** @throws GraftError STORAGE; then nothing has changed */
  async append(datasetId: string, line: JournalLine): Promise<ReadJournal> {
    const path = this.pathOf(datasetId)
    await makeFolder(dirname(path)).catch((error: unknown) => {
      throw toStorageError(error, path, 0)
    })
    await appendJsonLine(path, line)
    return this.read(datasetId)
  }
}
