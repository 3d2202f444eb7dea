/** The curves of a run, two by two, or the recall of its classes: under one hover, one zoom and one smoothing. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import { memo, useMemo, useState } from 'react'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { formatLoss, formatShare, formatSmall } from '../format'
import { rangeFromZero, rangeOfRates, rangeOfShares, type AxisRange } from './axis'
import { SMOOTHINGS, useChartView } from './chart-view'
import { type EpochWindow, within } from './epoch-window'
import { type Band, LinePanel, type Series } from './line-panel'
import { rateSeries } from './rate-series'
import { RecallChart } from './recall-chart'
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
    title: t`Loss`,
    lines: [
      { label: t`train`, kind: 'train', field: 'train_loss' },
      { label: t`validation`, endLabel: t`val`, kind: 'validation', field: 'val_loss' },
    ],
    range: rangeFromZero,
    format: formatLoss,
    formatTick: formatSmall,
  },
  {
    title: t`Accuracy`,
    lines: [
      { label: t`train`, kind: 'train', field: 'train_accuracy' },
      { label: t`validation`, endLabel: t`val`, kind: 'validation', field: 'val_accuracy' },
    ],
    range: rangeOfShares,
    format: formatShare,
    formatTick: wholeShare,
  },
  {
    title: t`Macro-F1`,
    unit: t`validation`,
    lines: [{ label: '', kind: 'only', field: 'val_macro_f1' }],
    range: rangeOfShares,
    format: formatShare,
    formatTick: wholeShare,
  },
  {
    title: t`Learning rate`,
    lines: [{ label: '', kind: 'only', field: 'learning_rate' }],
    range: rangeOfRates,
    format: formatSmall,
    formatTick: formatSmall,
  },
]

const isRate = ({ lines }: Curve): boolean => lines.some(({ field }) => field === 'learning_rate')

const NO_BANDS: readonly Band[] = []
const NO_NAMES: readonly string[] = []

interface RunChartsProps {
  epochs: readonly EpochRecord[]
  planned: number
  bestEpoch: number | null
  /** None in a run of one stage. */
  stages?: readonly Band[]
  /** Without them there is no recall by class. */
  classNames?: readonly string[]
}

/** Drawn anew only when an epoch is over or a stage begins, not with each reading in between. */
export const RunCharts = memo(function RunCharts(props: RunChartsProps) {
  const { epochs, planned, bestEpoch, stages = NO_BANDS, classNames = NO_NAMES } = props
  const view = useChartView()
  const { window, smoothing } = view
  const [shown, setShown] = useState<'curves' | 'recall'>('curves')
  const panels = useMemo(
    () =>
      CURVES.map((curve) => {
        // A number that is not finite has no place on an axis; the log tells of it.
        const series: Series[] = isRate(curve) ? rateSeries(epochs) : curve.lines.map(({ field, ...line }) => ({
          ...line,
          points: epochs.flatMap((record) => (Number.isFinite(record[field]) ? [{ x: record.epoch, y: record[field] }] : [])),
        }))
        return { curve, series }
      }),
    [epochs],
  )
  const ranges = useMemo(() => panels.map(({ curve, series }) => curve.range(series.flatMap((line) => within(line.points, window).map((point) => point.y)))), [panels, window])
  return (
    <div className={classes.root}>
      <div className={classes.tools}>
        {classNames.length > 0 && (
          <SegmentedControl
            aria-label={t`What is drawn`}
            value={shown}
            onChange={(value) => setShown(value === 'recall' ? 'recall' : 'curves')}
            data={[
              { value: 'curves', label: t`Curves` },
              { value: 'recall', label: t`Recall by class` },
            ]}
          />
        )}
        <ZoomNote window={window} onAll={() => view.onWindow(null)} />
        <span className={`${classes.smoothing ?? ''} meta`} aria-hidden>
          <Trans>Smoothing</Trans>
        </span>
        <SegmentedControl
          className={classes.fixed ?? ''}
          aria-label={t`Smoothing`}
          value={String(smoothing)}
          onChange={(value) => view.onSmoothing(Number(value))}
          data={SMOOTHINGS.map((value) => ({ value: String(value), label: value === 0 ? t`Off` : String(value) }))}
        />
      </div>
      {shown === 'recall' && classNames.length > 0 ? (
        <RecallChart epochs={epochs} classNames={classNames} planned={planned} bestEpoch={bestEpoch} bands={stages} view={view} />
      ) : (
        <div className={classes.grid}>
          {panels.map(({ curve, series }, index) => (
            <LinePanel
              key={curve.title}
              {...view}
              // A rate is what was set, not what was measured.
              smoothing={isRate(curve) ? 0 : smoothing}
              title={curve.title}
              {...(curve.unit === undefined ? {} : { unit: curve.unit })}
              series={series}
              range={ranges[index] ?? curve.range([])}
              format={curve.format}
              formatTick={curve.formatTick}
              epochs={planned}
              bestEpoch={bestEpoch}
              bands={stages}
            />
          ))}
        </div>
      )}
    </div>
  )
}, isSame)

function ZoomNote(props: { window: EpochWindow | null; onAll: () => void }) {
  if (props.window === null) return <span className={`${classes.hint} meta ellipsis`}><Trans>Drag to zoom</Trans></span>
  return (
    <span className={classes.hint} role="status">
      <Trans>Epochs {{ first: props.window.first }} to {{ last: props.window.last }}</Trans>{' '}
      <button type="button" className="link-button" onClick={props.onAll}>
        <Trans>Show all</Trans>
      </button>
    </span>
  )
}

function isSame(a: RunChartsProps, b: RunChartsProps): boolean {
  return a.epochs === b.epochs && a.planned === b.planned && a.bestEpoch === b.bestEpoch && a.classNames === b.classNames && JSON.stringify(a.stages) === JSON.stringify(b.stages)
}
