/** One live chart: axes that grow in steps, names at the lines' ends, values in a fixed place, one shared hover. */
import { useElementSize } from '@mantine/hooks'
import { useMemo, useRef, type KeyboardEvent, type MouseEvent } from 'react'
import { CartesianGrid, Line, LineChart, ReferenceArea, ReferenceDot, ReferenceLine, XAxis, YAxis } from 'recharts'
import { epochTicks, type AxisRange } from './axis'
import { ChartMenu } from './chart-menu'
import classes from './line-panel.module.css'
import { reducePoints, type Point } from './lttb'

export interface Series {
  label: string
  /** Said at the line's end; as `label` when left out. */
  endLabel?: string
  /** Train is thin and dashed, validation solid; `only` is a chart's single line, `other` stands beside it. */
  kind: 'train' | 'validation' | 'only' | 'other'
  points: readonly Point[]
}

/** Epochs of one stage, both included. */
export interface Band {
  name: string
  firstEpoch: number
  lastEpoch: number
}

export interface LinePanelProps {
  title: string
  /** Said after the title, in plain words. */
  unit?: string
  series: readonly Series[]
  range: AxisRange
  format: (value: number) => string
  /** Shorter, for the axis; as `format` when left out. */
  formatTick?: (value: number) => string
  /** Right end of the axis: the epochs that are planned. */
  epochs: number
  bestEpoch: number | null
  /** Stages, drawn behind the lines with their names; none where there is one. */
  bands?: readonly Band[]
  hoverEpoch: number | null
  onHover: (epoch: number | null) => void
}

const MARGIN = { top: 10, right: 40, bottom: 0, left: 0 }
/** Between a line's end and its name. */
const LABEL_GAP = 6
const AXIS_WIDTH = 56
const AXIS_HEIGHT = 22
const LABEL_HEIGHT = 14
const MOST_POINTS = 400

interface Row {
  x: number
  [series: string]: number
}

const nothing = (): string => ''

function merged(series: readonly Series[]): Row[] {
  const rows = new Map<number, Row>()
  series.forEach((line, index) => {
    for (const { x, y } of reducePoints(line.points, MOST_POINTS)) {
      const row = rows.get(x) ?? { x }
      row[`s${index}`] = y
      rows.set(x, row)
    }
  })
  return [...rows.values()].sort((a, b) => a.x - b.x)
}

function valueAt(points: readonly Point[], epoch: number): number | null {
  return points.find((point) => point.x === epoch)?.y ?? null
}

const colorOf = ({ kind }: Pick<Series, 'kind'>): string => (kind === 'train' || kind === 'other' ? 'var(--chart-train)' : 'var(--chart-val)')

/** Mean width of a letter of the small size, pixels. */
const LETTER_WIDTH = 5.9

/** A name cut to the room that there is; nothing where not even three letters fit. */
export function fitted(name: string, widthPixels: number): string {
  const room = Math.floor((widthPixels - 8) / LETTER_WIDTH)
  if (name.length <= room) return name
  return room < 4 ? '' : `${name.slice(0, room - 1)}…`
}

/** Share of the axis' length, from its low end. */
function position(value: number, range: AxisRange): number {
  if (range.scale === 'log') return (Math.log10(value) - Math.log10(range.low)) / (Math.log10(range.high) - Math.log10(range.low))
  return (value - range.low) / (range.high - range.low)
}

/** Moves labels apart that would overlap, and up from the axis at `bottom`. Returns each label's shift in pixels, downwards. */
export function labelShifts(tops: readonly number[], bottom = Infinity): number[] {
  const order = tops.map((top, index) => ({ top, index })).sort((a, b) => a.top - b.top)
  const shifts = tops.map(() => 0)
  for (let i = 1; i < order.length; i++) {
    const above = order[i - 1]
    const below = order[i]
    if (above === undefined || below === undefined) continue
    const overlap = LABEL_HEIGHT - (below.top - (above.top + (shifts[above.index] ?? 0)))
    if (overlap <= 0) continue
    shifts[above.index] = (shifts[above.index] ?? 0) - overlap / 2
    shifts[below.index] = overlap / 2
  }
  const lowest = Math.max(...tops.map((top, index) => top + (shifts[index] ?? 0)))
  const lift = Math.max(0, lowest - (bottom - LABEL_HEIGHT / 2))
  if (lift === 0) return shifts
  // The lowest goes up; one that it would then meet goes with it.
  return shifts.map((shift, index) => {
    const distance = lowest - ((tops[index] ?? 0) + shift)
    return shift - Math.max(0, lift - Math.max(0, distance - (distance === 0 ? 0 : LABEL_HEIGHT)))
  })
}

