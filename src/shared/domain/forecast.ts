/** From how fast a machine is with a network to how long a run takes: the pictures of a dataset and the epochs counted up. */
import type { Forecast, Measurement, PictureCounts, StageForecast } from './model'
import { resolvedViews, type RunConfig } from './run-config'
import { type PlannedStage, plannedStages, STAGE_SETTINGS } from './stages'

/** Decoding and resizing one picture of usual size where none could be timed, ms. */
const DECODE_MS = 4
/** Reading one that lies decoded in the cache, ms. */
const CACHED_MS = 1
/** Resized pictures are kept in memory up to here: see `PictureCache.load`. */
const PICTURE_MEMORY_BYTES = 512 * 1024 * 1024
/** How far a run may be from its forecast: what shares the machine, and what changes from run to run. */
const MARGIN = 0.25
/** Epochs whose checkpoint is also the best so far. */
const BEST_SHARE = 0.5

/** Milliseconds of a step on `pictures`, between the two that were measured. */
function stepMs(measurement: Measurement, pictures: number): number {
  const { batchSize, trainStepMs, smallStepMs } = measurement
  if (batchSize <= 2) return (trainStepMs * pictures) / Math.max(1, batchSize)
  const perPicture = Math.max(0, (trainStepMs - smallStepMs) / (batchSize - 2))
  return trainStepMs - perPicture * (batchSize - pictures)
}

/** The training steps of one epoch, milliseconds. */
function stepsMs(measurement: Measurement, pictures: number): number {
  const full = Math.floor(pictures / measurement.batchSize)
  const rest = pictures - full * measurement.batchSize
  return full * measurement.trainStepMs + (rest === 0 ? 0 : stepMs(measurement, rest))
}

/** Bytes of kept features that stay in memory: whole views, as long as they fit. */
function keptBytes(measurement: Measurement, pictures: number, views: number): number {
  const viewBytes = measurement.featureBytes * pictures
  return viewBytes === 0 ? 0 : Math.min(views, Math.floor(measurement.featureBudgetBytes / viewBytes)) * viewBytes
}

/** A stage, and how fast this machine is with its freezing. */
export interface MeasuredStage {
  readonly stage: PlannedStage
  readonly measurement: Measurement
}

/** The run as if a stage of it were all there is: what is measured for it. */
export function stageAlone(config: RunConfig, stage: PlannedStage): RunConfig {
  const own = Object.fromEntries(STAGE_SETTINGS.map((key) => [key, stage[key]]))
  return { ...config, ...own, epochs: stage.epochs, stages: [] }
}

function stageForecast({ stage, measurement }: MeasuredStage, config: RunConfig, counts: PictureCounts): StageForecast {
  const views = resolvedViews(config, stage.epochs)
  const newViewEpochs = measurement.featureBytes > 0 ? views : 1
  const epochSeconds = (stepsMs(measurement, counts.train) + counts.val * measurement.validatePictureMs) / 1000
  const newViewEpochSeconds = epochSeconds + (counts.train * measurement.prefixPictureMs) / 1000
  const firstEpochSeconds = newViewEpochSeconds + measurement.warmUpSeconds + (counts.val * measurement.prefixPlainMs) / 1000
  const keeping = stage.epochs * (measurement.copySeconds + (1 + BEST_SHARE) * measurement.writeSeconds)
  return {
    name: stage.name,
    epochs: stage.epochs,
    seconds: firstEpochSeconds + (newViewEpochs - 1) * newViewEpochSeconds + (stage.epochs - newViewEpochs) * epochSeconds + keeping,
    firstEpochSeconds,
    newViewEpochSeconds,
    newViewEpochs,
    epochSeconds,
    memoryBytes: measurement.memoryBytes + keptBytes(measurement, counts.train, views) + keptBytes(measurement, counts.val, 1),
  }
}

