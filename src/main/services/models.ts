/** Backbones, what freezing means for them, and how long a run with them takes here. Loads no TensorFlow. */
import { access } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { augmentationWork } from '../../shared/domain/augmentation'
import type { ConfigValues } from '../../shared/domain/config-layers'
import type { Manifest, ManifestEntry } from '../../shared/domain/dataset'
import { Cancelled, GraftError, isCancellation } from '../../shared/domain/error'
import { forecastOfStages, type MeasuredStage, stageAlone } from '../../shared/domain/forecast'
import { type BackboneCard, chosenWeights, type Forecast, type FreezePlan, type FreezePlanQuestion, type Measurement } from '../../shared/domain/model'
import type { PresetName } from '../../shared/domain/presets'
import { assumedBatchSize, type RunConfig } from '../../shared/domain/run-config'
import { plannedStages } from '../../shared/domain/stages'
import { PictureCache } from '../dataset/picture-cache'
import { manifestCounts } from '../dataset/split'
import { freezePlan } from '../engine/zoo/freeze-plan'
import { backboneCards } from '../engine/zoo/registry'
import { machineLockOwner } from '../storage/machine-lock'
import { pictureCacheDirectory } from '../storage/paths'
import { runJob } from '../trainer/host'
import type { DatasetsService } from './datasets'
import { nearestName } from '../../shared/domain/nearest-name'
import type { Places } from './places'
import { combineConfig } from './config/run-config'

/** What of a dataset a measurement needs. */
interface TimedDataset {
  classes: number
  trainPictures: number
  valPictures: number
  sample: { root: string; entries: ManifestEntry[] }
}

/** A measurement that is known or being made, shared by all who ask the same. */
interface Shared {
  result: Promise<Measurement>
  control: AbortController
  isKnown: boolean
  callers: number
}

export class ModelsService {
  private readonly measurements = new Map<string, Shared>()

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
      const ways = source.url === null ? 'Put' : `Fetch them in the studio or with graft models ${card.name} --fetch --weights ${source.name}, put`
      throw new GraftError('NOT_FOUND', `The ImageNet weights of ${card.title} (${source.fileName}) are not on this machine.${from}`, {
        action: `${ways} the file at ${source.path}, or train from a random start with --weights none.`,
      })
    }
    if (/^imagenet(1k_v\d)?$/.test(config.weights)) {
      throw new GraftError('BAD_INPUT', `${card.title} has no published weights "${config.weights}"; it has ${card.weights.map(({ name }) => name).join(', ')}.`, {
        action: 'Choose one of them, or imagenet for the newest.',
      })
    }
    const isThere = await access(config.weights).then(() => true, () => false)
    if (!isThere) {
      const where = isAbsolute(config.weights) ? '' : ' below the working folder'
      throw new GraftError('NOT_FOUND', `Expected weights to be imagenet, none or a file, but there is no file "${config.weights}"${where}.`, { action: 'Check the path.' })
    }
  }

  /**
   * How long a run takes on a dataset and how much memory. Measures a few steps on this machine; what differs only in epochs, views
   * or the split is answered from memory; a run of several stages is measured once for each that freezes differently. Weights that are
   * still to be fetched make no difference. @throws GraftError CONFLICT while a run is live
   */
  async forecast(input: { preset?: PresetName | null; config: ConfigValues; datasetId: string }, signal?: AbortSignal): Promise<Forecast> {
    const { config } = combineConfig({ preset: input.preset ?? null, flags: input.config })
    const { manifest } = this.datasets.find(input.datasetId)
    const { split } = manifestCounts(manifest)
    const dataset = { classes: manifest.classes.length, trainPictures: split.train, valPictures: split.val, sample: { root: manifest.root, entries: someOf(manifest) } }
    const stages: MeasuredStage[] = []
    // One after the other: beside each other they would be slower than they are.
    for (const stage of plannedStages(config)) stages.push({ stage, measurement: await this.measured(stageAlone(config, stage), dataset, signal) })
    return forecastOfStages(stages, config, { ...split, decodedShare: await decodedShare(manifest, config.image_size) })
  }

  /** The same without a dataset: how fast this machine is with a network, on random pixels. Weights need not be there. */
  async measure(input: { config: Partial<RunConfig>; classes: number }, signal?: AbortSignal): Promise<Measurement> {
    const { config } = combineConfig({ preset: null, flags: input.config })
    return this.measured(config, { classes: input.classes, trainPictures: assumedBatchSize(config), valPictures: 0, sample: { root: '', entries: [] } }, signal)
  }

  private async measured(
    config: RunConfig,
    dataset: TimedDataset,
    signal: AbortSignal | undefined,
  ): Promise<Measurement> {
    const key = measurementKey(config, dataset)
    const known = this.measurements.get(key)
    if (known !== undefined) return this.join(key, known, signal)
    const owner = await machineLockOwner(this.places.lock)
    if (owner !== null) throw measuredLater(`the ${owner.what}`)
    if (signal?.aborted === true) throw new Cancelled()
    // Another may have asked the same while the lock was looked at.
    const other = this.measurements.get(key)
    if (other !== undefined) return this.join(key, other, signal)
    const control = new AbortController()
        const { result } = runJob<'forecast'>({ kind: 'forecast', config, ...dataset }, { signal: control.signal, trainerPath: this.options.trainerPath })
    const shared: Shared = { result, control, isKnown: false, callers: 0 }
    this.measurements.set(key, shared)
    result.then(
      () => {
        shared.isKnown = true
      },
      // A failure or a cancellation is no answer to keep.
      () => this.forget(key, shared),
    )
    return this.join(key, shared, signal)
  }

  /** Ends what is being measured: a run that begins needs the processor, and would make the figures wrong. Their callers get CONFLICT. */
  endForecasts(): void {
    for (const [key, measurement] of this.measurements) {
      if (measurement.isKnown) continue
      this.forget(key, measurement)
      measurement.control.abort()
    }
  }

  /** The measurement's answer. It is ended only when the last of its callers leaves. */
  private async join(key: string, measurement: Shared, signal: AbortSignal | undefined): Promise<Measurement> {
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

  private forget(key: string, measurement: Shared): void {
    if (this.measurements.get(key) === measurement) this.measurements.delete(key)
  }
}

