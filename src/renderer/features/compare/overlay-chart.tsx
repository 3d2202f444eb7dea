/**
 * Curves of several runs over one another. Drawn as plain SVG paths: a chart of up to sixteen lines, each with epochs of its own, would have the library
 * go through every row for every line.
 */
import { useElementSize } from '@mantine/hooks'
import { useMemo, type KeyboardEvent, type MouseEvent, type RefObject } from 'react'
import { epochTicks, type AxisRange } from '../../ui/charts/axis'
import { labelShifts } from '../../ui/charts/line-panel'
import { letterOf, runColor } from './compared-names'
import { type CurveLine, placeOn, valueAt } from './curve-lines'
import classes from './curves.module.css'

const LEFT = 56
const RIGHT = 28
const TOP = 10
const BOTTOM = 22

export interface OverlayChartProps {
  label: string
  lines: readonly CurveLine[]
  range: AxisRange
  formatTick: (value: number) => string
  epochs: number
  /** First epochs of stages after the first, by run. */
  boundaries: readonly { index: number; epoch: number }[]
  hoverEpoch: number | null
  onHover: (epoch: number | null) => void
  /** What is read at an epoch, said to a screen reader. */
  said: string
  box: RefObject<HTMLDivElement | null>
}

export function OverlayChart(props: OverlayChartProps) {
  const { label, lines, range, formatTick, epochs, boundaries, hoverEpoch, onHover, said, box } = props
  const { ref, width, height } = useElementSize()
  const plotWidth = Math.max(1, width - LEFT - RIGHT)
  const plotHeight = Math.max(1, height - TOP - BOTTOM)
  const x = (epoch: number): number => LEFT + (epoch / epochs) * plotWidth
  const y = (value: number): number => TOP + (1 - placeOn(range, value)) * plotHeight
  const paths = useMemo(
    () => lines.map(({ drawn }) => drawn.map((point, at) => `${at === 0 ? 'M' : 'L'}${(LEFT + (point.x / epochs) * plotWidth).toFixed(1)} ${(TOP + (1 - placeOn(range, point.y)) * plotHeight).toFixed(1)}`).join('')),
    [lines, range, epochs, plotWidth, plotHeight],
  )
  const named = lines.filter((line) => !line.isTrain && line.points.length > 0)
  const shifts = labelShifts(named.map((line) => y(line.points.at(-1)?.y ?? 0) - TOP), plotHeight)
  const at = hoverEpoch ?? epochs

  const onMouseMove = (event: MouseEvent<HTMLElement>): void => {
    const share = (event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / plotWidth
    onHover(Math.min(epochs, Math.max(1, Math.round(share * epochs))))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowDown: at - 1, ArrowUp: at + 1, PageDown: at - 10, PageUp: at + 10, Home: 1, End: epochs }
    const next = moves[event.key]
    if (next === undefined) return
    event.preventDefault()
    onHover(Math.min(epochs, Math.max(1, next)))
  }
  return (
    <div
      ref={box}
      className={classes.plot}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={epochs}
      aria-valuenow={at}
      aria-valuetext={said}
      onMouseMove={onMouseMove}
      onMouseLeave={() => onHover(null)}
      onBlur={() => onHover(null)}
      onKeyDown={onKeyDown}
    >
      <div ref={ref} className={classes.size} aria-hidden>
        {width > 0 && height > 0 && (
          <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} fontSize={12}>
            {range.ticks.map((tick) => (
              <g key={tick}>
                <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} stroke="var(--chart-grid)" />
                <text x={LEFT - 8} y={y(tick)} dy="0.35em" textAnchor="end" fill="var(--ink-3)">
                  {formatTick(tick)}
                </text>
              </g>
            ))}
            <line x1={LEFT} x2={width - RIGHT} y1={TOP + plotHeight} y2={TOP + plotHeight} stroke="var(--line-strong)" />
            {epochTicks(epochs, Math.max(2, Math.floor(plotWidth / 48))).map((tick) => (
              <text key={tick} x={x(tick)} y={height - 5} textAnchor="middle" fill="var(--ink-3)">
                {tick}
              </text>
            ))}
            {boundaries.map(({ index, epoch }) => (
              <line key={`${index} ${epoch}`} x1={x(epoch - 1)} x2={x(epoch - 1)} y1={TOP} y2={TOP + plotHeight} stroke={runColor(index)} strokeOpacity={0.45} strokeDasharray="2 4" />
            ))}
            {hoverEpoch !== null && <line x1={x(hoverEpoch)} x2={x(hoverEpoch)} y1={TOP} y2={TOP + plotHeight} stroke="var(--ink-3)" />}
            {lines.map((line, place) => (
              <path
                key={`${line.index} ${String(line.isTrain)}`}
                d={paths[place] ?? ''}
                fill="none"
                stroke={runColor(line.index)}
                strokeWidth={line.isTrain ? 1.25 : 2}
                strokeLinejoin="round"
                {...(line.isTrain ? { strokeDasharray: '4 3', strokeOpacity: 0.8 } : {})}
              />
            ))}
            {named.map((line, place) => {
              const end = line.points.at(-1)
              const best = line.bestEpoch === null ? null : valueAt(line.points, line.bestEpoch)
              return (
                <g key={line.index}>
                  {line.points.length === 1 && end !== undefined && <circle cx={x(end.x)} cy={y(end.y)} r={2.5} fill={runColor(line.index)} />}
                  {line.bestEpoch !== null && best !== null && <circle cx={x(line.bestEpoch)} cy={y(best)} r={4} fill="var(--paper)" stroke={runColor(line.index)} strokeWidth={2} />}
                  {end !== undefined && (
                    <text x={x(end.x) + 7} y={y(end.y) + (shifts[place] ?? 0)} dy="0.35em" fill={runColor(line.index)} fontWeight={600}>
                      {letterOf(line.index)}
                    </text>
                  )}
                </g>
              )
            })}
          </svg>
        )}
      </div>
    </div>
  )
}
