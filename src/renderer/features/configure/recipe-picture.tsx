/** What will happen, drawn before it happens: the learning rate of every epoch by group, and below it how much of the backbone is frozen. The ends of the stages can be dragged. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useElementSize } from '@mantine/hooks'
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { epochSecondsAt } from '../../../shared/domain/forecast'
import type { Forecast, FreezePlan } from '../../../shared/domain/model'
import { shortCount } from '../../../shared/domain/parameter-words'
import { ratesOfEpoch, shareOf, type StageRates } from '../../../shared/domain/rate-plan'
import { formatShare, formatSmall } from '../../ui/format'
import { epochTicks } from '../../ui/charts/axis'
import { ChartMenu } from '../../ui/charts/chart-menu'
import type { Series } from '../../ui/charts/line-panel'
import { aboutSeconds } from './freeze-figures'
import { fallWords, groupWords, rateAxis, ratesWords, rateShare, recipeLines, shownRates, stopWords } from './recipe-layout'
import classes from './recipe-picture.module.css'
import { StageEnds } from './stage-ends'

const AXIS_WIDTH = 52
const RIGHT = 76
const NAMES = 22
const RATES = 132
const GAP = 22
const LANE = 26
const AXIS = 20
const HEIGHT = NAMES + RATES + GAP + LANE + AXIS

interface RecipePictureProps {
  plan: readonly StageRates[]
  /** What each stage freezes; null until it is known. */
  frozen: readonly (FreezePlan | null)[]
  /** Index of the stage that is open below; null where none is. */
  open: number | null
  onOpen: (index: number) => void
  /** As measured; null until it is. */
  forecast: Forecast | null
  /** A stage gets so many epochs; the only one where there are none. */
  onEpochs: (index: number, epochs: number) => void
}

export function RecipePicture({ plan, frozen, open, onOpen, forecast, onEpochs }: RecipePictureProps) {
  const { ref, width } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const [hover, setHover] = useState<number | null>(null)
  const epochs = plan.reduce((sum, { stage }) => sum + stage.epochs, 0)
  /** Epochs that the width stands for while an end is dragged; null while none is. */
  const [held, setHeld] = useState<number | null>(null)
  const scale = Math.max(1, epochs, held ?? 0)
  const axis = rateAxis(shownRates(plan))
  const plot = Math.max(1, width - AXIS_WIDTH - RIGHT)
  const x = (epoch: number): number => AXIS_WIDTH + (epoch / scale) * plot
  const y = (rate: number): number => NAMES + (1 - rateShare(rate, axis)) * RATES
  const lines = recipeLines(plan)
  const shown = Math.min(epochs, hover ?? 1)

  const onPointerMove = (event: PointerEvent): void => {
    const left = box.current?.getBoundingClientRect().left ?? 0
    setHover(Math.min(epochs, Math.max(1, Math.ceil(((event.clientX - left - AXIS_WIDTH) / plot) * scale))))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const firsts = plan.map(({ stage }) => stage.firstEpoch)
    const moves: Record<string, number | undefined> = {
      ArrowLeft: shown - 1,
      ArrowDown: shown - 1,
      ArrowRight: shown + 1,
      ArrowUp: shown + 1,
      Home: 1,
      End: epochs,
      PageUp: firsts.find((first) => first > shown) ?? epochs,
      PageDown: firsts.findLast((first) => first < shown) ?? 1,
    }
    const next = moves[event.key]
    if (next === undefined) return
    event.preventDefault()
    setHover(Math.min(epochs, Math.max(1, next)))
  }
  const series: Series[] = [...new Set(lines.map(({ group }) => group))].map((group) => ({
    label: groupWords(group),
    kind: 'only',
    points: Array.from({ length: epochs }, (_, index) => ({ x: index + 1, y: ratesOfEpoch(plan, index + 1)?.groups.find(({ name }) => name === group)?.rate ?? NaN })).filter((point) => Number.isFinite(point.y)),
  }))
  const seconds = secondsWords(plan, shown, forecast)
  const told = epochWords(plan, frozen, shown)
  const words = [told, seconds].filter((part) => part !== null).join(' · ')
  const waits = waitWords(plan, shown)
  return (
    <figure className={classes.picture} aria-label={t`Plan`}>
      <figcaption className={classes.head}>
        <span className="strong">
          <Trans>Learning rate and freezing</Trans>
        </span>
        <span className={`${classes.readout} ellipsis`} title={words} aria-hidden>
          {words}
        </span>
        <ChartMenu title={t`Plan`} series={series} box={box} />
      </figcaption>
      <div ref={box} className={classes.plot}>
        <div
          className={classes.reader}
          role="slider"
          tabIndex={0}
          aria-label={t`Plan by epoch`}
          aria-valuemin={1}
          aria-valuemax={epochs}
          aria-valuenow={shown}
          aria-valuetext={[told, waits === '' ? null : waits, seconds].filter((part) => part !== null).join(' · ')}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setHover(null)}
          onBlur={() => setHover(null)}
          onKeyDown={onKeyDown}
        >
          <div ref={ref} className={classes.size} aria-hidden>
            {width > 0 && (
              <svg width={width} height={HEIGHT} className={classes.svg}>
                <Axes axis={axis} y={y} x={x} epochs={scale} left={AXIS_WIDTH} right={AXIS_WIDTH + plot} plot={plot} />
                {plan.map((rates, index) => (
                  <Band key={rates.stage.index} rates={rates} frozen={frozen[index] ?? null} seconds={forecast?.stages[index]?.seconds ?? null} x={x} isOpen={open === index} isAlone={plan.length === 1} onOpen={() => onOpen(index)} />
                ))}
                {lines.map((line) => (
                  <polyline
                    key={`${line.stage}-${line.group}`}
                    points={line.points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ')}
                    fill="none"
                    stroke={line.kind === 'main' ? 'var(--chart-val)' : 'var(--chart-train)'}
                    strokeWidth={line.kind === 'main' ? 2 : line.kind === 'backbone' ? 1.5 : 0.75}
                    strokeLinejoin="round"
                    {...(line.isOpen ? { strokeDasharray: '5 4' } : {})}
                  />
                ))}
                <Ends plan={plan} x={x} y={y} />
                {hover !== null && <line x1={x(hover - 0.5)} x2={x(hover - 0.5)} y1={NAMES} y2={HEIGHT - AXIS} stroke="var(--ink-3)" />}
              </svg>
            )}
          </div>
        </div>
        {width > 0 && <StageEnds plan={plan} x={x} pixelsPerEpoch={plot / scale} onGrab={(isHeld) => setHeld(isHeld ? epochs : null)} onEpochs={onEpochs} />}
      </div>
      <p className={`${classes.waits} ellipsis`} title={waits} aria-hidden>
        {waits}
      </p>
    </figure>
  )
}

