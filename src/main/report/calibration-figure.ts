/** The reliability diagram (Guo et al. 2017): how often the model is right beside how sure it is, as it is and at its temperature. */
import type { TopLevelSpec } from 'vega-lite'
import type { Calibration, ReliabilityReport } from '../../shared/domain/metrics'
import type { Palette } from './palette'
import type { Panel } from './spec-parts'

export interface CalibrationContent {
  readonly title: string
  readonly subtitle: string
  readonly calibration: Calibration
}

const SIDE = 280
const COUNTS_HEIGHT = 64

/** A new array: the description's own types want arrays that may be changed. */
const range = (low: number, high: number): number[] => [low, high]

const percent = (value: number) => `${(value * 100).toFixed(1)} %`

function panel(name: string, { bins, expected_calibration_error: error }: ReliabilityReport, largestCount: number, palette: Palette): Panel {
  const filled = bins.filter(({ count }) => count > 0).map((bin) => ({ ...bin, lower: Math.min(bin.accuracy, bin.confidence) }))
  const x = (title: string | null) => ({ field: 'low', type: 'quantitative', title, scale: { domain: range(0, 1), nice: false, padding: 0 }, axis: { format: '.0%', tickCount: 5, grid: false, labels: title !== null } }) as const
  const y = (field: 'accuracy' | 'lower' | 'confidence') => ({ field, type: 'quantitative', title: 'Right', scale: { domain: range(0, 1), nice: false, padding: 0 }, axis: { format: '.0%', tickCount: 5, domain: false, ticks: false } }) as const
  return {
    title: { text: name, subtitle: `Expected calibration error ${percent(error)}` },
    spacing: 16,
    vconcat: [
      {
        width: SIDE,
        height: SIDE,
        layer: [
          { data: { values: filled }, mark: { type: 'bar', color: palette.validation, opacity: 0.85, stroke: palette.ground ?? 'transparent', strokeWidth: 1 }, encoding: { x: x(null), x2: { field: 'high' }, y: y('lower'), y2: { datum: 0 } } },
          {
            data: { values: filled },
            mark: { type: 'bar', color: palette.error, fillOpacity: 0.18, stroke: palette.error, strokeOpacity: 0.55, strokeWidth: 1 },
            encoding: { x: x(null), x2: { field: 'high' }, y: y('accuracy'), y2: { field: 'confidence' } },
          },
          { data: { values: filled }, mark: { type: 'rule', color: palette.validation, strokeWidth: 3 }, encoding: { x: x(null), x2: { field: 'high' }, y: y('accuracy') } },
          { data: { values: [{ at: 0 }, { at: 1 }] }, mark: { type: 'line', color: palette.quiet, strokeDash: [4, 4] }, encoding: { x: { field: 'at', type: 'quantitative' }, y: { field: 'at', type: 'quantitative' } } },
        ],
      },
      {
        width: SIDE,
        height: COUNTS_HEIGHT,
        data: { values: bins },
        mark: { type: 'bar', color: palette.train, opacity: 0.7, stroke: palette.ground ?? 'transparent', strokeWidth: 1 },
        encoding: {
          x: x('Sure'),
          x2: { field: 'high' },
          y: { field: 'count', type: 'quantitative', title: 'Pictures', scale: { domain: range(0, largestCount), nice: true }, axis: { tickCount: 2, format: '~s', domain: false, ticks: false } },
          y2: { datum: 0 },
        },
      },
    ],
  }
}

export function calibrationSpec({ title, subtitle, calibration }: CalibrationContent, palette: Palette): TopLevelSpec {
  const { before, after, temperature } = calibration
  const largestCount = Math.max(1, ...[before, after].flatMap((side) => side?.bins.map(({ count }) => count) ?? []))
  const panels = [panel('As the model answers', before, largestCount, palette)]
  if (after !== null && temperature !== null) panels.push(panel(`At temperature ${temperature.toFixed(2)}`, after, largestCount, palette))
  return {
    title: { text: title, subtitle: [subtitle, 'On the dashed line a model is right as often as it says. Green: how often it is right. Orange: how far that is off.'], fontSize: 16, subtitleFontSize: 12, subtitleLineHeight: 18, offset: 20 },
    data: { values: [] },
    spacing: 48,
    hconcat: panels,
  }
}