export function LinePanel(props: LinePanelProps) {
  const { title, unit, series, range, format, formatTick, epochs, bestEpoch, bands = [], hoverEpoch, onHover } = props
  const { ref, width, height } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => merged(series), [series])
  // The names at the lines' ends have room, whatever they are.
  const longest = Math.max(0, ...series.map((line) => (line.endLabel ?? line.label).length))
  const margin = { ...MARGIN, right: Math.max(MARGIN.right, LABEL_GAP + Math.ceil(longest * LETTER_WIDTH) + 4) }
  const plotWidth = Math.max(1, width - margin.left - margin.right - AXIS_WIDTH)
  const plotHeight = Math.max(1, height - MARGIN.top - MARGIN.bottom - AXIS_HEIGHT)
  const lastEpoch = Math.max(0, ...series.map((line) => Math.floor(line.points.at(-1)?.x ?? 0)))
  const shownEpoch = hoverEpoch ?? (lastEpoch > 0 ? lastEpoch : null)
  const right = Math.max(1, epochs)
  const ends = series.map((line) => line.points.at(-1) ?? null)
  const shifts = labelShifts(ends.map((end, index) => (end === null ? -1000 * (index + 1) : (1 - position(end.y, range)) * plotHeight)), plotHeight)
  const bestValue = bestEpoch === null ? null : valueAt(series.at(-1)?.points ?? [], bestEpoch)

  const onMouseMove = (event: MouseEvent): void => {
    if (box.current === null || lastEpoch === 0) return
    const x = (event.clientX - box.current.getBoundingClientRect().left - MARGIN.left - AXIS_WIDTH) / plotWidth
    onHover(Math.min(lastEpoch, Math.max(1, Math.round(x * right))))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (lastEpoch === 0) return
    const at = hoverEpoch ?? lastEpoch
    const moves: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowDown: at - 1, ArrowUp: at + 1, Home: 1, End: lastEpoch }
    const next = moves[event.key]
    if (next === undefined) return
    event.preventDefault()
    onHover(Math.min(lastEpoch, Math.max(1, next)))
  }

  const values = series.map((line) => {
    const value = shownEpoch === null ? null : valueAt(line.points, shownEpoch)
    return { label: line.label, kind: line.kind, text: value === null ? '–' : format(value) }
  })
  const said = shownEpoch === null ? 'no epoch yet' : `epoch ${shownEpoch}: ${values.map((value) => `${value.label} ${value.text}`).join(', ')}`

  return (
    <figure className={classes.panel} aria-label={title}>
      <figcaption className={classes.head}>
        <span>
          <span className="strong">{title}</span>
          {unit !== undefined && <span className="meta"> {unit}</span>}
        </span>
        <span className={classes.values} aria-hidden>
          {shownEpoch !== null && <span className="meta">epoch {shownEpoch}</span>}
          {values.map((value) => (
            <span key={value.label} className={classes.value} data-kind={value.kind}>
              {value.label !== '' && <span className={classes.key} />}
              {value.text}
            </span>
          ))}
        </span>
        <ChartMenu title={title} series={series} box={box} />
      </figcaption>
      <div
        ref={box}
        className={classes.plot}
        role="slider"
        tabIndex={0}
        aria-label={`${title} by epoch`}
        aria-valuemin={0}
        aria-valuemax={lastEpoch}
        aria-valuenow={shownEpoch ?? 0}
        aria-valuetext={said}
        onMouseMove={onMouseMove}
        onMouseLeave={() => onHover(null)}
        onBlur={() => onHover(null)}
        onKeyDown={onKeyDown}
      >
        <div ref={ref} className={classes.size} aria-hidden>
          {width > 0 && height > 0 && (
            <LineChart width={width} height={height} data={rows} margin={margin} accessibilityLayer={false}>
              {bands.map((band, index) => (
                <ReferenceArea
                  key={band.firstEpoch}
                  x1={band.firstEpoch - 1}
                  x2={band.lastEpoch}
                  fill="var(--sunken)"
                  fillOpacity={index % 2 === 0 ? 0 : 0.7}
                  label={{ value: fitted(band.name, ((band.lastEpoch - band.firstEpoch + 1) / right) * plotWidth), position: 'insideTopLeft', offset: 4, fill: 'var(--ink-3)', fontSize: 12 }}
                />
              ))}
              {bands.slice(1).map((band) => (
                <ReferenceLine key={band.firstEpoch} x={band.firstEpoch - 1} stroke="var(--control-line)" strokeDasharray="3 3" />
              ))}
              <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
              <XAxis
                dataKey="x"
                type="number"
                domain={[0, right]}
                ticks={epochTicks(right, Math.max(2, Math.floor(plotWidth / 48)))}
                height={AXIS_HEIGHT}
                tickLine={false}
                axisLine={{ stroke: 'var(--line-strong)' }}
                tick={{ fill: 'var(--ink-3)', fontSize: 12 }}
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
                tick={{ fill: 'var(--ink-3)', fontSize: 12 }}
                tickSize={4}
                // Before the first epoch no scale is known.
                tickFormatter={lastEpoch === 0 ? nothing : (formatTick ?? format)}
                interval={0}
                allowDataOverflow
              />
              {bestEpoch !== null && <ReferenceLine x={bestEpoch} stroke="var(--accent)" strokeOpacity={0.55} strokeDasharray="1 3" />}
              {hoverEpoch !== null && <ReferenceLine x={hoverEpoch} stroke="var(--ink-3)" />}
              {series.map((line, index) => (
                <Line
                  key={line.label}
                  dataKey={`s${index}`}
                  type="linear"
                  connectNulls
                  isAnimationActive={false}
                  dot={line.points.length === 1 ? { r: 2, strokeWidth: 0, fill: colorOf(line) } : false}
                  activeDot={false}
                  stroke={colorOf(line)}
                  strokeWidth={line.kind === 'train' || line.kind === 'other' ? 1.25 : 2}
                  strokeLinejoin="round"
                  {...(line.kind === 'train' ? { strokeDasharray: '4 3' } : {})}
                />
              ))}
              {bestEpoch !== null && bestValue !== null && (
                <ReferenceDot x={bestEpoch} y={bestValue} r={3.5} fill="var(--paper)" stroke="var(--accent)" strokeWidth={1.75} />
              )}
              {series.map((line, index) => {
                const end = ends[index]
                if (end === null || end === undefined || line.label === '') return null
                const fill = colorOf(line)
                return (
                  <ReferenceDot
                    key={line.label}
                    x={end.x}
                    y={end.y}
                    r={0}
                    label={{ value: line.endLabel ?? line.label, position: 'right', offset: LABEL_GAP, dy: shifts[index] ?? 0, fill, fontSize: 12 }}
                  />
                )
              })}
            </LineChart>
          )}
        </div>
      </div>
    </figure>
  )
}
