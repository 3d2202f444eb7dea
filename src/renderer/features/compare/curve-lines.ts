/** Which lines a metric has, from runs side by side. Pure. */
import { t } from '@lingui/core/macro'
import type { ComparedEpoch, ComparedRun } from '../../../shared/domain/compare'
import { rangeFromZero, rangeOfRates, rangeOfShares, type AxisRange } from '../../ui/charts/axis'
import { reducePoints, type Point } from '../../ui/charts/lttb'
import { formatLoss, formatShare, formatSmall } from '../../ui/format'

type Field = Exclude<keyof ComparedEpoch, 'epoch'>

export interface CurveMetric {
  readonly key: string
  readonly label: string
  /** Names its chart. */
  readonly chart: string
  /** Names what is taken away. */
  readonly title: string
  readonly val: Field
  /** Thin and dashed beside it, where there is one. */
  readonly train: Field | null
  readonly range: (values: readonly number[]) => AxisRange
  readonly format: (value: number) => string
  readonly formatTick: (value: number) => string
}

export const CURVE_METRICS: readonly CurveMetric[] = [
  { key: 'accuracy', label: t`Accuracy`, chart: t`Accuracy by epoch`, title: t`Accuracy of the runs`, val: 'val_accuracy', train: 'train_accuracy', range: rangeOfShares, format: formatShare, formatTick: (value) => formatShare(value, 0) },
  { key: 'loss', label: t`Loss`, chart: t`Loss by epoch`, title: t`Loss of the runs`, val: 'val_loss', train: 'train_loss', range: rangeFromZero, format: formatLoss, formatTick: formatSmall },
  { key: 'f1', label: t`Macro-F1`, chart: t`Macro-F1 by epoch`, title: t`Macro-F1 of the runs`, val: 'val_macro_f1', train: null, range: rangeOfShares, format: formatShare, formatTick: (value) => formatShare(value, 0) },
  { key: 'rate', label: t`Learning rate`, chart: t`Learning rate by epoch`, title: t`Learning rate of the runs`, val: 'learning_rate', train: null, range: rangeOfRates, format: formatSmall, formatTick: formatSmall },
]

export interface CurveLine {
  /** Of the run, among those compared. */
  readonly index: number
  readonly isTrain: boolean
  /** Whole; what is read off and saved. */
  readonly points: readonly Point[]
  /** As many as a chart can show. */
  readonly drawn: readonly Point[]
  readonly bestEpoch: number | null
}

const MOST_POINTS = 400

export function curveLines(runs: readonly ComparedRun[], { val, train }: Pick<CurveMetric, 'val' | 'train'>, isTrainShown: boolean): CurveLine[] {
  return runs.flatMap(({ run, epochs }, index) => {
    const line = (field: Field, isTrain: boolean): CurveLine => {
      // A number that is not finite has no place on an axis.
      const points = epochs.flatMap((record) => (Number.isFinite(record[field]) ? [{ x: record.epoch, y: record[field] }] : []))
      return { index, isTrain, points, drawn: reducePoints(points, MOST_POINTS), bestEpoch: isTrain ? null : run.best_epoch }
    }
    return [...(train !== null && isTrainShown ? [line(train, true)] : []), line(val, false)]
  })
}

/** What a range depends on: the smallest value, the smallest above zero, the largest. Lines of eight runs are too long for an argument list. */
export function extremes(lines: readonly Pick<CurveLine, 'points'>[]): number[] {
  let low = Infinity
  let lowPositive = Infinity
  let high = -Infinity
  for (const { points } of lines) {
    for (const { y } of points) {
      low = Math.min(low, y)
      high = Math.max(high, y)
      if (y > 0) lowPositive = Math.min(lowPositive, y)
    }
  }
  return [low, lowPositive, high].filter(Number.isFinite)
}

/** Of points in the order of their epochs. */
export function valueAt(points: readonly Point[], epoch: number): number | null {
  let low = 0
  let high = points.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const point = points[middle]
    if (point === undefined || point.x === epoch) return point?.y ?? null
    if (point.x < epoch) low = middle + 1
    else high = middle - 1
  }
  return null
}

/** Share of the axis from its low end; what lies outside stays at its end. */
export function placeOn(range: AxisRange, value: number): number {
  const share =
    range.scale === 'log'
      ? (Math.log10(value) - Math.log10(range.low)) / (Math.log10(range.high) - Math.log10(range.low))
      : (value - range.low) / (range.high - range.low)
  return Math.min(1, Math.max(0, share))
}
