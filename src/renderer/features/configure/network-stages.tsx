/** The network drawn as its stages, with the freeze handle over them: what is left of it keeps its weights. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import { formatShare, formatShort } from '../../ui/format'
import { bandsOf, handlePosition, movedByKey, nearestEdge, type NetworkLayout, type StageLayout } from './network-layout'
import classes from './network-stages.module.css'

export interface NetworkStagesProps {
  layers: BackboneCard['layers']
  layout: NetworkLayout
  frozen: readonly boolean[]
  /** Of this network; null until it is known. */
  plan: FreezePlan | null
  /** Words below the head: `3 classes`. */
  headWords: string
  onMove: (position: number) => void
  onToggle: (stage: string) => void
}

type StageState = 'once' | 'frozen' | 'mixed' | 'trains'

const percent = (share: number) => `${share * 100}%`

/** `layer3 · 14×14 · 256` */
export function stageWords(stage: { name: string }, shape: readonly number[] | undefined): string {
  const [height, width, channels] = shape ?? []
  return height === undefined || width === undefined || channels === undefined ? stage.name : `${stage.name} · ${height}×${width} · ${channels}`
}

const STATE_WORDS: Readonly<Record<StageState, string>> = {
  once: t`frozen, runs once`,
  frozen: t`frozen`,
  mixed: t`partly frozen`,
  trains: t`trains`,
}

/** `15 layers · 7.10 M parameters (61 %) · 1.20 G multiply-adds (66 %)` */
function sizeWords({ layers, parameters, macs }: StageLayout, all: Pick<StageLayout, 'parameters' | 'macs'>): string {
  return [
    plural(layers, { one: '# layer', other: '# layers' }),
    t`${{ count: formatShort(parameters) }} parameters (${{ share: formatShare(parameters / all.parameters, 0) }})`,
    t`${{ count: formatShort(macs) }} multiply-adds (${{ share: formatShare(macs / all.macs, 0) }})`,
  ].join(' · ')
}

/** What the handle says of its place. */
export function handleWords(layers: BackboneCard['layers'], position: number): string {
  const last = layers[position - 1]
  const all = layers.length
  if (last === undefined) return plural(all, { one: '0 of # layer frozen: the whole network trains', other: '0 of # layers frozen: the whole network trains' })
  if (position === all) return plural(all, { one: 'all # layer frozen: only the head trains', other: 'all # layers frozen: only the head trains' })
  const { name } = last
  return plural(all, { one: `${position} of # layer frozen, up to ${name}`, other: `${position} of # layers frozen, up to ${name}` })
}

export function NetworkStages(props: NetworkStagesProps) {
  const { layers, layout, frozen, plan, headWords, onMove, onToggle } = props
  const [pointed, setPointed] = useState<string | null>(null)
  const shapes = new Map(plan?.stages.map(({ name, shape }) => [name, shape]) ?? [])
  const position = handlePosition(frozen)
  const kept = new Set(plan?.rows.filter(({ runs }) => runs === 'once').map(({ name }) => name))
  const stateOf = ({ first, layers: count }: StageLayout): StageState => {
    const own = frozen.slice(first, first + count)
    if (own.every(Boolean)) return layers.slice(first, first + count).every(({ name }) => kept.has(name)) ? 'once' : 'frozen'
    return own.some(Boolean) ? 'mixed' : 'trains'
  }
  const shown = layout.stages.find(({ name }) => name === pointed) ?? layout.stages.findLast(({ first }) => first < Math.max(1, position)) ?? layout.stages[0]
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0)
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0)
  return (
    <div className={classes.network}>
      <Regions layout={layout} position={position} frozen={frozen} isKept={plan?.prefixCached ?? true} />
      <div className={classes.scales} aria-hidden>
        <span>
          <Trans>Multiply-adds</Trans>
        </span>
        <span>
          <Trans>Parameters</Trans>
        </span>
      </div>
      <div className={classes.track}>
        {layout.stages.map((stage) => (
          <Stage
            key={stage.first}
            stage={stage}
            state={stateOf(stage)}
            frozen={frozen.slice(stage.first, stage.first + stage.layers)}
            words={stageWords(stage, shapes.get(stage.name))}
            onPoint={setPointed}
            onToggle={onToggle}
          />
        ))}
        <Handle layers={layers} layout={layout} position={position} onMove={onMove} />
      </div>
      <div className={classes.head}>
        <span className={classes.headBlock} />
      </div>
      <span className={classes.stageTitle} aria-hidden>
        <Trans>Stage</Trans>
      </span>
      <div className={classes.labels} aria-hidden>
        {layout.stages.map(({ first, left, width, label }) => (
          <span key={first} style={{ left: percent(left), width: percent(width) }}>
            {label}
          </span>
        ))}
      </div>
      <span className={classes.headLabel}>
        <Trans>head</Trans>
      </span>
      <span className={classes.bandTitle} aria-hidden>
        <Trans>Pixels</Trans>
      </span>
      <div className={classes.bands} aria-hidden>
        {bandsOf(layout.stages, shapes).map(({ words, left, width }) => (
          <span key={left} style={{ left: percent(left), width: percent(width) }}>
            {words}
          </span>
        ))}
      </div>
      <span className={classes.headBand}>{headWords}</span>
      {shown !== undefined && (
        <p className={classes.readout}>
          <span className="strong">{stageWords(shown, shapes.get(shown.name))}</span>
          {` · ${sizeWords(shown, { parameters, macs })} · ${STATE_WORDS[stateOf(shown)]}`}
        </p>
      )}
    </div>
  )
}

