/** What happened in a run and what happens: its past from its file, then live, through the pipe or, where another process trains it, through that file. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isLive, type SequencedRunEvent } from '../../shared/domain/run'
import type { RunFolder } from '../storage/run-folder'
import { isDurable } from '../trainer/messages'
import type { RunBook } from './run-book'

const FOREIGN_POLL_MS = 500

/** Events from `since` on: the past first, then live ones until the run ends. */
export async function* runEvents(book: RunBook, input: { runId: string; since?: number }, signal?: AbortSignal): AsyncGenerator<SequencedRunEvent, void, void> {
  const since = input.since ?? 0
  const folder = await book.folder(input.runId)
  const live = book.live.get(input.runId)
  // Subscribed before the past is read, so that nothing falls in between.
  const news = live?.events.subscribe(signal)
  let next = since
  try {
    for (const item of await folder.events()) {
      if (item.sequence < since) continue
      yield item
      next = item.sequence + 1
    }
    if (news === undefined) return yield* foreignEvents(book, folder, next, signal)
    for await (const item of news) {
      if (isDurable(item.event)) {
        if (item.sequence < next) continue
        next = item.sequence + 1
      }
      yield item
    }
  } finally {
    await news?.return()
  }
}

/** Follows a run of another process by its file. */
async function* foreignEvents(book: RunBook, folder: RunFolder, from: number, signal: AbortSignal | undefined): AsyncGenerator<SequencedRunEvent, void, void> {
  let next = from
  for (;;) {
    // The record is read first: what was written before the end is then in the history.
    const record = await book.current(folder, await folder.record())
    for (const item of await folder.events()) {
      if (item.sequence < next) continue
      yield item
      next = item.sequence + 1
    }
    if (!isLive(record.status) || signal?.aborted === true) return
    await sleep(FOREIGN_POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
  }
}
