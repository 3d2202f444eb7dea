/** What the queue does, in words. */
import { t } from '@lingui/core/macro'
import type { QueueEnd, QueueView } from '../../../shared/domain/queue'
import { runCount } from '../../ui/counts'

/** `3 runs · the first waits for moss` */
export function queueText({ entries, held, waitsFor, keeper }: Pick<QueueView, 'entries' | 'held' | 'waitsFor' | 'keeper'>): string {
  if (entries.length === 0) return t`nothing waits`
  const count = runCount(entries.length)
  if (held) return `${count} · ${t`held: none begins until you go on`}`
  if (keeper === 'none') return `${count} · ${t`no studio is open that would begin them`}`
  if (waitsFor !== null) return `${count} · ${entries.length === 1 ? t`the run waits for ${waitsFor}` : t`the first waits for ${waitsFor}`}`
  return `${count} · ${entries.length === 1 ? t`the run begins in a moment` : t`the first begins in a moment`}`
}

const PLACES: readonly string[] = [t`next in the queue`, t`second in the queue`, t`third in the queue`, t`fourth in the queue`, t`fifth in the queue`]

/** `next in the queue`, `second in the queue`. @param place from 1 */
export function placeText(place: number): string {
  return PLACES[place - 1] ?? t`number ${place} in the queue`
}

const PLACE_SENTENCES: readonly string[] = [t`It is next in the queue.`, t`It is second in the queue.`, t`It is third in the queue.`, t`It is fourth in the queue.`, t`It is fifth in the queue.`]

/** The same as a sentence. @param place from 1 */
export function placeSentence(place: number): string {
  return PLACE_SENTENCES[place - 1] ?? t`It is number ${place} in the queue.`
}

/** `2 done, 1 failed` */
export function endsText(ends: readonly QueueEnd[]): string {
  const done = ends.filter(({ status }) => status === 'completed').length
  const stopped = ends.filter(({ status }) => status === 'stopped').length
  const rest = ends.length - done - stopped
  return [done > 0 ? t`${done} done` : '', stopped > 0 ? t`${stopped} stopped` : '', rest > 0 ? t`${{ failed: rest }} failed` : ''].filter((part) => part !== '').join(', ')
}
