/** One live chart: axes that grow in steps, names at the lines' ends, values in a fixed place; hover and zoom are shared by all charts of a run. */
import { t } from '@lingui/core/macro'
import { useElementSize } from '@mantine/hooks'
import { type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react'
import type { AxisRange } from './axis'
import { ChartMenu } from './chart-menu'
import { type EpochWindow, windowBetween, within, zoomed } from './epoch-window'
import classes from './line-panel.module.css'
import { type Band, type DrawnLine, epochAtPlace, fitted, LABEL_GAP, LETTER_WIDTH, LinePlot, placeOfEpoch } from './line-plot'
import type { Point } from './lttb'
import { smoothed } from './smoothed'

export { type Band, fitted }
export { labelShifts } from './label-shifts'

export interface Series {
  label: string
  /** Said at the line's end; as `label` when left out. */
  endLabel?: string
  /** Train is thin and dashed, validation solid; `only` is a chart's single line, `other` stands beside it; a `class` has the colour that it has everywhere. */
  kind: 'train' | 'validation' | 'only' | 'other' | 'class'
  /** Of a class. */
  color?: string
  /** Tells classes of like colours apart. */
  dash?: string
  points: readonly Point[]
}

/** What all charts of a run share. */
export interface SharedView {
  hoverEpoch: number | null
  onHover: (epoch: number | null) => void
  /** Zoomed to these epochs; null: all. */
  window: EpochWindow | null
  onWindow: (window: EpochWindow | null) => void
  /** Weight of what came before; 0: as measured. */
  smoothing: number
}

export interface LinePanelProps extends SharedView {
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
  /** Values stand elsewhere: there are too many for a line. */
  hasOwnValues?: boolean
}

const NO_BANDS: readonly Band[] = []
const nothing = (): string => ''
const LEAST_RIGHT = 40
/** Names at the ends take no more than this. */
const MOST_RIGHT = 128

function valueAt(points: readonly Point[], epoch: number): number | null {
  return points.find((point) => point.x === epoch)?.y ?? null
}

function drawnLine(line: Series, { window, smoothing }: Pick<SharedView, 'window' | 'smoothing'>): DrawnLine {
  const raw = within(line.points, window)
  const isThin = line.kind === 'train' || line.kind === 'other'
  return {
    name: line.endLabel ?? line.label,
    // Smoothed before it is cut, so that zooming moves no line.
    points: smoothing === 0 ? raw : within(smoothed(line.points, smoothing), window),
    raw: smoothing === 0 ? null : raw,
    color: line.color ?? (isThin ? 'var(--chart-train)' : 'var(--chart-val)'),
    width: isThin ? 1.25 : line.kind === 'class' ? 1.5 : 2,
    dash: line.kind === 'train' ? '4 3' : line.dash,
    isClass: line.kind === 'class',
  }
}

export function LinePanel(props: LinePanelProps) {
  const { title, unit, series, range, format, formatTick, epochs, bestEpoch, bands = NO_BANDS, hoverEpoch, onHover, window, onWindow, smoothing, hasOwnValues = false } = props
  const { ref, width, height } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => series.map((line) => drawnLine(line, { window, smoothing })), [series, window, smoothing])
  // The names at the lines' ends have room, whatever they are.
  const longest = Math.max(0, ...lines.map(({ name, isClass }) => name.length * LETTER_WIDTH + (isClass ? 12 : 0)))
  const right = Math.min(MOST_RIGHT, Math.max(LEAST_RIGHT, LABEL_GAP + Math.ceil(longest) + 4))
  const planned = Math.max(1, epochs)
  const frame = { width, height, right, from: window?.first ?? 0, to: window?.last ?? planned, range }
  const lastEpoch = series.reduce((last, line) => Math.max(last, Math.floor(line.points.at(-1)?.x ?? 0)), 0)
  const lowest = Math.min(window?.first ?? 1, Math.max(1, lastEpoch))
  const highest = Math.min(lastEpoch, window?.last ?? lastEpoch)
  const shownEpoch = hoverEpoch ?? (lastEpoch > 0 ? highest : null)
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)

  const epochOf = (event: MouseEvent): number => epochAtPlace(frame, event.clientX - (box.current?.getBoundingClientRect().left ?? 0))
  const onMouseMove = (event: MouseEvent): void => {
    if (lastEpoch === 0) return
    const epoch = epochOf(event)
    if (drag !== null) setDrag({ ...drag, to: epoch })
    onHover(Math.min(highest, Math.max(lowest, Math.round(epoch))))
  }
  const endDrag = (): void => {
    const next = drag === null ? null : windowBetween(drag.from, drag.to, planned)
    setDrag(null)
    if (next !== null) onWindow(next)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (lastEpoch === 0) return
    const at = hoverEpoch ?? highest
    const moves: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowDown: at - 1, ArrowUp: at + 1, PageDown: at - 10, PageUp: at + 10, Home: lowest, End: highest }
    const next = moves[event.key]
    const zooms = event.key === '+' || event.key === '=' ? 'in' : event.key === '-' ? 'out' : null
    if (next !== undefined) onHover(Math.min(highest, Math.max(lowest, next)))
    else if (zooms !== null && !event.ctrlKey && !event.metaKey) onWindow(zoomed(window, at, zooms, planned))
    else if (event.key === 'Escape' && (window !== null || drag !== null)) {
      setDrag(null)
      onWindow(null)
    } else return
    event.preventDefault()
  }

  const values = series.map((line) => {
    const value = shownEpoch === null ? null : valueAt(line.points, shownEpoch)
    return { label: line.label, kind: line.kind, text: value === null ? '–' : format(value) }
  })
  const said = shownEpoch === null ? t`no epoch yet` : t`epoch ${{ epoch: shownEpoch }}: ${{ values: values.map((value) => `${value.label} ${value.text}`).join(', ') }}`
  const bestValue = bestEpoch === null || hasOwnValues ? null : valueAt(lines.at(-1)?.points ?? [], bestEpoch)
  const drawn = drag === null ? null : windowBetween(drag.from, drag.to, planned)

  return (
    <figure className={classes.panel} aria-label={title}>
      <figcaption className={classes.head}>
        <span className="ellipsis">
          <span className="strong">{title}</span>
          {unit !== undefined && <span className="meta"> {unit}</span>}
        </span>
        <span className={classes.values} aria-hidden>
          {shownEpoch !== null && <span className="meta">{t`epoch ${{ epoch: shownEpoch }}`}</span>}
          {!hasOwnValues &&
            values.map((value) => (
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
        data-dragged={drag !== null || undefined}
        role="slider"
        tabIndex={0}
        aria-label={t`${title} by epoch`}
        aria-valuemin={window?.first ?? 0}
        aria-valuemax={highest}
        aria-valuenow={shownEpoch ?? 0}
        aria-valuetext={said}
        aria-keyshortcuts="+ - Escape"
        onMouseDown={(event) => event.button === 0 && lastEpoch > 0 && setDrag({ from: epochOf(event), to: epochOf(event) })}
        onMouseMove={onMouseMove}
        onMouseUp={endDrag}
        onDoubleClick={() => onWindow(null)}
        onMouseLeave={() => (endDrag(), onHover(null))}
        onBlur={() => onHover(null)}
        onKeyDown={onKeyDown}
      >
        <div ref={ref} className={classes.size} aria-hidden>
          {width > 0 && height > 0 && (
            <>
              <LinePlot {...frame} lines={lines} bands={bands} bestEpoch={bestEpoch} bestValue={bestValue} formatTick={lastEpoch === 0 ? nothing : (formatTick ?? format)} note={smoothing === 0 ? '' : t`smoothed ${smoothing}`} />
              {hoverEpoch !== null && hoverEpoch >= frame.from && hoverEpoch <= frame.to && <span className={classes.hover} style={{ left: placeOfEpoch(frame, hoverEpoch) }} />}
              {drawn !== null && <span className={classes.drag} style={{ left: placeOfEpoch(frame, drawn.first), width: placeOfEpoch(frame, drawn.last) - placeOfEpoch(frame, drawn.first) }} />}
            </>
          )}
        </div>
      </div>
    </figure>
  )
}
