/** The most memory that a run will take, beside what the machine has; what is too much is said with what to do. */
import { memoryVerdict } from '../../../shared/domain/forecast'
import { useMachine } from '../../state/machine'
import { formatBytes } from '../../ui/format'
import classes from './start-panel.module.css'
import type { ForecastState } from './use-forecasts'

const WAYS = 'A smaller batch or image size takes less, and so does freezing more.'

/** Null where there is nothing to warn of. */
export function memoryWarning(neededBytes: number, machine: { memoryBytes: number; freeMemoryBytes: number }): string | null {
  switch (memoryVerdict(neededBytes, machine)) {
    case 'fits':
      return null
    case 'tight':
      return `That is nearly all of the ${formatBytes(machine.freeMemoryBytes)} that are free. Close what else is open, or make the run smaller. ${WAYS}`
    case 'more_than_free':
      return `Only ${formatBytes(machine.freeMemoryBytes)} are free. Close what else is open, or make the run smaller. ${WAYS}`
    case 'more_than_there_is':
      return `This machine has ${formatBytes(machine.memoryBytes)}. ${WAYS}`
  }
}

export function MemoryNote({ forecast }: { forecast: ForecastState }) {
  const info = useMachine((machine) => machine.info)
  if (forecast.kind !== 'known') return <p className="meta">{'\u00a0'}</p>
  const { memoryBytes } = forecast.forecast
  const warning = info === null ? null : memoryWarning(memoryBytes, info)
  return (
    <>
      <p className="meta">
        up to {formatBytes(memoryBytes)} of memory{info === null ? '' : `, ${formatBytes(info.freeMemoryBytes)} free`}
      </p>
      {warning !== null && (
        <p className={classes.memory} role="status">
          {warning}
        </p>
      )}
    </>
  )
}
