/** The training curves as one 2×2 picture, with dashed lines where stages end. */
import type { TopLevelSpec } from 'vega-lite'
import type { EpochRecord } from '../../shared/domain/metrics'
import type { Palette } from './palette'
import type { Layer, Panel } from './spec-parts'

export interface CurvesContent {
  readonly title: string
  readonly subtitle: string
  readonly epochs: readonly EpochRecord[]
  readonly bestEpoch: number | null
  /** What the best epoch was chosen by. */
  readonly monitor: string
}

interface Line {
  readonly name: string
  readonly color: (palette: Palette) => string
  readonly value: (epoch: EpochRecord) => number
}

interface Curve {
  readonly title: string
  readonly lines: readonly Line[]
  /** d3's format of the axis. */
  readonly format: string
  /** What the axis holds besides the values. */
  readonly holds: readonly number[]
  readonly bounds?: readonly { readonly value: number; readonly label: string }[]
  readonly isRate?: boolean
  /** Where the curves leave room for the names of stages. */
  readonly roomAt: 'top' | 'bottom'
}

const train = (value: Line['value']): Line => ({ name: 'train', color: (palette) => palette.train, value })
const validation = (value: Line['value']): Line => ({ name: 'validation', color: (palette) => palette.validation, value })

const LOSS: Curve = { title: 'Loss', lines: [train((epoch) => epoch.train_loss), validation((epoch) => epoch.val_loss)], format: '~g', holds: [0], roomAt: 'top' }
const ACCURACY: Curve = { title: 'Accuracy', lines: [train((epoch) => epoch.train_accuracy), validation((epoch) => epoch.val_accuracy)], format: '.0%', holds: [1], roomAt: 'bottom' }
const MACRO_F1: Curve = { title: 'Macro-F1', lines: [validation((epoch) => epoch.val_macro_f1)], format: '.0%', holds: [1], roomAt: 'bottom' }
/** The bounds are those of the advice: see `shared/domain/advice.ts`. */
const GAP: Curve = {
  title: 'Overfitting gap: train less validation accuracy',
  lines: [{ name: 'gap', color: (palette) => palette.warning, value: (epoch) => epoch.train_accuracy - epoch.val_accuracy }],
  format: '.0%',
  holds: [0, 0.22],
  roomAt: 'top',
  bounds: [
    { value: 0.1, label: 'mild above' },
    { value: 0.2, label: 'significant above' },
  ],
}

/** Three groups are told apart; more would be a bundle of lines that nobody reads. */
const RATE_COLORS: readonly Line['color'][] = [(palette) => palette.validation, (palette) => palette.train, (palette) => palette.warning]

/** One line a parameter group, the fastest first, where groups differ. */
function rateCurve(epochs: readonly EpochRecord[]): Curve {
  const groups = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch.learning_rates ?? {})))]
  const rate = (group: string) => (epoch: EpochRecord) => epoch.learning_rates?.[group] ?? NaN
  const lines: Line[] =
    groups.length > 1 && groups.length <= RATE_COLORS.length
      ? groups.map((name, index) => ({ name, color: RATE_COLORS[index] ?? ((palette: Palette) => palette.quiet), value: rate(name) }))
      : [{ name: 'learning rate', color: (palette) => palette.validation, value: (epoch) => epoch.learning_rate }]
  return { title: 'Learning rate', lines, format: '~g', holds: [0], isRate: true, roomAt: 'top' }
}

/** Macro-F1 where stages or imbalance make it the measure (guide C), else the gap (guide B). */
export function curvesOf(epochs: readonly EpochRecord[], monitor: string): readonly Curve[] {
  const hasStages = epochs.some((epoch) => (epoch.stage ?? 1) > 1)
  const rate = rateCurve(epochs)
  return hasStages || monitor === 'val_macro_f1' ? [LOSS, ACCURACY, MACRO_F1, rate] : [ACCURACY, LOSS, rate, GAP]
}

const WIDTH = 360
const HEIGHT = 190
/** Room for the axes, titles and legends between the panels' own rectangles, so that these stand in line. */
const BETWEEN = { row: 104, column: 84 }
/** Above so many epochs the points would hide the line. */
const MOST_POINTS = 40
const LOGARITHMIC_ABOVE = 20
const MOST_TICKS = 10

/** A new array: the description's own types want arrays that may be changed. */
const range = (low: number, high: number): number[] => [low, high]

/** Whole epochs, evenly apart. */
function epochTicks(last: number): number[] {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000].find((size) => last / size <= MOST_TICKS) ?? Math.ceil(last / MOST_TICKS)
  const ticks = Array.from({ length: Math.floor(last / step) }, (_, i) => (i + 1) * step)
  return step === 1 ? ticks : [1, ...ticks]
}

const decade = (value: number) => Math.log10(value)

/** The powers of ten around the values. */
function decades(values: readonly number[]): number[] {
  return [10 ** Math.floor(decade(Math.min(...values)) + 1e-9), 10 ** Math.ceil(decade(Math.max(...values)) - 1e-9)]
}

function powersOfTen(values: readonly number[]): number[] {
  const [low = 1, high = 1] = decades(values).map((bound) => Math.round(decade(bound)))
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
}

