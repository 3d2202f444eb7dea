/** What a choice of freezing costs here: parameters, time and memory. The last figures stay, dimmed, while new ones are measured. */
import { useRef } from 'react'
import { parameterWords } from '../../../shared/domain/parameter-words'
import type { Forecast, FreezePlan } from '../../../shared/domain/model'
import { Figures } from '../../ui/figures'
import { formatBytes, formatDuration, formatDurationRange, formatPlural } from '../../ui/format'
import { forecastNote } from './preset-cards'
import type { ForecastState } from './use-forecasts'

/** How far a run may be from its forecast. */
const MARGIN = 0.25

/** `6–10 s`, `about 40 ms`. */
export function aboutSeconds(seconds: number): string {
  return seconds < 2 ? `about ${formatDuration(seconds)}` : formatDurationRange(seconds * (1 - MARGIN), seconds * (1 + MARGIN))
}

/** Which epochs take longer than the others, and how long. */
export function epochNote({ firstEpochSeconds, newViewEpochSeconds, newViewEpochs, epochSeconds }: Forecast, epochs: number): string {
  const usual = epochs > newViewEpochs ? epochSeconds : newViewEpochSeconds
  if (newViewEpochs > 1 && epochs > newViewEpochs && newViewEpochSeconds > 1.2 * epochSeconds) return `${formatDuration(newViewEpochSeconds)} in the first ${newViewEpochs}`
  return firstEpochSeconds > 1.2 * usual ? `${formatDuration(firstEpochSeconds)} in the first` : 'all alike'
}

/** The time of most epochs. */
export function usualEpochSeconds({ newViewEpochSeconds, newViewEpochs, epochSeconds }: Forecast, epochs: number): number {
  return epochs > newViewEpochs ? epochSeconds : newViewEpochSeconds
}

/** Shorter than a preset's. What waits is about to be measured, unless something holds it up. */
function figureNote(forecast: ForecastState, isHeld: boolean): string {
  if (forecast.kind === 'known') return 'measured here'
  return isHeld || forecast.kind === 'failed' ? forecastNote(forecast, isHeld) : 'measuring…'
}

export function FreezeFigures({ plan, forecast, epochs, isHeld }: { plan: FreezePlan | null; forecast: ForecastState; epochs: number; isHeld: boolean }) {
  const last = useRef<Forecast | null>(null)
  if (forecast.kind === 'known') last.current = forecast.forecast
  const known = last.current
  const note = figureNote(forecast, isHeld)
  return (
    <Figures
      label="What the choice costs"
      size="small"
      columns="minmax(0, 1.35fr) repeat(3, minmax(0, 1fr))"
      isStale={forecast.kind !== 'known'}
      items={[
        { label: 'Parameters', value: plan === null ? null : parameterWords(plan), note: plan === null ? '' : `${(100 * (plan.trainableParameters / plan.parameters)).toFixed(0)} % of them train` },
        { isMeasured: true, label: 'An epoch', value: known === null ? null : aboutSeconds(usualEpochSeconds(known, epochs)), note: known === null ? note : epochNote(known, epochs) },
        { isMeasured: true, label: `All ${formatPlural(epochs, 'epoch')}`, value: known === null ? null : aboutSeconds(known.seconds), note: forecast.kind === 'failed' ? forecast.failure.message : note },
        { isMeasured: true, label: 'Memory', value: known === null ? null : formatBytes(known.memoryBytes), note: known === null ? '' : 'of the trainer, at its peak' },
      ]}
    />
  )
}
