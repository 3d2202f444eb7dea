/** What a person writes on runs, and runs that go to the trash and come back: beside their training, which runs.ts has. */
import { randomUUID } from 'node:crypto'
import { GraftError } from '../../shared/domain/error'
import type { RunRecord, RunStatus } from '../../shared/domain/run'
import { isOwnedElsewhere } from './run-owner'
import { putBack, type Trashed } from './xdg-trash'

export interface RunMarks {
  /** In place of those there are. */
  tags?: string[] | undefined
  note?: string | undefined
  archived?: boolean | undefined
}

/** Each once, whatever the case, in the order they came. */
export function tidyTags(tags: readonly string[]): string[] {
  const seen = new Set<string>()
  return tags.filter((tag) => {
    const key = tag.toLocaleLowerCase('en')
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

/** Two processes that rewrite one record would lose what the other wrote. @throws GraftError CONFLICT */
export function requireOwnRecord(record: RunRecord): void {
  if (!isOwnedElsewhere(record)) return
  throw new GraftError('CONFLICT', `${record.name} is being trained by process ${String(record.owner_pid)}, which writes its record.`, { action: 'Do it in the window or command that trains it, or wait until it has ended.' })
}

/** How a queued run stands once it is in no queue: as it came, as far as its failure tells. */
export function statusOutOfQueue({ failure }: RunRecord): RunStatus {
  if (failure === null) return 'stopped'
  return failure.code === 'CRASHED' || failure.code === 'OUT_OF_MEMORY' ? 'interrupted' : 'failed'
}

export const marksOf = ({ tags, note, archived }: RunMarks) => ({
  ...(tags === undefined ? {} : { tags: tidyTags(tags) }),
  ...(note === undefined ? {} : { note: note.trim() }),
  ...(archived === undefined ? {} : { archived }),
})

/** Runs in the trash that can be put back, for as long as this program runs. */
export class TrashedRuns {
  private readonly kept = new Map<string, { runId: string; trashed: Trashed }>()

  keep(runId: string, trashed: Trashed): string {
    const restoreId = randomUUID()
    this.kept.set(restoreId, { runId, trashed })
    return restoreId
  }

  /** @throws GraftError NOT_FOUND, CONFLICT */
  async restore(restoreId: string): Promise<{ runId: string; directory: string }> {
    const entry = this.kept.get(restoreId)
    if (entry === undefined) throw new GraftError('NOT_FOUND', 'This run cannot be put back from here any more.', { action: "Look for it in the system's trash." })
    await putBack(entry.trashed)
    this.kept.delete(restoreId)
    return { runId: entry.runId, directory: entry.trashed.from }
  }
}
