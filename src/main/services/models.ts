/** Backbones, what freezing means for them, and how long a run with them takes here. Loads no TensorFlow. */
import { access } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Manifest } from '../../shared/domain/dataset'
import { Cancelled, GraftError, isCancellation } from '../../shared/domain/error'
import { type BackboneCard, chosenWeights, type Forecast, type FreezePlan, type FreezePlanQuestion } from '../../shared/domain/model'
import type { RunConfig } from '../../shared/domain/run-config'
import { manifestCounts } from '../dataset/split'
import { backboneCards, freezePlan } from '../engine/zoo/registry'
import { machineLockOwner } from '../storage/machine-lock'
import { runJob } from '../trainer/host'
import type { DatasetsService } from './datasets'
import { nearestName } from './nearest-name'
import type { Places } from './places'
import { combineConfig } from './run-config'

/** A forecast that is known or being measured, shared by all who ask the same. */
interface Measurement {
  result: Promise<Forecast>
  control: AbortController
  isKnown: boolean
  callers: number
}

export class ModelsService {
  private readonly forecasts = new Map<string, Measurement>()

  constructor(
    private readonly places: Places,
    private readonly datasets: DatasetsService,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  async list(): Promise<{ backbones: BackboneCard[] }> {
    return { backbones: backboneCards(this.places.cache) }
  }

  async freezePlan(input: FreezePlanQuestion): Promise<FreezePlan> {
    return freezePlan(input)
  }

  /**
   * Refuses a backbone that there is not and weights that are not on this machine, before anything is made.
   * @throws GraftError BAD_INPUT, NOT_FOUND with where to put the file
   */
  async requireUsable(config: Pick<RunConfig, 'backbone' | 'weights'>): Promise<void> {
    const cards = backboneCards(this.places.cache)
    const card = cards.find(({ name }) => name === config.backbone)
    if (card === undefined) {
      const names = cards.map(({ name }) => name)
      const near = nearestName(config.backbone, names)
      throw new GraftError('BAD_INPUT', `There is no backbone "${config.backbone}"; there are ${names.join(', ')}.`, {
        action: near === null ? 'Choose one of them.' : `Did you mean ${near}?`,
      })
    }
    if (config.weights === 'none') return
    const source = chosenWeights(card, config.weights)
    if (source !== null) {
      if (source.isPresent) return
      const from = source.url === null ? '' : ` They are published at ${source.url}.`
      throw new GraftError('NOT_FOUND', `The ImageNet weights of ${card.title} (${source.fileName}) are not on this machine.${from}`, {
        action: `Put the file at ${source.path}, or train from a random start with --weights none.`,
      })
    }
    const isThere = await access(config.weights).then(() => true, () => false)
    if (!isThere) {
      const where = isAbsolute(config.weights) ? '' : ' below the working folder'
      throw new GraftError('NOT_FOUND', `Expected weights to be imagenet, none or a file, but there is no file "${config.weights}"${where}.`, { action: 'Check the path.' })
    }
  }

  /** Measures a few steps on this machine; the same question again is answered from memory. @throws GraftError CONFLICT while a run is live */
  async forecast(input: { config: Partial<RunConfig>; datasetId: string }, signal?: AbortSignal): Promise<Forecast> {
    const { config } = combineConfig({ preset: null, flags: input.config })
    await this.requireUsable(config)
    const { manifest } = this.datasets.find(input.datasetId)
    const { split } = manifestCounts(manifest)
    const classes = manifest.classes.length
    const { backbone, weights, freeze_ratio, image_size, batch_size, optimizer, epochs, views, augment, num_workers, device } = config
    const key = JSON.stringify([backbone, weights === 'none', freeze_ratio, image_size, batch_size, optimizer, epochs, views, augment, num_workers, device, split, classes, manifest.root])
    const known = this.forecasts.get(key)
    if (known !== undefined) return this.join(key, known, signal)
    const owner = await machineLockOwner(this.places.lock)
    if (owner !== null) throw measuredLater(`the ${owner.what}`)
    if (signal?.aborted === true) throw new Cancelled()
    // Another may have asked the same while the lock was looked at.
    const other = this.forecasts.get(key)
    if (other !== undefined) return this.join(key, other, signal)
    const control = new AbortController()
    const { result } = runJob<'forecast'>(
      { kind: 'forecast', config, trainPictures: split.train, valPictures: split.val, testPictures: split.test, classes, samplePaths: someOf(manifest) },
      { signal: control.signal, trainerPath: this.options.trainerPath },
    )
    const measurement: Measurement = { result, control, isKnown: false, callers: 0 }
    this.forecasts.set(key, measurement)
    result.then(
      () => {
        measurement.isKnown = true
      },
      // A failure or a cancellation is no answer to keep.
      () => this.forget(key, measurement),
    )
    return this.join(key, measurement, signal)
  }

  /** Ends what is being measured: a run that begins needs the processor, and would make the figures wrong. Their callers get CONFLICT. */
  endForecasts(): void {
    for (const [key, measurement] of this.forecasts) {
      if (measurement.isKnown) continue
      this.forget(key, measurement)
      measurement.control.abort()
    }
  }

  /** The measurement's answer. It is ended only when the last of its callers leaves. */
  private async join(key: string, measurement: Measurement, signal: AbortSignal | undefined): Promise<Forecast> {
    measurement.callers++
    let onAbort: (() => void) | undefined
    const left = new Promise<never>((_, reject) => {
      onAbort = () => {
        measurement.callers--
        if (measurement.callers > 0 || measurement.isKnown) return reject(new Cancelled())
        // Forgotten first: who asks now begins anew. The last caller waits for the trainer's end.
        this.forget(key, measurement)
        measurement.control.abort()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted === true) onAbort()
    })
    try {
      return await Promise.race([measurement.result, left])
    } catch (error) {
      if (isCancellation(error) && signal?.aborted !== true) throw measuredLater('training that has begun')
      throw error
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
    }
  }

  private forget(key: string, measurement: Measurement): void {
    if (this.forecasts.get(key) === measurement) this.forecasts.delete(key)
  }
}

function measuredLater(during: string): GraftError {
  return new GraftError('CONFLICT', `Speed cannot be measured during ${during}.`, { action: 'Ask again when it has ended.' })
}

/** Pictures timed for a forecast, spread over the dataset. */
const TIMED_PICTURES = 8

function someOf(manifest: Manifest): string[] {
  const step = Math.max(1, Math.floor(manifest.pictures.length / TIMED_PICTURES))
  return manifest.pictures
    .filter((_, i) => i % step === 0)
    .slice(0, TIMED_PICTURES)
    .map(({ path }) => join(manifest.root, path))
}
