/**
 * What a chart of epochs is drawn of: stages behind, lines, their names at their ends. The frame is recharts' and is drawn anew when it changes; the lines,
 * which come anew with each epoch, are paths of our own in its drawing: recharts would go through all rows for every line. Nothing here changes with the
 * pointer, so that hovering draws nothing anew.
 */
import { memo, useMemo, useState } from 'react'
import { createPortal } from 'react-dom'
import { CartesianGrid, DefaultZIndexes, LineChart, ReferenceArea, ReferenceLine, XAxis, YAxis, ZIndexLayer } from 'recharts'
import { epochTicks, type AxisRange } from './axis'
import { labelShifts } from './label-shifts'
import { type Point, reducePoints } from './lttb'
import { useInTurn } from './use-in-turn'

export interface DrawnLine {
  readonly name: string
  readonly points: readonly Point[]
  /** As measured, where the line is smoothed: drawn faint behind it. */
  readonly raw: readonly Point[] | null
  readonly color: string
  readonly width: number
  readonly dash: string | undefined
  /** A class has its colour as a mark before its name, which is in ink; another line's name is in the line's colour. */
  readonly isClass: boolean
}

/** Epochs of one stage, both included. */
export interface Band {
  name: string
  firstEpoch: number
  lastEpoch: number
}

export interface PlotFrame {
  readonly width: number
  readonly height: number
  /** Pixels right of the plot, for the names. */
  readonly right: number
  /** Epochs at both ends. */
  readonly from: number
  readonly to: number
  readonly range: AxisRange
}

export const AXIS_WIDTH = 56
export const TOP = 10
const AXIS_HEIGHT = 22
/** Between a line's end and its name. */
export const LABEL_GAP = 6
const MOST_POINTS = 400
/** Mean width of a letter of the small size, pixels. */
export const LETTER_WIDTH = 5.9

export const plotWidthOf = ({ width, right }: Pick<PlotFrame, 'width' | 'right'>): number => Math.max(1, width - right - AXIS_WIDTH)
const plotHeightOf = ({ height }: Pick<PlotFrame, 'height'>): number => Math.max(1, height - TOP - AXIS_HEIGHT)

/** Pixels from the left of the drawing. */
export function placeOfEpoch(frame: Pick<PlotFrame, 'width' | 'right' | 'from' | 'to'>, epoch: number): number {
  return AXIS_WIDTH + ((epoch - frame.from) / Math.max(1, frame.to - frame.from)) * plotWidthOf(frame)
}

export function epochAtPlace(frame: PlotFrame, x: number): number {
  return frame.from + ((x - AXIS_WIDTH) / plotWidthOf(frame)) * Math.max(1, frame.to - frame.from)
}

/** Share of the axis' length, from its low end. */
function shareOf(value: number, range: AxisRange): number {
  if (range.scale === 'log') return (Math.log10(value) - Math.log10(range.low)) / (Math.log10(range.high) - Math.log10(range.low))
  return (value - range.low) / (range.high - range.low)
}

/** A name cut to the room that there is; nothing where not even three letters fit. */
export function fitted(name: string, widthPixels: number): string {
  const room = Math.floor((widthPixels - 8) / LETTER_WIDTH)
  if (name.length <= room) return name
  return room < 4 ? '' : `${name.slice(0, room - 1)}…`
}

interface LinePlotProps extends PlotFrame {
  lines: readonly DrawnLine[]
  bands: readonly Band[]
  bestEpoch: number | null
  /** On the line that the best epoch is marked on. */
  bestValue: number | null
  formatTick: (value: number) => string
  /** Said within the plot, and so in what is saved of it. */
  note: string
}

/** The axes' ranges are given; the lines do not go through recharts. */
const NO_ROWS: readonly never[] = []
const TICK = { fill: 'var(--ink-3)', fontSize: 12 }

export const LinePlot = memo(function LinePlot(props: LinePlotProps) {
  const { width, height, right, from, to, range, bands, formatTick } = props
  const [layer, setLayer] = useState<SVGGElement | null>(null)
  const wanted: FrameContent = { width, height, right, from, to, range, bands, tickTexts: range.ticks.map(formatTick) }
  const frame = useInTurn(wanted, JSON.stringify(wanted))
  if (frame === null) return null
  return (
    <>
      <Frame {...frame} layer={setLayer} />
      {layer !== null && createPortal(<Lines {...props} {...frame} />, layer)}
    </>
  )
})

interface FrameContent extends PlotFrame {
  readonly bands: readonly Band[]
  /** Of the range's ticks. */
  readonly tickTexts: readonly string[]
}

