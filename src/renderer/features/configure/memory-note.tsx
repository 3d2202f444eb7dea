/** The most memory that a run will take, beside what the machine has; what is too much is said with what to do. */
import { t } from '@lingui/core/macro'
import { memoryVerdict } from '../../../shared/domain/forecast'
import { useMachine } from '../../state/machine'
import { formatBytes } from '../../ui/format'
import classes from './start-panel.module.css'
import type { ForecastState } from './use-forecasts'

const WAYS = t`A smaller batch or image size takes less, and so does freezing more.`

/** Null where there is nothing to warn of. */
export function memoryWarning(neededBytes: number, machine: { memoryBytes: number; freeMemoryBytes: number }): string | null {
  switch (memoryVerdict(neededBytes, machine)) {
    case 'fits':
      return null
    case 'tight':
      return `${t`That is nearly all of the ${{ free: formatBytes(machine.freeMemoryBytes) }} that are free. Close what else is open, or make the run smaller.`} ${WAYS}`
    case 'more_than_free':
      return `${t`Only ${{ free: formatBytes(machine.freeMemoryBytes) }} are free. Close what else is open, or make the run smaller.`} ${WAYS}`
    case 'more_than_there_is':
      return `${t`This machine has ${{ memory: formatBytes(machine.memoryBytes) }}.`} ${WAYS}`
  }
}

export function MemoryNote({ forecast }: { forecast: ForecastState }) {
  const info = useMachine((machine) => machine.info)
  if (forecast.kind !== 'known') return <p className="meta">{'\u00a0'}</p>
  const { memoryBytes } = forecast.forecast
  const needed = formatBytes(memoryBytes)
  const warning = info === null ? null : memoryWarning(memoryBytes, info)
  return (
    <>
      <p className="meta">
        {info === null ? t`up to ${needed} of memory` : t`up to ${needed} of memory, ${{ free: formatBytes(info.freeMemoryBytes) }} free`}
      </p>
      {warning !== null && (
        <p className={classes.memory} role="status">
          {warning}
        </p>
      )}
    </>
  )
}