function panelOf(curve: Curve, content: CurvesContent, palette: Palette): Panel {
  const { epochs, bestEpoch } = content
  const rows = curve.lines.flatMap(({ name, value }) => epochs.map((epoch) => ({ epoch: epoch.epoch, line: name, value: value(epoch), best: epoch.epoch === bestEpoch }))).filter((row) => Number.isFinite(row.value))
  const values = [...rows.map((row) => row.value), ...curve.holds]
  const positive = rows.map((row) => row.value).filter((value) => value > 0)
  const isLogarithmic = curve.isRate === true && positive.length === rows.length && Math.max(...positive) > LOGARITHMIC_ABOVE * Math.min(...positive)
  const last = Math.max(2, ...epochs.map((epoch) => epoch.epoch))
  const x = { field: 'epoch', type: 'quantitative', title: 'Epoch', scale: { domain: range(1, last), nice: false }, axis: { values: epochTicks(last), format: 'd', grid: false } } as const
  const low = Math.min(...values)
  const high = Math.max(...values)
  const scale = isLogarithmic ? { type: 'log' as const, domain: decades(positive) } : { domain: [low, high === low ? low + 1 : high], nice: true, zero: false }
  const ticks = isLogarithmic ? { values: powersOfTen(positive) } : { tickCount: 5 }
  const labels = curve.isRate === true ? { labelExpr: "datum.value === 0 ? '0' : format(datum.value, '~e')" } : { format: curve.format }
  const y = { field: 'value', type: 'quantitative', title: null, scale, axis: { ...labels, ...ticks, domain: false, ticks: false } } as const
  const names = curve.lines.map(({ name }) => name)
  const isLegendNeeded = names.length > 1
  const color = {
    field: 'line',
    type: 'nominal',
    scale: { domain: names, range: curve.lines.map((line) => line.color(palette)) },
    legend: isLegendNeeded ? { symbolType: 'stroke' } : null,
  } as const
  const ends = epochs.filter((epoch, index) => index > 0 && (epoch.stage ?? 1) !== (epochs[index - 1]?.stage ?? 1)).map((epoch) => ({ at: epoch.epoch - 0.5, label: `stage ${epoch.stage ?? 1}` }))
  const layers: Layer[] = [
    ...(curve.bounds ?? []).flatMap((bound): Layer[] => [
      { data: { values: [bound] }, mark: { type: 'rule', color: palette.quiet, strokeDash: [2, 3] }, encoding: { y: { field: 'value', type: 'quantitative' } } },
      {
        data: { values: [bound] },
        mark: { type: 'text', align: 'right', baseline: 'bottom', dy: -3, fontSize: 10, color: palette.quiet },
        encoding: { x: { value: WIDTH }, y: { field: 'value', type: 'quantitative' }, text: { field: 'label' } },
      },
    ]),
    { mark: { type: 'line', strokeWidth: 2, strokeJoin: 'round', clip: false }, encoding: { x, y, color } },
    ...(epochs.length <= MOST_POINTS ? [{ mark: { type: 'point' as const, filled: true, size: 14, opacity: 1 }, encoding: { x, y, color } }] : []),
    {
      transform: [{ filter: 'datum.best' }],
      mark: { type: 'point', filled: false, size: 90, strokeWidth: 1.5, opacity: 1 },
      encoding: { x, y, color },
    },
    ...(ends.length === 0
      ? []
      : ([
          { data: { values: ends }, mark: { type: 'rule', color: palette.quiet, strokeDash: [5, 4] }, encoding: { x: { field: 'at', type: 'quantitative' } } },
          {
            data: { values: ends },
            mark: { type: 'text', align: 'left', baseline: curve.roomAt, dx: 4, dy: curve.roomAt === 'top' ? 0 : -2, fontSize: 10, color: palette.quiet },
            encoding: { x: { field: 'at', type: 'quantitative' }, y: { value: curve.roomAt === 'top' ? 0 : HEIGHT }, text: { field: 'label' } },
          },
        ] satisfies Layer[])),
  ]
  return { title: { text: curve.title, offset: isLegendNeeded ? 6 : 16 }, width: WIDTH, height: HEIGHT, data: { values: rows }, layer: layers }
}

export function curvesSpec(content: CurvesContent, palette: Palette): TopLevelSpec {
  return {
    title: { text: content.title, subtitle: content.subtitle, fontSize: 16, subtitleFontSize: 12, offset: 28 },
    data: { values: [] },
    spacing: BETWEEN,
    columns: 2,
    align: 'all',
    bounds: 'flush',
    resolve: { scale: { x: 'independent', y: 'independent', color: 'independent' }, legend: { color: 'independent' } },
    concat: curvesOf(content.epochs, content.monitor).map((curve) => panelOf(curve, content, palette)),
  }
}

/** One row an epoch: what all four pictures are made of. */
export function curvesRows(epochs: readonly EpochRecord[]): (string | number)[][] {
  const groups = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch.learning_rates ?? {})))].filter((group) => group !== 'all')
  return [
    ['epoch', 'stage', 'train_loss', 'val_loss', 'train_accuracy', 'val_accuracy', 'val_macro_f1', 'overfitting_gap', 'learning_rate', ...groups.map((group) => `learning_rate_${group}`)],
    ...epochs.map((epoch) => [
      epoch.epoch,
      epoch.stage ?? 1,
      epoch.train_loss,
      epoch.val_loss,
      epoch.train_accuracy,
      epoch.val_accuracy,
      epoch.val_macro_f1,
      epoch.train_accuracy - epoch.val_accuracy,
      epoch.learning_rate,
      ...groups.map((group) => epoch.learning_rates?.[group] ?? ''),
    ]),
  ]
}
