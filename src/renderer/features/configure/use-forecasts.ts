/** How long each preset would take here. Measured one after the other, the chosen one first, and never in the way of anything. */
import { useEffect, useRef, useState } from 'react'
import type { Failure } from '../../../shared/domain/error'
import { augmentationWork } from '../../../shared/domain/augmentation'
import { forecastAgain } from '../../../shared/domain/forecast'
import type { Forecast } from '../../../shared/domain/model'
import type { PresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import type { DraftChanges } from '../../state/draft'
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
  'frozen_batch_norm',
  'image_size',
  'batch_size',
  'optimizer',
  'augment',
  'num_workers',
  'device',
  'precision',
  'train_ratio',
  'val_ratio',
  'test_ratio',
] as const satisfies readonly (keyof RunConfig)[]

/** What has to be measured for it; the rest is counting. */
export function measuredKey(datasetId: string, config: RunConfig): string {
  const stages = config.stages.map(({ freeze, freeze_ratio }) => [freeze, freeze_ratio])
  return JSON.stringify([datasetId, stages, augmentationWork(config.augmentation), ...DECISIVE.map((key) => config[key])])
}

export function forecastKey(datasetId: string, config: RunConfig): string {
  return JSON.stringify([measuredKey(datasetId, config), config.epochs, config.views, config.stages.map(({ epochs }) => epochs)])
}

/** A preset with what was changed, as it is to be measured. */
export interface Wanted {
  preset: PresetName
  config: RunConfig
  request: DraftChanges
}

/** Answers of this window, so that going back to a setting shows its time at once. */
const known = new Map<string, Forecast>()
/** Of them, one for each that was measured alike: other epochs and views are told from it while they are being changed. */
const alike = new Map<string, Forecast>()

/**
 * @param wanted in the order to measure
 * @param isHeld true while nothing may be measured: a run is live or about to start
 */
export function useForecasts(datasetId: string, wanted: readonly Wanted[], isHeld: boolean): (preset: PresetName) => ForecastState {
  const keyOf = new Map(wanted.map(({ preset, config }) => [preset, forecastKey(datasetId, config)]))
  const joined = [...keyOf.values()].join('\n')
  const [states, setStates] = useState<Readonly<Record<string, ForecastState>>>({})
  const latest = useRef(wanted)
  latest.current = wanted

  useEffect(() => {
    if (isHeld) return
    const controller = new AbortController()
    const set = (key: string, state: ForecastState): void => {
      if (!controller.signal.aborted) setStates((before) => ({ ...before, [key]: state }))
    }
    const measureAll = async (): Promise<void> => {
      for (const { preset, config, request } of latest.current) {
        const key = forecastKey(datasetId, config)
        if (known.has(key)) continue
        set(key, { kind: 'measuring' })
        try {
          const forecast = await client().models.forecast({ preset, config: request, datasetId }, { signal: controller.signal })
          known.set(key, forecast)
          alike.set(measuredKey(datasetId, config), forecast)
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
    // The keys stand for the configurations, in their order.
  }, [datasetId, joined, isHeld])

  return (preset) => {
    const key = keyOf.get(preset) ?? ''
    const config = wanted.find((one) => one.preset === preset)?.config
    const near = config === undefined ? undefined : alike.get(measuredKey(datasetId, config))
    const forecast = known.get(key) ?? (near === undefined || config === undefined ? null : forecastAgain(near, config))
    return forecast === null ? (states[key] ?? { kind: 'waiting' }) : { kind: 'known', forecast }
  }
}
