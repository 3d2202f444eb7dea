/** How long each preset would take here. Measured one after the other, the chosen one first, and never in the way of anything. */
import { useEffect, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import type { Forecast } from '../../../shared/domain/model'
import { OWN_PRESETS, type OwnPresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'

export type ForecastState = { kind: 'waiting' } | { kind: 'measuring' } | { kind: 'known'; forecast: Forecast } | { kind: 'failed'; failure: Failure }

const QUIET_MS = 800

/** What the answer depends on; a change of anything else measures nothing again. */
const DECISIVE = [
  'backbone',
  'weights',
  'head',
  'dropout',
  'freeze',
  'freeze_ratio',
  'image_size',
  'batch_size',
  'optimizer',
  'epochs',
  'views',
  'augment',
  'augmentation',
  'num_workers',
  'device',
  'train_ratio',
  'val_ratio',
  'test_ratio',
] as const satisfies readonly (keyof RunConfig)[]

export function forecastKey(datasetId: string, config: RunConfig): string {
  return JSON.stringify([datasetId, ...DECISIVE.map((key) => config[key])])
}

/** Answers of this window, so that going back to a setting shows its time at once. */
const known = new Map<string, Forecast>()

/** @param isHeld true while nothing may be measured: a run is live or about to start */
export function useForecasts(
  datasetId: string,
  configs: Readonly<Record<OwnPresetName, RunConfig>>,
  chosen: OwnPresetName,
  isHeld: boolean,
): Readonly<Record<OwnPresetName, ForecastState>> {
  const keys = { fast: forecastKey(datasetId, configs.fast), balanced: forecastKey(datasetId, configs.balanced), best: forecastKey(datasetId, configs.best) }
  const [states, setStates] = useState<Readonly<Record<string, ForecastState>>>({})
  const { fast, balanced, best } = keys

  useEffect(() => {
    if (isHeld) return
    const keyOf = { fast, balanced, best }
    const controller = new AbortController()
    const set = (key: string, state: ForecastState): void => {
      if (!controller.signal.aborted) setStates((before) => ({ ...before, [key]: state }))
    }
    const measureAll = async (): Promise<void> => {
      for (const preset of [chosen, ...OWN_PRESETS.filter((name) => name !== chosen)]) {
        const key = keyOf[preset]
        if (known.has(key)) continue
        set(key, { kind: 'measuring' })
        try {
          const forecast = await client().models.forecast({ config: configs[preset], datasetId }, { signal: controller.signal })
          known.set(key, forecast)
          set(key, { kind: 'known', forecast })
        } catch (error) {
          if (controller.signal.aborted) return
          const failure = failureOf(error)
          set(key, failure === null ? { kind: 'waiting' } : { kind: 'failed', failure })
        }
      }
    }
    const timer = setTimeout(() => void measureAll(), QUIET_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
      setStates({})
    }
    // The keys stand for the configurations.
  }, [datasetId, fast, balanced, best, chosen, isHeld])

  const stateOf = (key: string): ForecastState => {
    const forecast = known.get(key)
    return forecast === undefined ? (states[key] ?? { kind: 'waiting' }) : { kind: 'known', forecast }
  }
  return { fast: stateOf(fast), balanced: stateOf(balanced), best: stateOf(best) }
}