/** A run of one stage. */
export function forecastOf(measurement: Measurement, config: RunConfig, counts: PictureCounts): Forecast {
  const [stage] = plannedStages({ ...config, stages: [] })
  if (stage === undefined) throw new Error('A run has a stage')
  return forecastOfStages([{ stage, measurement }], config, counts)
}

/** The stages of a run one after the other, each as measured; pictures are prepared once. */
export function forecastOfStages(measured: readonly MeasuredStage[], config: RunConfig, counts: PictureCounts): Forecast {
  const stages = measured.map((part) => stageForecast(part, config, counts))
  const [first] = stages
  const start = measured[0]?.measurement
  const end = measured.at(-1)?.measurement
  if (first === undefined || start === undefined || end === undefined) throw new Error('A run has a stage')
  const pictures = counts.train + counts.val + counts.test
  const decodeMs = counts.decodedShare * CACHED_MS + (1 - counts.decodedShare) * (start.decodePictureMs ?? DECODE_MS)
  const prepareSeconds = start.startSeconds + (pictures * decodeMs) / 1000
  // The best is loaded into a network of its own, which is prepared again.
  const finish = end.warmUpSeconds / 2 + ((counts.val + counts.test) * end.forwardPictureMs) / 1000
  const seconds = prepareSeconds + stages.reduce((sum, stage) => sum + stage.seconds, 0) + finish
  const picturesBytes = pictures * config.image_size ** 2 * 3
  const { firstEpochSeconds, newViewEpochSeconds, newViewEpochs, epochSeconds } = first
  return {
    seconds,
    secondsLow: seconds * (1 - MARGIN),
    secondsHigh: seconds * (1 + MARGIN),
    prepareSeconds,
    firstEpochSeconds,
    newViewEpochSeconds,
    newViewEpochs,
    epochSeconds,
    memoryBytes: Math.max(...stages.map((stage) => stage.memoryBytes)) + (picturesBytes <= PICTURE_MEMORY_BYTES ? picturesBytes : 0),
    stages,
    measurement: start,
    basis: { measurements: measured.map(({ measurement }) => measurement), counts },
    measuredAt: start.measuredAt,
  }
}

/**
 * A forecast that was measured, for as many epochs and views as are set now. Everything else that speed depends on is to be as it was.
 * Null where it has another number of stages.
 */
export function forecastAgain({ basis }: Pick<Forecast, 'basis'>, config: RunConfig): Forecast | null {
  const stages = plannedStages(config)
  if (stages.length !== basis.measurements.length) return null
  const measured = stages.flatMap((stage, index): MeasuredStage[] => {
    const measurement = basis.measurements[index]
    return measurement === undefined ? [] : [{ stage, measurement }]
  })
  return forecastOfStages(measured, config, basis.counts)
}

/** Seconds of an epoch of a stage, from 1, with its checkpoints. */
export function epochSecondsAt({ epochs, seconds, firstEpochSeconds, newViewEpochSeconds, newViewEpochs, epochSeconds }: StageForecast, epoch: number): number {
  const keeping = (seconds - firstEpochSeconds - (newViewEpochs - 1) * newViewEpochSeconds - (epochs - newViewEpochs) * epochSeconds) / epochs
  return keeping + (epoch === 1 ? firstEpochSeconds : epoch <= newViewEpochs ? newViewEpochSeconds : epochSeconds)
}

/** Share of the memory that is free which a run may take before it is worth a look: what else is open wants some. */
const COMFORTABLE_SHARE = 0.85

/** How a run's memory stands to the machine's, in bytes. */
export function memoryVerdict(neededBytes: number, machine: { readonly memoryBytes: number; readonly freeMemoryBytes: number }): 'fits' | 'tight' | 'more_than_free' | 'more_than_there_is' {
  if (neededBytes > machine.memoryBytes) return 'more_than_there_is'
  if (neededBytes > machine.freeMemoryBytes) return 'more_than_free'
  return neededBytes > COMFORTABLE_SHARE * machine.freeMemoryBytes ? 'tight' : 'fits'
}
