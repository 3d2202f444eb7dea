/** What every threshold costs on the pictures that it is chosen on. The line is also the slider. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useElementSize } from '@mantine/hooks'
import { useId, useMemo, type KeyboardEvent, type PointerEvent } from 'react'
import { bayesThreshold, type CheapestThreshold, type CostStep } from '../../../shared/domain/thresholds'
import { rangeFromZero } from '../../ui/charts/axis'
import { formatShare } from '../../ui/format'
import classes from './thresholds.module.css'

const LEFT = 48
const RIGHT = 24
const TOP = 24
const BOTTOM = 36
const HEIGHT = 240
/** Pixels that the word takes. */
const BAYES_WIDTH = 44
const STEP = 0.01
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]

export interface CostCurveProps {
  className: string
  steps: readonly CostStep[]
  missCost: number
  cheapest: CheapestThreshold | null
  threshold: number
  onThreshold: (threshold: number) => void
}

export function CostCurve({ className, steps, missCost, cheapest, threshold, onThreshold }: CostCurveProps) {
  const { ref, width } = useElementSize()
  const plotWidth = Math.max(1, width - LEFT - RIGHT)
  const plotHeight = HEIGHT - TOP - BOTTOM
  // What is near the least is what one looks for; where a miss is dear, the highest thresholds would press it flat, so that the line may leave the chart.
  const range = useMemo(() => {
    const costAt = (value: number): number => steps.find(({ high }) => value <= high)?.cost ?? 0
    return rangeFromZero([costAt(0), 1.5 * costAt(0.5), cheapest === null ? costAt(1) : 3 * cheapest.cost, 1])
  }, [steps, cheapest])
  const x = (value: number): number => LEFT + value * plotWidth
  const y = (cost: number): number => TOP + (1 - Math.min(cost, range.high) / range.high) * plotHeight
  const path = useMemo(() => {
    const at = (value: number): string => (LEFT + value * plotWidth).toFixed(1)
    const height = (cost: number): string => (TOP + (1 - Math.min(1.2, cost / range.high)) * plotHeight).toFixed(1)
    return steps.map(({ low, high, cost }, index) => `${index === 0 ? 'M' : 'L'}${at(low)} ${height(cost)}L${at(high)} ${height(cost)}`).join('')
  }, [steps, range.high, plotWidth, plotHeight])
  const bayes = bayesThreshold(missCost)
  const here = steps.find(({ low, high }) => threshold > low && threshold <= high) ?? steps[0]
  const within = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000

  const onPointer = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId)
    else if (event.buttons === 0) return
    onThreshold(within((event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT) / plotWidth))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -10 * STEP, PageUp: 10 * STEP, Home: -1, End: 1 }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    onThreshold(within(threshold + move))
  }
  // Bayes' name goes where the threshold's line is not; where neither side has room, its button below has the number.
  const isCrossed = threshold >= bayes && (threshold - bayes) * plotWidth < BAYES_WIDTH
  const isBayesLeft = isCrossed || bayes > 0.8
  const isBayesNamed = !isBayesLeft || bayes * plotWidth > BAYES_WIDTH
  const clip = useId()
  return (
    <div
      className={classes.curve}
      role="slider"
      tabIndex={0}
      aria-label={t`Threshold of ${{ name: className }}`}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={threshold}
      aria-valuetext={
        here === undefined
          ? t`from ${{ share: formatShare(threshold) }} on: cost unknown on the validation pictures`
          : t`from ${{ share: formatShare(threshold) }} on: cost ${{ cost: costText(here.cost) }} on the validation pictures`
      }
      onPointerDown={onPointer}
      onPointerMove={onPointer}
      onKeyDown={onKeyDown}
    >
      <div ref={ref} style={{ height: HEIGHT }} aria-hidden>
        {width > 0 && (
          <svg width={width} height={HEIGHT} fontSize={12}>
            {range.ticks.map((tick) => (
              <g key={tick}>
                <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} stroke="var(--chart-grid)" />
                <text x={LEFT - 8} y={y(tick)} dy="0.35em" textAnchor="end" fill="var(--ink-3)">
                  {costText(tick)}
                </text>
              </g>
            ))}
            {TICKS.map((tick) => (
              <text key={tick} x={x(tick)} y={HEIGHT - BOTTOM + 16} textAnchor="middle" fill="var(--ink-3)">
                {Math.round(tick * 100)} %
              </text>
            ))}
            <text x={LEFT + plotWidth / 2} y={HEIGHT - 4} textAnchor="middle" fill="var(--ink-3)">
              <Trans>said from this probability on</Trans>
            </text>
            {cheapest !== null && <rect x={x(cheapest.low)} width={Math.max(2, x(cheapest.high) - x(cheapest.low))} y={TOP} height={plotHeight} fill="var(--accent-soft)" />}
            <line x1={x(bayes)} x2={x(bayes)} y1={TOP} y2={TOP + plotHeight} stroke="var(--ink-3)" strokeDasharray="3 4" />
            {isBayesNamed && (
              <text x={x(bayes) + (isBayesLeft ? -5 : 5)} y={TOP + 12} textAnchor={isBayesLeft ? 'end' : 'start'} fill="var(--ink-3)">
                <Trans>Bayes</Trans>
              </text>
            )}
            <clipPath id={clip}>
              <rect x={LEFT} y={TOP} width={plotWidth} height={plotHeight + 2} />
            </clipPath>
            <path d={path} clipPath={`url(#${clip})`} fill="none" stroke="var(--chart-val)" strokeWidth={2} strokeLinejoin="round" />
            <line x1={x(threshold)} x2={x(threshold)} y1={TOP - 4} y2={TOP + plotHeight} stroke="var(--ink)" strokeWidth={1.5} />
            <text x={Math.min(width - RIGHT - 20, Math.max(LEFT + 20, x(threshold)))} y={TOP - 9} textAnchor="middle" fill="var(--ink)" fontWeight={600}>
              {formatShare(threshold)}
            </text>
            {here !== undefined && <circle cx={x(threshold)} cy={y(here.cost)} r={6} fill="var(--paper)" stroke="var(--ink)" strokeWidth={2} />}
          </svg>
        )}
      </div>
    </div>
  )
}

export const costText = (cost: number): string => (cost >= 100 ? Math.round(cost).toLocaleString('en') : String(Number(cost.toFixed(2))))
