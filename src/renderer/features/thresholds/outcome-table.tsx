/** What a threshold does: on the pictures that it is chosen on, and on those that it is told on. */
import { plural, t } from '@lingui/core/macro'
import type { ReactNode } from 'react'
import { countOf } from '../../../shared/domain/thresholds'
import type { ToldThreshold } from '../../../shared/domain/thresholds-told'
import type { MeasuredInterval } from '../../../shared/domain/metrics'
import { formatCount, formatShare } from '../../ui/format'
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
  { label: t`Missed`, hint: t`Of the class, and not said to be`, kind: 'missed', value: ({ outcomes }) => formatCount(outcomes.missed), interval: ({ outcomes }) => t`of ${{ count: formatCount(outcomes.hits + outcomes.missed) }}` },
  { label: t`False alarms`, hint: t`Said to be of the class, and of another`, kind: 'false_alarms', value: ({ outcomes }) => formatCount(outcomes.false_alarms), interval: ({ outcomes }) => t`of ${{ count: formatCount(outcomes.false_alarms + outcomes.passed) }}` },
  { label: t`Recall`, hint: t`Of the class’s pictures, the share that is found`, value: (told) => ratioOf(told, 'recall'), interval: ({ intervals }) => formatInterval(intervals.recall) ?? '' },
  { label: t`Precision`, hint: t`Of the pictures said to be of the class, the share that are`, value: (told) => ratioOf(told, 'precision'), interval: ({ intervals }) => formatInterval(intervals.precision) ?? '' },
  { label: t`Cost`, hint: t`In false alarms`, value: ({ cost }) => costText(cost), interval: ({ intervals }) => costs(intervals.cost) },
  { label: t`Cost by the likeliest class`, hint: t`Where no threshold decides`, value: ({ likeliest }) => costText(likeliest.cost), interval: () => '' },
  { label: t`All pictures right`, hint: t`Over all classes, with the thresholds that are in use; beside it without any`, value: ({ accuracy }) => percent(accuracy.decided), interval: ({ accuracy }) => t`${{ share: percent(accuracy.likeliest) }} without` },
]

const TITLES: Readonly<Record<ToldThreshold['split'], string>> = { val: t`Validation`, test: t`Test`, train: t`Training` }

const SHOW_WORDS: Readonly<Record<OutcomeKind, Readonly<Record<'val' | 'test', (count: number) => string>>>> = {
  missed: {
    val: (count) => plural(count, { one: 'Missed on validation: # picture, show', other: 'Missed on validation: # pictures, show' }),
    test: (count) => plural(count, { one: 'Missed on test: # picture, show', other: 'Missed on test: # pictures, show' }),
  },
  false_alarms: {
    val: (count) => plural(count, { one: 'False alarms on validation: # picture, show', other: 'False alarms on validation: # pictures, show' }),
    test: (count) => plural(count, { one: 'False alarms on test: # picture, show', other: 'False alarms on test: # pictures, show' }),
  },
}

function roleWords({ split, outcomes }: ToldThreshold): string {
  const count = countOf(outcomes)
  return split === 'val' ? plural(count, { one: 'chosen on # picture', other: 'chosen on # pictures' }) : plural(count, { one: 'told on # picture', other: 'told on # pictures' })
}

export function OutcomeTable(props: { told: Told; isOld: boolean; name: string; onOpen: (kind: OutcomeKind, split: 'val' | 'test') => void }) {
  const { told, isOld, name, onOpen } = props
  const columns: ToldThreshold[] = [told.validation, ...(told.test === null ? [] : [told.test])]
  return (
    <table className={`plain ${classes.outcomes}`} aria-label={t`What the threshold of ${name} does`} data-old={isOld || undefined}>
      <thead>
        <tr>
          <td />
          {columns.map((column) => (
            <th key={column.split} scope="col" className="number" colSpan={2}>
              <span className={classes.split}>{TITLES[column.split]}</span>
              <span className={classes.plain}>{roleWords(column)}</span>
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
                    <button type="button" className="link-button" aria-label={SHOW_WORDS[kind][split](column.outcomes[kind])} onClick={() => onOpen(kind, split)}>
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