/** Everything that speed depends on. Two ratios that freeze the same layers are one question. */
function measurementKey(config: RunConfig, dataset: TimedDataset): string {
  const { backbone, weights, head, dropout, image_size, optimizer, augment, augmentation, frozen_batch_norm, num_workers, device, precision } = config
  const imageSize = image_size
  const batchSize = assumedBatchSize(config)
  const { frozenLayerNames } = freezePlan({ ...config, classes: Math.max(2, dataset.classes), imageSize, batchSize })
  const batch = Math.min(batchSize, dataset.trainPictures)
  return JSON.stringify([backbone, weights === 'none', head, dropout, frozenLayerNames, image_size, batch, optimizer, augment && augmentationWork(augmentation), frozen_batch_norm, num_workers, device, precision, dataset.classes, dataset.sample.root])
}

function measuredLater(during: string): GraftError {
  return new GraftError('CONFLICT', `Speed cannot be measured during ${during}.`, { action: 'Ask again when it has ended.' })
}

/** Pictures that are looked for in the cache. */
const LOOKED_AT = 200
/** Pictures timed for a forecast, spread over the dataset. */
const TIMED_PICTURES = 24

function someOf(manifest: Manifest, count = TIMED_PICTURES): ManifestEntry[] {
  const step = Math.max(1, Math.floor(manifest.pictures.length / count))
  return manifest.pictures.filter((_, i) => i % step === 0).slice(0, count)
}

/** Share of the pictures that an earlier run has left decoded, told from some of them. */
async function decodedShare(manifest: Manifest, imageSize: number): Promise<number> {
  const cache = new PictureCache({ directory: pictureCacheDirectory() })
  const some = someOf(manifest, LOOKED_AT)
  const found = await Promise.all(some.map((entry) => cache.has(entry, imageSize)))
  return found.filter(Boolean).length / Math.max(1, some.length)
}
