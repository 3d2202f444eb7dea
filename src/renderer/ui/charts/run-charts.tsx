/** The four curves of a run, two by two, under one hover. */
import { memo, useMemo, useState } from 'react'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { formatLoss, formatShare, formatSmall } from '../format'
import { rangeFromZero, rangeOfRates, rangeOfShares, type AxisRange } from './axis'
import { type Band, LinePanel, type Series } from './line-panel'
import { rateSeries } from './rate-series'
import classes from './run-charts.module.css'

type Field = 'train_loss' | 'val_loss' | 'train_accuracy' | 'val_accuracy' | 'val_macro_f1' | 'learning_rate'

interface Curve {
  title: string
  unit?: string
  lines: { label: string; endLabel?: string; kind: Series['kind']; field: Field }[]
  range: (values: readonly number[]) => AxisRange
  format: (value: number) => string
  formatTick: (value: number) => string
}

const wholeShare = (value: number): string => formatShare(value, 0)

const CURVES: readonly Curve[] = [
  {
    title: 'Loss',
    lines: [
      { label: 'train', kind: 'train', field: 'train_loss' },
      { label: 'validation', endLabel: 'val', kind: 'validation', field: 'val_loss' },
    ],
    range: rangeFromZero,
    format: formatLoss,
    formatTick: formatSmall,
  },
  {
    title: 'Accuracy',
    lines: [
      { label: 'train', kind: 'train', field: 'train_accuracy' },
      { label: 'validation', endLabel: 'val', kind: 'validation', field: 'val_accuracy' },
    ],
    range: rangeOfShares,
    format: formatShare,
    formatTick: wholeShare,
  },
  {
    title: 'Macro-F1',
    unit: 'validation',
    lines: [{ label: '', kind: 'only', field: 'val_macro_f1' }],
    range: rangeOfShares,
    format: formatShare,
    formatTick: wholeShare,
  },
  {
    title: 'Learning rate',
    lines: [{ label: '', kind: 'only', field: 'learning_rate' }],
    range: rangeOfRates,
    format: formatSmall,
    formatTick: formatSmall,
  },
]

interface RunChartsProps {
  epochs: readonly EpochRecord[]
  planned: number
  bestEpoch: number | null
  /** None in a run of one stage. */
  stages?: readonly Band[]
}

/** Drawn anew only when an epoch is over or a stage begins, not with each reading in between. */
export const RunCharts = memo(function RunCharts(props: RunChartsProps) {
  const { epochs, planned, bestEpoch, stages } = props
  const [hoverEpoch, setHoverEpoch] = useState<number | null>(null)
  const panels = useMemo(
    () =>
      CURVES.map((curve) => {
        // A number that is not finite has no place on an axis; the log tells of it.
        const series: Series[] = curve.title === 'Learning rate' ? rateSeries(epochs) : curve.lines.map(({ field, ...line }) => ({
          ...line,
          points: epochs.flatMap((record) => (Number.isFinite(record[field]) ? [{ x: record.epoch, y: record[field] }] : [])),
        }))
        return { curve, series, range: curve.range(series.flatMap((line) => line.points.map((point) => point.y))) }
      }),
    [epochs],
  )
  return (
    <div className={classes.grid}>
      {panels.map(({ curve, series, range }) => (
        <LinePanel
          key={curve.title}
          title={curve.title}
          {...(curve.unit === undefined ? {} : { unit: curve.unit })}
          series={series}
          range={range}
          format={curve.format}
          formatTick={curve.formatTick}
          epochs={planned}
          bestEpoch={bestEpoch}
          {...(stages === undefined ? {} : { bands: stages })}
          hoverEpoch={hoverEpoch}
          onHover={setHoverEpoch}
        />
      ))}
    </div>
  )
}, isSame)

function isSame(a: RunChartsProps, b: RunChartsProps): boolean {
  return a.epochs === b.epochs && a.planned === b.planned && a.bestEpoch === b.bestEpoch && JSON.stringify(a.stages) === JSON.stringify(b.stages)
}
