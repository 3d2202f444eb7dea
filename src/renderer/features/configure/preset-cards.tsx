/** The three choices, each with the time that it takes on this machine. */
import { OWN_PRESETS, type OwnPresetName, type PresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { totalEpochs } from '../../../shared/domain/stages'
import { ChoiceCard, ChoiceCards } from '../../ui/choice-cards'
import { formatDurationRange, formatPlural } from '../../ui/format'
import classes from './preset-cards.module.css'
import type { ForecastState } from './use-forecasts'

const WORDS: Readonly<Record<OwnPresetName, string>> = {
  fast: 'Only the last layer learns.',
  balanced: 'The last third learns too.',
  best: 'The head, then the late layers, then all.',
}

/** The range as one reads it: `about 12–20 s`. */
export function forecastWords(state: ForecastState): string | null {
  if (state.kind !== 'known') return null
  const range = formatDurationRange(state.forecast.secondsLow, state.forecast.secondsHigh)
  return range.startsWith('about') ? range : `about ${range}`
}

export function forecastNote(state: ForecastState, isHeld: boolean): string {
  if (state.kind === 'known') return 'measured on this machine'
  if (isHeld) return 'measured after the live run'
  switch (state.kind) {
    case 'measuring':
      return 'measuring a few steps'
    case 'failed':
      return 'could not be measured'
    case 'waiting':
      return 'not measured yet'
  }
}

/** `15 epochs · 70 % frozen`, `25 epochs in 3 stages`. */
export function lengthWords({ epochs, stages, freeze, freeze_ratio }: RunConfig): string {
  if (stages.length > 0) return `${formatPlural(totalEpochs({ epochs, stages }), 'epoch')} in ${formatPlural(stages.length, 'stage')}`
  if (freeze === 'ratio') return `${formatPlural(epochs, 'epoch')} · ${Math.round(freeze_ratio * 100)} % frozen`
  return `${formatPlural(epochs, 'epoch')} · ${typeof freeze !== 'string' ? 'chosen stages frozen' : freeze === 'stage' ? 'early stages frozen' : freeze === 'all' ? 'backbone frozen' : 'nothing frozen'}`
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
    <ChoiceCards label="Preset">
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
