/** A run's learning rates as lines: the head's, and the backbone's where it has its own; by depth its last and first part. */
import { t } from '@lingui/core/macro'
import type { EpochRecord } from '../../../shared/domain/metrics'
import type { Series } from './line-panel'
import type { Point } from './lttb'

/** What is not a group by depth. */
const OWN_NAMES = new Set(['all', 'head', 'backbone'])

function points(epochs: readonly EpochRecord[], rateOf: (record: EpochRecord) => number | undefined): Point[] {
  return epochs.flatMap((record) => {
    const rate = rateOf(record)
    return rate === undefined || !Number.isFinite(rate) ? [] : [{ x: record.epoch, y: rate }]
  })
}

/** `_blocks.7` is block 7. */
function shortName(name: string): string {
  if (name === 'backbone') return t`backbone`
  const block = /^(?:_blocks|features)\.(.*)$/.exec(name)?.[1]
  return block === undefined ? name : t`block ${block}`
}

export function rateSeries(epochs: readonly EpochRecord[]): Series[] {
  const names = [...new Set(epochs.flatMap(({ learning_rates }) => Object.keys(learning_rates)))]
  // From the network's beginning to its end, as the trainer lists them.
  const byDepth = names.filter((name) => !OWN_NAMES.has(name))
  const others = names.includes('backbone') ? ['backbone'] : []
  const ends = byDepth.length > 1 ? [byDepth[0], byDepth.at(-1)] : byDepth
  for (const name of ends) if (name !== undefined) others.push(name)
  const main: Series = { label: others.length === 0 ? '' : t`head`, kind: 'only', points: points(epochs, ({ learning_rate }) => learning_rate) }
  return [...others.map((name): Series => ({ label: shortName(name), kind: 'other', points: points(epochs, ({ learning_rates }) => learning_rates[name]) })), main]
}
