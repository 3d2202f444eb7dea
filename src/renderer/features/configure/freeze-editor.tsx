/** Which layers keep their weights: a slider over the network's own layers, drawn as a strip by stage. */
import { Slider } from '@mantine/core'
import { useMemo } from 'react'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import { formatShort } from '../../ui/format'
import { NumberField } from '../../ui/number-field'
import classes from './freeze-editor.module.css'

interface Stage {
  name: string
  first: number
  layers: readonly { name: string; parameters: number }[]
}

/** Neighbouring layers of one stage together. */
export function stagesOf(layers: BackboneCard['layers']): Stage[] {
  const stages: { name: string; first: number; layers: { name: string; parameters: number }[] }[] = []
  layers.forEach((layer, index) => {
    const last = stages.at(-1)
    if (last?.name === layer.stage) last.layers.push(layer)
    else stages.push({ name: layer.stage, first: index, layers: [layer] })
  })
  return stages
}

/** `_blocks.7` is 7, `_conv_stem` is stem: what fits below a few layers. */
export function stageLabel(name: string): string {
  return name.replace(/^(_blocks|features)\./, '').replace(/^_conv_/, '')
}

/** Whether a stage's name fits below its layers, taking the strip's usual width for granted. */
function isLabelFitting(label: string, layers: number, allLayers: number): boolean {
  return label.length * 6.5 <= (layers / allLayers) * 600
}

/** What a plan means, in a sentence. */
export function planSentence(plan: FreezePlan): string {
  const training = plan.layers - plan.frozenLayers
  const counts = `${training} of ${plan.layers} layers train · ${formatShort(plan.trainableParameters)} of ${formatShort(plan.parameters)} parameters`
  if (plan.frozenLayers === 0) return counts
  return `${counts} · the frozen part runs ${plan.prefixCached ? 'once per picture and view' : 'again in each step'}`
}

export function FreezeEditor(props: { card: BackboneCard | null; ratio: number; plan: FreezePlan | null; onChange: (ratio: number) => void }) {
  const { card, ratio, plan, onChange } = props
  const stages = useMemo(() => stagesOf(card?.layers ?? []), [card])
  const frozen = plan?.frozenLayers ?? 0
  return (
    <div className={classes.editor}>
      <div className={classes.scale}>
        <Slider
          min={0}
          max={1}
          step={0.01}
          value={ratio}
          label={null}
          size={4}
          thumbSize={16}
          classNames={{ bar: classes.bar ?? '' }}
          thumbLabel="Freeze ratio"
          thumbProps={{ 'aria-valuetext': plan === null ? `${Math.round(ratio * 100)} %` : `${Math.round(ratio * 100)} %, ${frozen} of ${plan.layers} layers frozen` }}
          onChange={onChange}
        />
        <div className={classes.strip} role="img" aria-label={plan === null ? 'Layers of the network' : `${frozen} of ${plan.layers} layers frozen`}>
          {stages.map((stage) => (
            <div key={stage.first} className={classes.stage} style={{ flexGrow: stage.layers.length }}>
              <div className={classes.layers}>
                {stage.layers.map((layer, index) => (
                  <span
                    key={layer.name}
                    className={classes.layer}
                    data-frozen={stage.first + index < frozen || undefined}
                    title={`${layer.name}: ${formatShort(layer.parameters)} parameters, ${stage.first + index < frozen ? 'frozen' : 'trains'}`}
                  />
                ))}
              </div>
              <span className={classes.name} title={stage.name}>
                {isLabelFitting(stageLabel(stage.name), stage.layers.length, card?.layers.length ?? 1) ? stageLabel(stage.name) : '\u00a0'}
              </span>
            </div>
          ))}
          <div className={classes.stage} style={{ flexGrow: 1 }}>
            <div className={classes.layers}>
              <span className={classes.layer} title="The new last layer, which always trains" />
            </div>
            <span className={`${classes.name} ${classes.head}`}>head</span>
          </div>
        </div>
      </div>
      <NumberField label="Freeze ratio as a number" isLabelHidden value={ratio} low={0} high={1} step={0.05} onChange={(value) => value !== null && onChange(value)} />
      <p className={classes.sentence} aria-live="polite">
        {plan === null ? ' ' : planSentence(plan)}
      </p>
    </div>
  )
}
