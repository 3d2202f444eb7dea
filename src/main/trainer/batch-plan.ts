/** How many pictures a pass takes, and how many passes a step: as the configuration says, as measured for `auto`, or as what memory allowed before. */
import { resolvedSizes, sizesOf, smallestBatch } from '../../shared/domain/batch-size'
import { GraftError } from '../../shared/domain/error'
import type { ResolvedSettings, RunRecord } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { plannedStages } from '../../shared/domain/stages'
import type { Device } from '../../shared/domain/system'
import { randomWeights } from '../engine/train/initial-weights'
import { NetworkSession } from '../engine/runtime/network-session'
import { publishedWeights } from '../engine/zoo/registry'
import type { EventStream } from './jobs/context'
import { availableCoresSync } from './available-cores'
import { greyStep } from './grey-step'
import { peakBytes, resetPeak } from './peak-memory'
import { compileRun, type RunNetwork, runNetwork } from './run-session'

export interface BatchPlan {
  /** Pictures in one pass. */
  readonly batchSize: number
  /** Pictures in one optimizer step, which may take several passes. */
  readonly stepSize: number
  /** What settings that were left open became. */
  readonly resolved: ResolvedSettings
}

export interface BatchQuestion {
  readonly config: RunConfig
  readonly record: RunRecord
  readonly network: RunNetwork
  readonly trainPictures: number
  readonly device: Device
  readonly events: EventStream
}

/** Largest first. Beyond 64 a step gets no faster on a CPU, and an epoch of a small dataset has too few of them. */
const CANDIDATES = [64, 32, 16, 8, 4, 2, 1] as const
/** Share of the memory that is free which a run may plan to take: pictures, features and the system want some. */
const HEAD_ROOM = 0.6
const SMALL = 2
const MEDIUM = 8

export async function resolveBatch(question: BatchQuestion): Promise<BatchPlan> {
  const { config, record } = question
  const before = sizesOf(record.resolved)
  if (before !== null) return { ...before, resolved: { ...openSettings(question), ...resolvedSizes(before) } }
  const batchSize = config.batch_size === 'auto' ? await probeBatchSize(question) : config.batch_size
  const sizes = { batchSize, stepSize: batchSize * config.accumulation_steps }
  return { ...sizes, resolved: { ...openSettings(question), ...(config.batch_size === 'auto' ? resolvedSizes(sizes) : {}) } }
}

function openSettings({ config, network, device }: BatchQuestion): ResolvedSettings {
  return {
    ...(config.weights === 'imagenet' ? { weights: publishedWeights(network.backbone, config.weights)?.name ?? config.weights } : {}),
    ...(config.dropout === null ? { dropout: network.dropout } : {}),
    ...(config.views === null && config.augment ? { views: network.views } : {}),
    ...(config.num_workers === null ? { num_workers: availableCoresSync() * 2 } : {}),
    ...(config.device === 'auto' ? { device: device.kind } : {}),
  }
}

/**
 * The largest batch whose training and evaluation step leave head-room, told from two small ones and then tried. Weights and random
 * numbers of the run are not touched: the network is one of its own.
 */
async function probeBatchSize({ config, network, trainPictures, events }: BatchQuestion): Promise<number> {
  const classes = network.network.layers.findLast((layer) => layer.kind === 'linear')?.out ?? 2
  const heaviest = plannedStages(config)
    .map((stage) => runNetwork(config, classes, stage.index))
    .reduce((most, each) => (each.trainableParameters > most.trainableParameters ? each : most))
  const session = new NetworkSession(compileRun(heaviest, config, { accumulates: false }))
  try {
    session.load(randomWeights(heaviest.network, config.seed))
    const freeBytes = availableBytes()
    const peakOf = (size: number) => {
      resetPeak()
      greyStep(session, heaviest, config, { classes, size, evaluates: true })()
      return peakBytes()
    }
    // The first also pays for what TensorFlow prepares once.
    peakOf(SMALL)
    const small = peakOf(SMALL)
    const pictureBytes = Math.max(1, (peakOf(MEDIUM) - small) / (MEDIUM - SMALL))
    const roomBytes = freeBytes * HEAD_ROOM
    const smallest = smallestBatch(config)
    const largest = Math.max(smallest, trainPictures)
    for (const size of CANDIDATES.filter((candidate) => candidate >= smallest)) {
      if (size > smallest && (size > largest || size * pictureBytes > roomBytes)) continue
      if (!fits(session, heaviest, config, classes, size)) continue
      const message = `Batch size auto: ${size} pictures a pass, about ${megabytes(pictureBytes)} each; ${megabytes(freeBytes)} were free`
      await events.durable({ event: 'log', level: 'info', message })
      return size
    }
  } finally {
    session.close()
  }
  throw new GraftError('OUT_OF_MEMORY', `Not even ${smallestBatch(config) === 1 ? 'one picture' : 'two pictures'} at a time ${smallestBatch(config) === 1 ? 'fits' : 'fit'} into memory.`, { action: 'Choose a smaller image size or network, or freeze more of it.' })
}

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`

function availableBytes(): number {
  return process.availableMemory()
}

function fits(session: NetworkSession, network: RunNetwork, config: RunConfig, classes: number, size: number): boolean {
  try {
    greyStep(session, network, config, { classes, size, evaluates: true })()
    return true
  } catch (error) {
    if (error instanceof GraftError && error.code === 'OUT_OF_MEMORY') return false
    throw error
  }
}
