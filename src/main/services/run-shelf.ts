/** What is done to runs besides training them: names, marks, the trash and back, removal, their log. */
import type { RunRecord } from '../../shared/domain/run'
import { RunFolder } from '../storage/run-folder'
import type { RunBook } from './run-book'
import { marksOf, requireOwnRecord, type RunMarks, statusOutOfQueue, TrashedRuns } from './run-marks'
import { removeMembers, requireNothingElse } from './run-members'
import { inWords } from './run-words'
import { moveToTrash } from './xdg-trash'

export class RunShelf {
  private readonly trashed = new TrashedRuns()

  /** @param trashItem the desktop's own; without it that of this machine, if it has one */
  constructor(
    private readonly book: RunBook,
    private readonly trashItem?: ((path: string) => Promise<void>) | undefined,
  ) {}

  async rename(input: { runId: string; name: string }): Promise<RunRecord> {
    const live = this.book.live.get(input.runId)
    const record = live === undefined ? await (await this.book.folder(input.runId)).updateRecord({ name: input.name }) : await live.mark({ name: input.name })
    this.book.tellChange(input.runId)
    return record
  }

  /** Tags, note, whether it is archived; of a live run too. */
  async mark(input: { runId: string } & RunMarks): Promise<RunRecord> {
    const marks = marksOf(input)
    const live = this.book.live.get(input.runId)
    const record = live === undefined ? await this.markAtRest(input.runId, marks) : await live.mark(marks)
    this.book.tellChange(input.runId)
    return record
  }

  private async markAtRest(runId: string, marks: Partial<RunRecord>): Promise<RunRecord> {
    const folder = await this.book.folder(runId)
    requireOwnRecord(await folder.record())
    return folder.updateRecord(marks)
  }

  /** Moves the run's folder to the trash. `restoreId` is what `restore` takes; null where only the system can put it back. @throws GraftError CONFLICT, UNSUPPORTED */
  trash(input: { runId: string }): Promise<{ restoreId: string | null }> {
    return this.book.reserve(input.runId, async () => {
      const { directory } = await this.book.requireAtRest(input.runId)
      await requireNothingElse(directory)
      const restoreId = this.trashItem === undefined ? this.trashed.keep(input.runId, await moveToTrash(directory)) : await this.trashItem(directory).then(() => null)
      this.book.strike(input.runId)
      return { restoreId }
    })
  }

  async restore(input: { restoreId: string }): Promise<RunRecord> {
    const { runId, directory } = await this.trashed.restore(input.restoreId)
    const folder = await RunFolder.open(directory)
    const record = await folder.record()
    // The queue has passed it over meanwhile.
    const restored = record.status === 'queued' ? await folder.updateRecord({ status: statusOutOfQueue(record) }) : record
    this.book.enter(runId, directory)
    return restored
  }

  /** Deletes what the run wrote, and its folder unless something else lies in it. The pictures are not touched. */
  remove(input: { runId: string }): Promise<{ removed: boolean }> {
    return this.book.reserve(input.runId, () => this.removeReserved(input))
  }

  private async removeReserved(input: { runId: string }): Promise<{ removed: boolean }> {
    const folder = await this.book.requireAtRest(input.runId)
    await removeMembers(folder.directory)
    this.book.strike(input.runId)
    return { removed: true }
  }

  /** The run's log, or its history in words where it has none. */
  async log(input: { runId: string }): Promise<{ text: string }> {
    const folder = await this.book.folder(input.runId)
    const text = await folder.log()
    if (text !== '') return { text }
    return { text: (await folder.events()).map(({ at, event }) => `${at} ${inWords(event)}\n`).join('') }
  }
}
