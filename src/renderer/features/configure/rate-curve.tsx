/** Loss by learning rate, the rate by powers of ten: every step thin, smoothed solid, the suggestion and the rate in use marked. */
import { t } from '@lingui/core/macro'
import { useElementSize } from '@mantine/hooks'
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { HIGHEST_RATE, LOWEST_RATE, type RatePoint } from '../../../shared/domain/rate-finder'
import { rangeFromZero } from '../../ui/charts/axis'
import { formatLoss, formatSmall } from '../../ui/format'
import classes from './rate-finder-panel.module.css'

const HEIGHT = 176
const TOP = 18
const BOTTOM = 22
const LEFT = 52
const RIGHT = 24
const DECADES = Math.round(Math.log10(HIGHEST_RATE / LOWEST_RATE))

/** Share of the width of a rate, on the whole range that is tried, so that nothing moves while the curve grows. */
export function rateAt(rate: number): number {
  return Math.min(1, Math.max(0, Math.log10(rate / LOWEST_RATE) / DECADES))
}

/** What the loss axis holds: the start and the fall, not the steep rise at the end. */
export function lossRange(points: readonly RatePoint[]) {
  const first = points.slice(0, 5).map(({ loss }) => loss)
  const smoothed = points.map(({ smoothed_loss }) => smoothed_loss).filter(Number.isFinite)
  return rangeFromZero([...first, ...smoothed.filter((loss) => loss <= 2 * (smoothed[0] ?? loss))])
}

function stepWords({ step, learning_rate, loss, smoothed_loss }: RatePoint): string {
  return t`step ${step}: learning rate ${{ rate: formatSmall(Number(learning_rate.toPrecision(2))) }}, loss ${{ loss: formatLoss(loss) }}, smoothed ${{ smoothed: formatLoss(smoothed_loss) }}`
}

export function RateCurve({ points, suggestion, now }: { points: readonly RatePoint[]; suggestion: number | null; now: number }) {
  const { ref, width } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState<number | null>(null)
  const range = lossRange(points)
  const plot = Math.max(1, width - LEFT - RIGHT)
  const x = (rate: number): number => LEFT + rateAt(rate) * plot
  const y = (loss: number): number => TOP + (1 - Math.min(1, loss / range.high)) * (HEIGHT - TOP - BOTTOM)
  const line = (valueOf: (point: RatePoint) => number): string =>
    points.filter((point) => Number.isFinite(valueOf(point))).map((point) => `${x(point.learning_rate).toFixed(1)},${y(valueOf(point)).toFixed(1)}`).join(' ') // prettier-ignore
  const shown = points[Math.min(points.length - 1, at ?? points.length - 1)]
  const words = shown === undefined ? t`no step yet` : stepWords(shown)
  const onPointerMove = (event: PointerEvent): void => {
    const share = (event.clientX - (box.current?.getBoundingClientRect().left ?? 0) - LEFT) / plot
    const nearest = points.findLastIndex((point) => rateAt(point.learning_rate) <= share)
    setAt(Math.max(0, nearest))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = Math.min(points.length - 1, at ?? points.length - 1)
    const moves: Record<string, number | undefined> = { ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1, Home: 0, End: points.length - 1 }
    const next = moves[event.key]
    if (next === undefined || points.length === 0) return
    event.preventDefault()
    setAt(Math.min(points.length - 1, Math.max(0, next)))
  }
  return (
    <figure className={classes.figure} aria-label={t`Loss by learning rate`}>
      <figcaption className={classes.readout} aria-hidden>
        {words}
      </figcaption>
      <div
        ref={box}
        className={classes.curve}
        role="slider"
        tabIndex={0}
        aria-label={t`Loss by learning rate`}
        aria-valuemin={1}
        aria-valuemax={Math.max(1, points.length)}
        aria-valuenow={shown?.step ?? 1}
        aria-valuetext={words}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setAt(null)}
        onBlur={() => setAt(null)}
        onKeyDown={onKeyDown}
      >
        <div ref={ref} className={classes.size} aria-hidden>
          {width > 0 && (
            <svg width={width} height={HEIGHT}>
              <defs>
                <clipPath id="rate-curve">
                  <rect x={LEFT} y={TOP} width={plot} height={HEIGHT - TOP - BOTTOM} />
                </clipPath>
              </defs>
              {points.length > 0 &&
                range.ticks.map((tick) => (
                  <g key={tick}>
                    <line x1={LEFT} x2={LEFT + plot} y1={y(tick)} y2={y(tick)} stroke="var(--chart-grid)" />
                    <text x={LEFT - 8} y={y(tick)} dy="0.35em" textAnchor="end" fill="var(--ink-3)" fontSize={12}>
                      {formatSmall(tick)}
                    </text>
                  </g>
                ))}
              {Array.from({ length: DECADES + 1 }, (_, power) => Number(`1e${Math.round(Math.log10(LOWEST_RATE)) + power}`)).map((rate) => (
                <text key={rate} x={x(rate)} y={HEIGHT - 6} textAnchor="middle" fill="var(--ink-3)" fontSize={12}>
                  {formatSmall(rate)}
                </text>
              ))}
              <line x1={LEFT} x2={LEFT + plot} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} stroke="var(--line-strong)" />
              <g clipPath="url(#rate-curve)" fill="none" strokeLinejoin="round">
                <polyline points={line(({ loss }) => loss)} stroke="var(--chart-train)" strokeWidth={0.75} strokeOpacity={0.7} />
                <polyline points={line(({ smoothed_loss }) => smoothed_loss)} stroke="var(--chart-val)" strokeWidth={2} />
              </g>
              <Mark x={x(now)} words={t`in use ${{ rate: formatSmall(now) }}`} isDashed isLeft={suggestion !== null && now < suggestion} />
              {suggestion !== null && suggestion !== now && <Mark x={x(suggestion)} words={t`suggested ${{ rate: formatSmall(suggestion) }}`} isLeft={now >= suggestion} />}
              {at !== null && shown !== undefined && <line x1={x(shown.learning_rate)} x2={x(shown.learning_rate)} y1={TOP} y2={HEIGHT - BOTTOM} stroke="var(--ink-3)" />}
            </svg>
          )}
        </div>
      </div>
    </figure>
  )
}

/** A line with its words beside its top, away from the other one. */
function Mark({ x, words, isDashed = false, isLeft }: { x: number; words: string; isDashed?: boolean; isLeft: boolean }) {
  return (
    <g>
      <line x1={x} x2={x} y1={TOP - 6} y2={HEIGHT - BOTTOM} stroke={isDashed ? 'var(--control-line)' : 'var(--accent)'} strokeWidth={isDashed ? 1 : 1.5} {...(isDashed ? { strokeDasharray: '3 3' } : {})} />
      <text x={isLeft ? x - 6 : x + 6} y={TOP - 6} textAnchor={isLeft ? 'end' : 'start'} fill={isDashed ? 'var(--ink-2)' : 'var(--accent)'} fontSize={12}>
        {words}
      </text>
    </g>
  )
}
