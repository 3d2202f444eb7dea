/** The three choices, each with the time that it takes on this machine. */
import { plural, t } from '@lingui/core/macro'
import { OWN_PRESETS, type OwnPresetName, type PresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { totalEpochs } from '../../../shared/domain/stages'
import { ChoiceCard, ChoiceCards } from '../../ui/choice-cards'
import { epochCount } from '../../ui/counts'
import { formatDurationRange, formatShare } from '../../ui/format'
import classes from './preset-cards.module.css'
import type { ForecastState } from './use-forecasts'

const WORDS: Readonly<Record<OwnPresetName, string>> = {
  fast: t`Only the last layer learns.`,
  balanced: t`The last third learns too.`,
  best: t`The head, then the late layers, then all.`,
}

/** The range as one reads it: `about 12–20 s`. */
export function forecastWords(state: ForecastState): string | null {
  if (state.kind !== 'known') return null
  const range = formatDurationRange(state.forecast.secondsLow, state.forecast.secondsHigh)
  // One number of seconds, to which both ends round, is called so already.
  return range.includes('–') ? t`about ${range}` : range
}

export function forecastNote(state: ForecastState, isHeld: boolean): string {
  if (state.kind === 'known') return t`measured on this machine`
  if (isHeld) return t`measured after the live run`
  switch (state.kind) {
    case 'measuring':
      return t`measuring a few steps`
    case 'failed':
      return t`could not be measured`
    case 'waiting':
      return t`not measured yet`
  }
}

const FROZEN_WORDS = { stage: t`early stages frozen`, all: t`backbone frozen`, none: t`nothing frozen` } as const

/** `15 epochs · 70 % frozen`, `25 epochs in 3 stages`. */
export function lengthWords({ epochs, stages, freeze, freeze_ratio }: RunConfig): string {
  if (stages.length > 0) {
    const [total, parts] = [totalEpochs({ epochs, stages }), stages.length]
    return t`${plural(total, { one: '# epoch', other: '# epochs' })} in ${plural(parts, { one: '# stage', other: '# stages' })}`
  }
  if (freeze === 'ratio') return `${epochCount(epochs)} · ${t`${{ share: formatShare(freeze_ratio, 0) }} frozen`}`
  return `${epochCount(epochs)} · ${typeof freeze === 'string' ? FROZEN_WORDS[freeze] : t`chosen stages frozen`}`
}

export function PresetCards(props: {
  chosen: PresetName
  configs: Readonly<Record<OwnPresetName, RunConfig>>
  forecasts: (preset: PresetName) => ForecastState
  isHeld: boolean
  onChoose: (preset: OwnPresetName) => void
}) {
  const { chosen, configs, forecasts, isHeld, onChoose } = props
  return (
    <ChoiceCards label={t`Preset`}>
      {OWN_PRESETS.map((preset) => {
        const config = configs[preset]
        const state = forecasts(preset)
        return (
          <ChoiceCard key={preset} group="preset" value={preset} label={preset} isChosen={preset === chosen} onChoose={() => onChoose(preset)}>
            <span className={classes.name}>{preset}</span>
            <span className={classes.words}>{WORDS[preset]}</span>
            <span className="meta">{lengthWords(config)}</span>
            <span className={classes.time} data-unknown={state.kind !== 'known' || undefined}>
              {forecastWords(state) ?? '–'}
            </span>
            <span className="meta" title={state.kind === 'failed' ? state.failure.message : undefined}>
              {forecastNote(state, isHeld)}
            </span>
          </ChoiceCard>
        )
      })}
    </ChoiceCards>
  )
}
