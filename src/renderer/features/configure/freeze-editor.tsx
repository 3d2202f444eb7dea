/** What keeps its weights: the network with the freeze handle, three ways of saying it, and what follows from the choice. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import { useMemo } from 'react'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import { classCount } from '../../ui/counts'
import { NumberField } from '../../ui/number-field'
import classes from './freeze-editor.module.css'
import { FreezeFigures } from './freeze-figures'
import { type Freezing, frozenLayers, handlePosition, layoutOf, listOf, ratioOf, toggledStage } from './network-layout'
import { NetworkStages } from './network-stages'
import type { ForecastState } from './use-forecasts'

type Way = 'none' | 'ratio' | 'stage' | 'list' | 'all'

const WAYS: readonly { value: Way; label: string }[] = [
  { value: 'none', label: t`Nothing` },
  { value: 'ratio', label: t`Up to a layer` },
  { value: 'stage', label: t`By stage` },
  { value: 'list', label: t`Chosen stages` },
  { value: 'all', label: t`All` },
]

const HINTS: Readonly<Record<Way, string>> = {
  none: t`The whole network learns.`,
  all: t`Only the head learns.`,
  ratio: t`Layers before the handle keep their weights.`,
  stage: t`The early stages, as is usual for this network.`,
  list: t`Click a stage to freeze it or let it train.`,
}

/** What a plan keeps, in a sentence. */
export function planSentence(plan: FreezePlan): string {
  const training = plan.layers - plan.frozenLayers
  const counts = plural({ layers: plan.layers }, { one: `${training} of # layer trains`, other: `${training} of # layers train` })
  if (plan.frozenLayers === 0) return `${counts} · ${t`nothing is kept`}`
  if (plan.kept === null) return `${counts} · ${t`the frozen part runs again in each step`}`
  return `${counts} · ${t`the frozen part runs once per picture and view, ${{ shape: plan.kept.shape.join('×') }} numbers are kept of each`}`
}

interface FreezeEditorProps {
  card: BackboneCard | null
  freezing: Freezing
  plan: FreezePlan | null
  classNames: number
  /** What it costs, shown below; left out for a stage of several. */
  cost?: { epochs: number; forecast: ForecastState; isHeld: boolean }
  onChange: (freezing: Partial<Freezing>) => void
}

export function FreezeEditor(props: FreezeEditorProps) {
  const { card, freezing, plan, onChange } = props
  const layers = useMemo(() => card?.layers ?? [], [card])
  const layout = useMemo(() => layoutOf(layers), [layers])
  const frozen = frozenLayers(layers, freezing, plan)
  const way: Way = typeof freezing.freeze === 'string' ? freezing.freeze : 'list'
  const atRatio = () => ({ freeze: 'ratio' as const, freeze_ratio: ratioOf(handlePosition(frozen), layers.length) })
  const choose: Readonly<Record<Way, () => Partial<Freezing>>> = {
    none: () => ({ freeze: 'none' }),
    all: () => ({ freeze: 'all' }),
    ratio: atRatio,
    stage: () => ({ freeze: 'stage' }),
    list: () => listOf(layers, frozen.some(Boolean) ? frozen : frozen.map((_, i) => layers[i]?.stage === layers[0]?.stage)),
  }
  return (
    <div className={classes.editor}>
      <div className={classes.ways}>
        <SegmentedControl aria-label={t`Way of freezing`} data={[...WAYS]} value={way} onChange={(next) => onChange(choose[next]())} />
        <p className={classes.hint}>{HINTS[way]}</p>
        <div className={classes.ratio} data-idle={way !== 'ratio' || undefined}>
          <span aria-hidden>
            <Trans>Ratio</Trans>
          </span>
          <NumberField
            label={t`Freeze ratio`}
            isLabelHidden
            value={way === 'ratio' ? freezing.freeze_ratio : ratioOf(handlePosition(frozen), layers.length)}
            low={0}
            high={1}
            step={0.05}
            onChange={(value) => value !== null && onChange({ freeze: 'ratio', freeze_ratio: value })}
          />
        </div>
      </div>
      <NetworkStages
        layers={layers}
        layout={layout}
        frozen={frozen}
        plan={plan}
        headWords={classCount(props.classNames)}
        onMove={(position) => onChange({ freeze: 'ratio', freeze_ratio: ratioOf(position, layers.length) })}
        onToggle={(stage) => onChange(toggledStage(layers, frozen, stage))}
      />
      {props.cost !== undefined && <FreezeFigures plan={plan} {...props.cost} />}
      <p className={classes.sentence} aria-live="polite">
        {plan === null ? ' ' : planSentence(plan)}
      </p>
    </div>
  )
}
