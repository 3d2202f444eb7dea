/** What a threshold does: on the pictures that it is chosen on, and on those that it is told on. */
import type { ReactNode } from 'react'
import { countOf, type Outcomes } from '../../../shared/domain/thresholds'
import type { ToldThreshold } from '../../../shared/domain/thresholds-told'
import type { MeasuredInterval } from '../../../shared/domain/metrics'
import { formatCount, formatPlural, formatShare } from '../../ui/format'
import { formatInterval } from '../results/headline-figures'
import { costText } from './cost-curve'
import type { Told } from './use-thresholds'
import classes from './thresholds.module.css'

export type OutcomeKind = 'missed' | 'false_alarms'

const costs = (interval: MeasuredInterval | null): string => (interval === null ? '' : `${costText(interval.low)}–${costText(interval.high)}`)
const percent = (value: number): string => formatShare(value)

interface Row {
  label: string
  hint: string
  value: (told: ToldThreshold) => string
  interval: (told: ToldThreshold) => string
  /** Where its pictures can be opened. */
  kind?: OutcomeKind
}

const ratioOf = (told: ToldThreshold, key: 'precision' | 'recall'): string => (told.intervals[key] === null ? '–' : percent(told[key]))

const ROWS: readonly Row[] = [
  { label: 'Missed', hint: 'Of the class, and not said to be', kind: 'missed', value: ({ outcomes }) => formatCount(outcomes.missed), interval: ({ outcomes }) => `of ${formatCount(outcomes.hits + outcomes.missed)}` },
  { label: 'False alarms', hint: 'Said to be of the class, and of another', kind: 'false_alarms', value: ({ outcomes }) => formatCount(outcomes.false_alarms), interval: ({ outcomes }) => `of ${formatCount(outcomes.false_alarms + outcomes.passed)}` },
  { label: 'Recall', hint: 'Of the class’s pictures, the share that is found', value: (told) => ratioOf(told, 'recall'), interval: ({ intervals }) => formatInterval(intervals.recall) ?? '' },
  { label: 'Precision', hint: 'Of the pictures said to be of the class, the share that are', value: (told) => ratioOf(told, 'precision'), interval: ({ intervals }) => formatInterval(intervals.precision) ?? '' },
  { label: 'Cost', hint: 'In false alarms', value: ({ cost }) => costText(cost), interval: ({ intervals }) => costs(intervals.cost) },
  { label: 'Cost by the likeliest class', hint: 'Where no threshold decides', value: ({ likeliest }) => costText(likeliest.cost), interval: () => '' },
  { label: 'All pictures right', hint: 'Over all classes, with the thresholds that are in use; beside it without any', value: ({ accuracy }) => percent(accuracy.decided), interval: ({ accuracy }) => `${percent(accuracy.likeliest)} without` },
]

const TITLES: Readonly<Record<ToldThreshold['split'], string>> = { val: 'Validation', test: 'Test', train: 'Training' }
const plural = (outcomes: Outcomes): string => formatPlural(countOf(outcomes), 'picture')

export function OutcomeTable(props: { told: Told; isOld: boolean; name: string; onOpen: (kind: OutcomeKind, split: 'val' | 'test') => void }) {
  const { told, isOld, name, onOpen } = props
  const columns: ToldThreshold[] = [told.validation, ...(told.test === null ? [] : [told.test])]
  return (
    <table className={`plain ${classes.outcomes}`} aria-label={`What the threshold of ${name} does`} data-old={isOld || undefined}>
      <thead>
        <tr>
          <td />
          {columns.map((column) => (
            <th key={column.split} scope="col" className="number" colSpan={2}>
              <span className={classes.split}>{TITLES[column.split]}</span>
              <span className={classes.plain}>
                {column.split === 'val' ? 'chosen on' : 'told on'} {plural(column.outcomes)}
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ROWS.map((row) => (
          <tr key={row.label}>
            <th scope="row" title={row.hint}>
              {row.label}
            </th>
            {columns.map((column) => {
              const { kind } = row
              const split = column.split === 'test' ? 'test' : 'val'
              return (
                <ValueCells key={column.split} interval={row.interval(column)}>
                  {kind === undefined || column.outcomes[kind] === 0 ? (
                    row.value(column)
                  ) : (
                    <button type="button" className="link-button" aria-label={`${row.label} on ${TITLES[split].toLowerCase()}: ${formatPlural(column.outcomes[kind], 'picture')}, show`} onClick={() => onOpen(kind, split)}>
                      {row.value(column)}
                    </button>
                  )}
                </ValueCells>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function ValueCells({ children, interval }: { children: ReactNode; interval: string }) {
  return (
    <>
      <td className="number">{children}</td>
      <td className={`number meta ${classes.interval}`}>{interval}</td>
    </>
  )
}