/** The words above: what the handle parts. What is said depends on the room. */
function Regions({ layout, position, frozen, isKept }: { layout: NetworkLayout; position: number; frozen: readonly boolean[]; isKept: boolean }) {
  const edge = layout.edges[position] ?? 0
  const hasMore = frozen.lastIndexOf(true) >= position
  return (
    <div className={classes.regions} aria-hidden>
      {edge > 0.14 && (
        <span className={classes.calm} style={{ width: percent(edge) }}>
          {edge < 0.35 ? t`Frozen` : isKept ? t`Frozen: runs once, its output is kept` : t`Frozen: runs in each step`}
        </span>
      )}
      {edge < 0.86 && (
        <span className={classes.alive} style={{ left: percent(edge) }}>
          {hasMore ? t`Trains in part` : t`Trains`}
        </span>
      )}
    </div>
  )
}

interface StageProps {
  stage: StageLayout
  state: StageState
  frozen: readonly boolean[]
  words: string
  onPoint: (name: string | null) => void
  onToggle: (name: string) => void
}

function Stage({ stage, state, frozen, words, onPoint, onToggle }: StageProps) {
  const isWhole = frozen.every(Boolean)
  return (
    <button
      type="button"
      className={classes.stage}
      data-state={state}
      style={{ left: percent(stage.left), width: percent(stage.width) }}
      aria-pressed={isWhole}
      aria-label={t`Freeze ${{ stage: words }}`}
      title={`${words}: ${STATE_WORDS[state]}. ${isWhole ? t`Click to train it.` : t`Click to freeze it.`}`}
      onPointerEnter={() => onPoint(stage.name)}
      onPointerLeave={() => onPoint(null)}
      onFocus={() => onPoint(stage.name)}
      onBlur={() => onPoint(null)}
      onClick={() => onToggle(stage.name)}
    >
      <span className={classes.half}>
        <Bars frozen={frozen} height={stage.macsHeight} />
      </span>
      <span className={classes.axis}>
        {frozen.map((isFrozen, i) => (
          <i key={i} data-frozen={isFrozen || undefined} />
        ))}
      </span>
      <span className={`${classes.half} ${classes.below}`}>
        <Bars frozen={frozen} height={stage.parametersHeight} />
      </span>
    </button>
  )
}

/** One block of a stage's height, cut where its freezing ends. */
function Bars({ frozen, height }: { frozen: readonly boolean[]; height: number }) {
  return (
    <span className={classes.bars} style={{ height: `max(2px, ${percent(height)})` }}>
      {frozen.map((isFrozen, i) => (
        <i key={i} data-frozen={isFrozen || undefined} />
      ))}
    </span>
  )
}

function Handle({ layers, layout, position, onMove }: { layers: BackboneCard['layers']; layout: NetworkLayout; position: number; onMove: (position: number) => void }) {
  const thumb = useRef<HTMLDivElement>(null)
  const [isDragged, setIsDragged] = useState(false)
  const follow = (event: PointerEvent): void => {
    const track = thumb.current?.parentElement?.getBoundingClientRect()
    if (track === undefined || track.width === 0) return
    const next = nearestEdge(layout, (event.clientX - track.left) / track.width)
    if (next !== position) onMove(next)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = movedByKey(layout, position, event.key)
    if (next === null) return
    event.preventDefault()
    if (next !== position) onMove(next)
  }
  return (
    <div
      ref={thumb}
      className={classes.handle}
      data-dragged={isDragged || undefined}
      style={{ left: percent(layout.edges[position] ?? 0) }}
      role="slider"
      tabIndex={0}
      aria-label={t`Frozen layers`}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={layers.length}
      aria-valuenow={position}
      aria-valuetext={handleWords(layers, position)}
      title={t`Drag, or use the arrow keys by layer and Page Up and Page Down by stage`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setIsDragged(true)
      }}
      onPointerMove={(event) => isDragged && follow(event)}
      onPointerUp={() => setIsDragged(false)}
      onPointerCancel={() => setIsDragged(false)}
    >
      <span className={classes.line} />
      <span className={classes.knob} aria-hidden>
        <i />
        <i />
      </span>
    </div>
  )
}
