/** What the queue does, in words. */
import type { QueueEnd, QueueView } from '../../../shared/domain/queue'
import { formatPlural } from '../../ui/format'

/** `3 runs · the first waits for moss` */
export function queueText({ entries, held, waitsFor, keeper }: Pick<QueueView, 'entries' | 'held' | 'waitsFor' | 'keeper'>): string {
  if (entries.length === 0) return 'nothing waits'
  const count = formatPlural(entries.length, 'run')
  if (held) return `${count} · held: none begins until you go on`
  if (keeper === 'none') return `${count} · no studio is open that would begin them`
  if (waitsFor !== null) return `${count} · the ${entries.length === 1 ? 'run' : 'first'} waits for ${waitsFor}`
  return `${count} · the ${entries.length === 1 ? 'run' : 'first'} begins in a moment`
}

const ORDINALS = ['next', 'second', 'third', 'fourth', 'fifth'] as const

/** `next in the queue`, `second in the queue`. @param place from 1 */
export function placeText(place: number): string {
  return `${ORDINALS[place - 1] ?? `number ${place}`} in the queue`
}

/** `2 done, 1 failed` */
export function endsText(ends: readonly QueueEnd[]): string {
  const done = ends.filter(({ status }) => status === 'completed').length
  const stopped = ends.filter(({ status }) => status === 'stopped').length
  const rest = ends.length - done - stopped
  return [done > 0 ? `${done} done` : '', stopped > 0 ? `${stopped} stopped` : '', rest > 0 ? `${rest} failed` : ''].filter((part) => part !== '').join(', ')
}
