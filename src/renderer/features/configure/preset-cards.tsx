/** The three choices, each with the time that it takes on this machine. */
import { OWN_PRESETS, type OwnPresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { ChoiceCard, ChoiceCards } from '../../ui/choice-cards'
import { formatDurationRange, formatPlural } from '../../ui/format'
import classes from './preset-cards.module.css'
import type { ForecastState } from './use-forecasts'

const WORDS: Readonly<Record<OwnPresetName, string>> = {
  fast: 'Only the last layer learns.',
  balanced: 'The last third learns too.',
  best: 'Most of the network learns.',
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

export function PresetCards(props: {
  chosen: OwnPresetName
  configs: Readonly<Record<OwnPresetName, RunConfig>>
  forecasts: Readonly<Record<OwnPresetName, ForecastState>>
  isHeld: boolean
  onChoose: (preset: OwnPresetName) => void
}) {
  const { chosen, configs, forecasts, isHeld, onChoose } = props
  return (
    <ChoiceCards label="Preset">
      {OWN_PRESETS.map((preset) => {
        const config = configs[preset]
        const state = forecasts[preset]
        return (
          <ChoiceCard key={preset} group="preset" value={preset} label={preset} isChosen={preset === chosen} onChoose={() => onChoose(preset)}>
            <span className={classes.name}>{preset}</span>
            <span className={classes.words}>{WORDS[preset]}</span>
            <span className="meta">
              {formatPlural(config.epochs, 'epoch')} · {Math.round(config.freeze_ratio * 100)} % frozen
            </span>
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
