/** What a choice of freezing costs here: parameters, time and memory. The last figures stay, dimmed, while new ones are measured. */
import { plural, t } from '@lingui/core/macro'
import { useRef } from 'react'
import { parameterWords } from '../../../shared/domain/parameter-words'
import type { Forecast, FreezePlan } from '../../../shared/domain/model'
import { Figures } from '../../ui/figures'
import { formatBytes, formatDuration, formatDurationRange, formatShare } from '../../ui/format'
import { forecastNote } from './preset-cards'
import type { ForecastState } from './use-forecasts'

/** How far a run may be from its forecast. */
const MARGIN = 0.25

/** `6–10 s`, `about 40 ms`. */
export function aboutSeconds(seconds: number): string {
  return seconds < 2 ? t`about ${{ time: formatDuration(seconds) }}` : formatDurationRange(seconds * (1 - MARGIN), seconds * (1 + MARGIN))
}

/** Which epochs take longer than the others, and how long. */
export function epochNote({ firstEpochSeconds, newViewEpochSeconds, newViewEpochs, epochSeconds }: Forecast, epochs: number): string {
  const usual = epochs > newViewEpochs ? epochSeconds : newViewEpochSeconds
  if (newViewEpochs > 1 && epochs > newViewEpochs && newViewEpochSeconds > 1.2 * epochSeconds) return t`${{ time: formatDuration(newViewEpochSeconds) }} in the first ${newViewEpochs}`
  return firstEpochSeconds > 1.2 * usual ? t`${{ time: formatDuration(firstEpochSeconds) }} in the first` : t`all alike`
}

/** The time of most epochs. */
export function usualEpochSeconds({ newViewEpochSeconds, newViewEpochs, epochSeconds }: Forecast, epochs: number): number {
  return epochs > newViewEpochs ? epochSeconds : newViewEpochSeconds
}

/** Shorter than a preset's. What waits is about to be measured, unless something holds it up. */
function figureNote(forecast: ForecastState, isHeld: boolean): string {
  if (forecast.kind === 'known') return t`measured here`
  return isHeld || forecast.kind === 'failed' ? forecastNote(forecast, isHeld) : t`measuring…`
}

export function FreezeFigures({ plan, forecast, epochs, isHeld }: { plan: FreezePlan | null; forecast: ForecastState; epochs: number; isHeld: boolean }) {
  const last = useRef<Forecast | null>(null)
  if (forecast.kind === 'known') last.current = forecast.forecast
  const known = last.current
  const note = figureNote(forecast, isHeld)
  return (
    <Figures
      label={t`What the choice costs`}
      size="small"
      columns="minmax(0, 1.35fr) repeat(3, minmax(0, 1fr))"
      isStale={forecast.kind !== 'known'}
      items={[
        { label: t`Parameters`, value: plan === null ? null : parameterWords(plan), note: plan === null ? '' : t`${{ share: formatShare(plan.trainableParameters / plan.parameters, 0) }} of them train` },
        { isMeasured: true, label: t`An epoch`, value: known === null ? null : aboutSeconds(usualEpochSeconds(known, epochs)), note: known === null ? note : epochNote(known, epochs) },
        { isMeasured: true, label: plural(epochs, { one: 'All # epoch', other: 'All # epochs' }), value: known === null ? null : aboutSeconds(known.seconds), note: forecast.kind === 'failed' ? forecast.failure.message : note },
        { isMeasured: true, label: t`Memory`, value: known === null ? null : formatBytes(known.memoryBytes), note: known === null ? '' : t`of the trainer, at its peak` },
      ]}
    />
  )
}