/** `layer` is given the place in the drawing where the lines are drawn. */
const Frame = memo(function Frame(props: FrameContent & { layer: (element: SVGGElement | null) => void }) {
  const { width, height, right, from, to, range, bands, tickTexts, layer } = props
  const shownBands = bands.filter(({ firstEpoch, lastEpoch }) => firstEpoch - 1 < to && lastEpoch > from)
  return (
    <LineChart width={width} height={height} data={NO_ROWS} margin={{ top: TOP, right, bottom: 0, left: 0 }} accessibilityLayer={false}>
      {shownBands.map((band) => {
        const [x1, x2] = [Math.max(from, band.firstEpoch - 1), Math.min(to, band.lastEpoch)]
        const room = placeOfEpoch(props, x2) - placeOfEpoch(props, x1)
        return (
          <ReferenceArea
            key={band.firstEpoch}
            x1={x1}
            x2={x2}
            fill="var(--sunken)"
            fillOpacity={bands.indexOf(band) % 2 === 0 ? 0 : 0.7}
            label={{ value: fitted(band.name, room), position: 'insideTopLeft', offset: 4, ...TICK }}
          />
        )
      })}
      {shownBands
        .filter(({ firstEpoch }) => firstEpoch - 1 > from)
        .map(({ firstEpoch }) => (
          <ReferenceLine key={firstEpoch} x={firstEpoch - 1} stroke="var(--control-line)" strokeDasharray="3 3" />
        ))}
      <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
      <XAxis
        dataKey="x"
        type="number"
        domain={[from, to]}
        allowDataOverflow
        ticks={ticksBetween(from, to, Math.max(2, Math.floor(plotWidthOf(props) / 48)))}
        height={AXIS_HEIGHT}
        tickLine={false}
        axisLine={{ stroke: 'var(--line-strong)' }}
        tick={TICK}
        interval={0}
      />
      <YAxis
        type="number"
        scale={range.scale}
        domain={[range.low, range.high]}
        ticks={range.ticks}
        width={AXIS_WIDTH}
        tickLine={false}
        axisLine={false}
        tick={TICK}
        tickSize={4}
        tickFormatter={(_, index: number) => tickTexts[index] ?? ''}
        interval={0}
        allowDataOverflow
      />
      <ZIndexLayer zIndex={DefaultZIndexes.line}>
        <g ref={layer} />
      </ZIndexLayer>
    </LineChart>
  )
})

function Lines(props: LinePlotProps) {
  const { width, right, from, to, range, lines, bestEpoch, bestValue, note } = props
  const plotHeight = plotHeightOf(props)
  const bottom = TOP + plotHeight
  const x = (epoch: number): number => placeOfEpoch(props, epoch)
  const y = (value: number): number => TOP + (1 - shareOf(value, range)) * plotHeight
  const paths = useMemo(() => {
    const frame = { width, right, from, to }
    const path = (points: readonly Point[]): string =>
      reducePoints(points, MOST_POINTS)
        .map((point, index) => `${index === 0 ? 'M' : 'L'}${placeOfEpoch(frame, point.x).toFixed(1)} ${(TOP + (1 - shareOf(point.y, range)) * plotHeight).toFixed(1)}`)
        .join('')
    return lines.map(({ points, raw }) => ({ main: path(points), raw: raw === null ? null : path(raw) }))
  }, [lines, width, right, from, to, range, plotHeight])
  const named = lines.filter(({ name, points }) => name !== '' && points.length > 0)
  const shifts = labelShifts(named.map(({ points }) => y(points.at(-1)?.y ?? 0) - TOP), plotHeight)
  const isBestShown = bestEpoch !== null && bestEpoch >= from && bestEpoch <= to
  return (
    <g fontSize={12}>
      {isBestShown && <line x1={x(bestEpoch)} x2={x(bestEpoch)} y1={TOP} y2={bottom} stroke="var(--accent)" strokeOpacity={0.55} strokeDasharray="1 3" />}
      <text x={AXIS_WIDTH + plotWidthOf(props) - 6} y={bottom - 6} textAnchor="end" fill="var(--ink-3)">
        {note}
      </text>
      {lines.map((line, index) => (
        <g key={line.name} fill="none" stroke={line.color} strokeLinejoin="round">
          {line.raw !== null && <path d={paths[index]?.raw ?? ''} strokeWidth={1} strokeOpacity={0.3} />}
          <path d={paths[index]?.main ?? ''} strokeWidth={line.width} {...(line.dash === undefined ? {} : { strokeDasharray: line.dash })} />
          {line.points.length === 1 && <circle cx={x(line.points[0]?.x ?? 0)} cy={y(line.points[0]?.y ?? 0)} r={2} fill={line.color} stroke="none" />}
        </g>
      ))}
      {isBestShown && bestValue !== null && <circle cx={x(bestEpoch)} cy={y(bestValue)} r={3.5} fill="var(--paper)" stroke="var(--accent)" strokeWidth={1.75} />}
      {named.map((line, place) => {
        const end = line.points.at(-1)
        if (end === undefined) return null
        const left = x(end.x) + LABEL_GAP
        const middle = y(end.y) + (shifts[place] ?? 0)
        return (
          <g key={line.name}>
            {line.isClass && <rect x={left} y={middle - 4} width={8} height={8} rx={2} fill={line.color} />}
            <text x={left + (line.isClass ? 12 : 0)} y={middle} dy="0.35em" fill={line.isClass ? 'var(--ink-2)' : line.color}>
              {fitted(line.name, right - LABEL_GAP + 4 - (line.isClass ? 12 : 0))}
            </text>
          </g>
        )
      })}
    </g>
  )
}

/** From zero, every epoch or every 2nd, 5th, 10th; zoomed, the same steps of the epochs that are shown. */
function ticksBetween(from: number, to: number, most: number): number[] {
  if (from === 0) return epochTicks(to, most)
  const steps = epochTicks(to - from, most)
  const step = Math.max(1, (steps[1] ?? 1) - (steps[0] ?? 0))
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step)
}