/** `6–10 s`; null where it was not measured. */
export function secondsWords(plan: readonly StageRates[], epoch: number, forecast: Pick<Forecast, 'stages'> | null): string | null {
  const stage = ratesOfEpoch(plan, epoch)?.stage
  const measured = stage === undefined ? undefined : forecast?.stages[stage.index - 1]
  return stage === undefined || measured === undefined ? null : aboutSeconds(epochSecondsAt(measured, epoch - stage.firstEpoch + 1))
}

function frozenLayerWords({ frozenLayers, layers }: FreezePlan): string {
  return plural(layers, { one: `${frozenLayers} of # layer frozen`, other: `${frozenLayers} of # layers frozen` })
}

/** `epoch 7 · Late layers · learning rate 0.0001 · 31 of 49 layers frozen` */
export function epochWords(plan: readonly StageRates[], frozen: readonly (FreezePlan | null)[], epoch: number): string {
  const at = ratesOfEpoch(plan, epoch)
  const index = plan.findIndex(({ stage }) => stage.index === at?.stage.index)
  const rates = plan[index]
  if (at === null || rates === undefined) return ''
  const freezing = frozen[index] ?? null
  const parts = [
    t`epoch ${epoch}`,
    plan.length > 1 ? at.stage.name : null,
    at.groups.length === 1 ? t`learning rate ${{ rate: ratesWords(at.groups) }}` : ratesWords(at.groups),
    freezing === null ? null : frozenLayerWords(freezing),
    (epoch - at.stage.firstEpoch) * rates.stepsPerEpoch < rates.warmUpSteps ? t`warming up` : null,
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

/** What the stage of an epoch waits for: when its rate falls, when it ends early. */
export function waitWords(plan: readonly StageRates[], epoch: number): string {
  const at = ratesOfEpoch(plan, epoch)
  const rates = plan.find(({ stage }) => stage.index === at?.stage.index)
  if (rates === undefined) return ''
  const fall = fallWords(rates)
  const parts = [fall === null ? null : t`dashed: ${fall}`, stopWords(rates)].filter((part) => part !== null).join('; ')
  return plan.length > 1 && parts !== '' ? `${rates.stage.name}: ${parts}` : parts
}

function Axes(props: { axis: ReturnType<typeof rateAxis>; y: (rate: number) => number; x: (epoch: number) => number; epochs: number; left: number; right: number; plot: number }) {
  const { axis, y, x, epochs, left, right, plot } = props
  const lane = NAMES + RATES + GAP
  return (
    <g className={classes.axes}>
      {axis.ticks.map((tick) => (
        <g key={tick}>
          <line x1={left} x2={right} y1={y(tick)} y2={y(tick)} stroke="var(--chart-grid)" />
          <text x={left - 8} y={y(tick)} dy="0.35em" textAnchor="end" fill="var(--ink-3)" fontSize={12}>
            {formatSmall(tick)}
          </text>
        </g>
      ))}
      <text x={left - 8} y={lane + LANE / 2} dy="0.35em" textAnchor="end" fill="var(--ink-3)" fontSize={12}>
        <Trans>Frozen</Trans>
      </text>
      {epochTicks(epochs, Math.max(2, Math.floor(plot / 48))).map((tick) => (
        <text key={tick} x={x(tick)} y={HEIGHT - 5} textAnchor="middle" fill="var(--ink-3)" fontSize={12}>
          {tick}
        </text>
      ))}
    </g>
  )
}

/** A name that does not fit its band is cut by it; the row below says it whole. */
const LETTER = 6.6
/** A time beside a name, at most. */
const TIME_LETTERS = 16

interface BandProps {
  rates: StageRates
  frozen: FreezePlan | null
  seconds: number | null
  x: (epoch: number) => number
  isOpen: boolean
  isAlone: boolean
  onOpen: () => void
}

/** A stage: its name above, its frozen share below, and where it may end early. A click opens its settings. */
function Band({ rates, frozen, seconds, x, isOpen, isAlone, onOpen }: BandProps) {
  const { stage, earliestEnd } = rates
  const left = x(stage.firstEpoch - 1)
  const right = x(stage.firstEpoch - 1 + stage.epochs)
  const sure = x(earliestEnd ?? stage.firstEpoch - 1 + stage.epochs)
  const width = right - left
  const lane = NAMES + RATES + GAP
  const share = frozen === null ? 0 : shareOf(frozen)
  const room = Math.max(0, Math.floor((width - 10) / LETTER))
  const cut = (text: string, less = 0): string => (text.length <= room - less ? text : room - less < 3 ? '' : `${text.slice(0, room - less - 1)}…`)
  const trained = frozen === null ? '' : shortCount(frozen.trainableParameters)
  return (
    <g className={classes.band} data-open={isOpen || undefined} onClick={onOpen}>
      <rect x={left} y={0} width={width} height={HEIGHT - AXIS} fill={isOpen && !isAlone ? 'var(--accent-soft)' : 'transparent'} fillOpacity={0.55} />
      {!isAlone && <line x1={left} x2={left} y1={0} y2={HEIGHT - AXIS} stroke="var(--line-strong)" strokeDasharray="3 3" />}
      {!isAlone && (
        <text x={left + 10} y={14} fill="var(--ink-2)" fontSize={12}>
          {seconds !== null && room > stage.name.length + TIME_LETTERS ? `${stage.name} · ${aboutSeconds(seconds)}` : cut(stage.name, 2)}
        </text>
      )}
      <line x1={left} x2={sure} y1={HEIGHT - AXIS} y2={HEIGHT - AXIS} stroke="var(--ink-3)" strokeWidth={1.5} />
      {sure < right && <line x1={sure} x2={right} y1={HEIGHT - AXIS} y2={HEIGHT - AXIS} stroke="var(--ink-3)" strokeWidth={1.5} strokeDasharray="2 4" />}
      <rect x={left + 1} y={lane} width={Math.max(0, width - 2)} height={LANE} fill="none" stroke="var(--line)" />
      <rect x={left + 1} y={lane + (1 - share) * LANE} width={Math.max(0, width - 2)} height={share * LANE} fill="var(--line-strong)" />
      <text x={left + 6} y={lane - 6} fill="var(--ink-2)" fontSize={12}>
        {frozen === null ? '' : cut(room > 22 + trained.length ? t`${{ share: formatShare(share, 0) }} frozen, ${trained} train` : formatShare(share, 0))}
      </text>
    </g>
  )
}

/** What a line is called at its end: `block 7` for `_blocks.7`. */
function endWords(group: string): string {
  const block = /^(?:_blocks|features)\.(.*)$/.exec(group)?.[1]
  return block === undefined ? groupWords(group) : t`block ${block}`
}

/** Names at the end of the last stage's lines: the first and the last of those by depth. */
function Ends({ plan, x, y }: { plan: readonly StageRates[]; x: (epoch: number) => number; y: (rate: number) => number }) {
  const last = plan.at(-1)
  if (last === undefined) return null
  const end = last.stage.firstEpoch - 1 + last.stage.epochs
  const named = last.groups.filter((_, index) => index < 2 || index === last.groups.length - 1)
  let lowest = -Infinity
  return (
    <g>
      {named.map(({ name, rates }, index) => {
        const wanted = y(rates.at(-1) ?? 0)
        const top = Math.max(wanted, lowest + 14)
        lowest = top
        return (
          <text key={name} x={x(end) + 6} y={top} dy="0.35em" fill={index === 0 ? 'var(--chart-val)' : 'var(--chart-train)'} fontSize={12}>
            {name === 'all' ? formatSmall(rates.at(-1) ?? 0) : endWords(name)}
          </text>
        )
      })}
    </g>
  )
}
