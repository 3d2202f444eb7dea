/** Numbers by class, beside ways of saying them without numbers: class weights, and the focal loss's alpha. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { RunConfig } from '../../../shared/domain/run-config'
import { setSetting } from '../../state/draft'
import { formatCount } from '../../ui/format'
import { NumberField } from '../../ui/number-field'
import classes from './class-numbers.module.css'

type Numbers = Readonly<Record<string, number>>

/** By name, whichever way they were written; 1 for a class that nothing is said of. */
export function byClass(value: unknown, names: readonly string[]): Numbers {
  const given = Array.isArray(value) ? value : null
  const named = typeof value === 'object' && value !== null && given === null ? new Map<string, unknown>(Object.entries(value)) : null
  return Object.fromEntries(
    names.map((name, index) => {
      const number: unknown = given !== null ? given[index] : named?.get(name)
      return [name, typeof number === 'number' ? number : typeof value === 'number' ? value : 1]
    }),
  )
}

/** What the ways without numbers come to for a dataset, as the trainer counts them. */
export function weightsOf(way: RunConfig['class_weights'], counts: readonly number[], beta: number): number[] {
  if (way !== 'balanced' && way !== 'effective_number') return counts.map(() => 1)
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (way === 'balanced') return counts.map((count) => (count === 0 ? 0 : total / (counts.length * count)))
  const raw = counts.map((count) => (count === 0 ? 0 : (1 - beta) / (1 - beta ** count)))
  const sum = raw.reduce((a, b) => a + b, 0)
  return raw.map((weight) => (sum === 0 ? 0 : (weight * counts.length) / sum))
}

interface TableProps {
  label: string
  labelOf: (name: string) => string
  summary: DatasetSummary
  /** Shown beside the pictures of each class. */
  numbers: readonly number[]
  /** Null: only shown. */
  onChange: ((name: string, value: number) => void) | null
}

function ClassTable({ label, labelOf, summary, numbers, onChange }: TableProps) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Class</Trans>
            </th>
            <th scope="col">
              <Trans context="the part of the pictures">Train</Trans>
            </th>
            <th scope="col">{label}</th>
          </tr>
        </thead>
        <tbody>
          {summary.classes.map(({ name, split }, index) => (
            <tr key={name}>
              <th scope="row" className="ellipsis" title={name}>
                {name}
              </th>
              <td>{formatCount(split.train)}</td>
              <td>
                {onChange === null ? (
                  (numbers[index] ?? 1).toFixed(3)
                ) : (
                  <NumberField label={labelOf(name)} isLabelHidden value={numbers[index] ?? 1} low={0} high={Number.MAX_SAFE_INTEGER} step={0.1} onChange={(value) => value !== null && onChange(name, value)} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const WAYS = [
  { value: 'none', label: t`None` },
  { value: 'balanced', label: t`Balanced` },
  { value: 'effective_number', label: t`Effective number` },
  { value: 'numbers', label: t`By class` },
] as const

const WEIGHT = { label: t`Weight`, labelOf: (name: string): string => t`Weight of ${name}` }
const ALPHA = { label: t`Alpha`, labelOf: (name: string): string => t`Alpha of ${name}` }

const isWay = (value: string): value is 'none' | 'balanced' | 'effective_number' => value === 'none' || value === 'balanced' || value === 'effective_number'

export function ClassWeights({ config, summary }: { config: RunConfig; summary: DatasetSummary }) {
  const { class_weights } = config
  const names = summary.classes.map(({ name }) => name)
  const way = typeof class_weights === 'string' ? class_weights : 'numbers'
  const counts = summary.classes.map(({ split }) => split.train)
  const worked = weightsOf(class_weights, counts, config.effective_number_beta)
  const numbers = byClass(class_weights, names)
  const asNames = (values: readonly number[]): Numbers => Object.fromEntries(names.map((name, index) => [name, Number((values[index] ?? 1).toPrecision(4))]))
  return (
    <div className={classes.choice}>
      <SegmentedControl
        aria-label={t`Class weights`}
        data={[...WAYS]}
        value={way}
        onChange={(next) => setSetting('class_weights', isWay(next) ? next : asNames(worked))}
      />
      {way === 'numbers' && <ClassTable {...WEIGHT} summary={summary} numbers={names.map((name) => numbers[name] ?? 1)} onChange={(name, value) => setSetting('class_weights', { ...numbers, [name]: value })} />}
      {(way === 'balanced' || way === 'effective_number') && <ClassTable {...WEIGHT} summary={summary} numbers={worked} onChange={null} />}
    </div>
  )
}

export function FocalAlpha({ config, summary }: { config: RunConfig; summary: DatasetSummary }) {
  const { focal_alpha } = config
  const names = summary.classes.map(({ name }) => name)
  const numbers = byClass(focal_alpha, names)
  const way = focal_alpha === null ? 'none' : typeof focal_alpha === 'number' ? 'one' : 'numbers'
  return (
    <div className={classes.choice}>
      <div className={classes.line}>
        <SegmentedControl
          aria-label={t`Focal alpha`}
          data={[
            { value: 'none', label: t`None` },
            { value: 'one', label: t`One for all` },
            { value: 'numbers', label: t`By class` },
          ]}
          value={way}
          onChange={(next) => setSetting('focal_alpha', next === 'none' ? null : next === 'one' ? 0.25 : { ...numbers })}
        />
        {typeof focal_alpha === 'number' && (
          <div className={classes.one}>
            <NumberField label={t`Focal alpha for all classes`} isLabelHidden value={focal_alpha} low={0} high={Number.MAX_SAFE_INTEGER} step={0.05} onChange={(value) => value !== null && setSetting('focal_alpha', value)} />
          </div>
        )}
      </div>
      {way === 'numbers' && <ClassTable {...ALPHA} summary={summary} numbers={names.map((name) => numbers[name] ?? 1)} onChange={(name, value) => setSetting('focal_alpha', { ...numbers, [name]: value })} />}
    </div>
  )
}
