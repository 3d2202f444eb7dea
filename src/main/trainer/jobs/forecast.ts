/** `forecast`: how fast this machine is with a network, from a few steps of a run's own parts on pictures of its own dataset. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DecodedPicture } from '../../dataset/decode'
import { PictureCache } from '../../dataset/picture-cache'
import { writeCrop } from '../../dataset/picture-store'
import { Cancelled } from '../../../shared/domain/error'
import { KeyedRandom } from '../../../shared/domain/random'
import type { Measurement } from '../../../shared/domain/model'
import { assumedBatchSize, type RunConfig } from '../../../shared/domain/run-config'
import { OPTIMIZER_RULES } from '../../engine/compile/optimizers'
import { softTargets } from '../../engine/compile/loss'
import type { HostTensor, TensorMap } from '../../engine/formats/tensor-map'
import { writeSafetensors } from '../../engine/formats/safetensors'
import { NetworkSession } from '../../engine/runtime/network-session'
import { choosePrefix, type PrefixRunner } from '../../engine/runtime/prefix-runner'
import { loadTensorFlow } from '../../engine/runtime/tensorflow'
import { Heads } from '../../engine/train/heads'
import { PicturesAhead } from '../../engine/train/pictures-ahead'
import type { PictureSource } from '../../engine/train/picture-source'
import { type Network, networkParameters, networkShapes } from '../../engine/zoo/network'
import { writeVerified } from '../../storage/atomic-write'
import { isProcessAliveSync } from '../../storage/process-identity'
import { cacheDirectory, featureCacheDirectory } from '../../storage/paths'
import { availableCoresSync } from '../available-cores'
import { FEATURE_BUDGET_BYTES } from '../feature-budget'
import type { Job } from '../messages'
import { peakBytes } from '../peak-memory'
import { expectedPrecision } from '../precision-plan'
import { compileRun, type RunNetwork, runNetwork } from '../run-session'
import { type JobContext, yieldToMessages } from './context'

/** Pictures of the first, small uses, which make TensorFlow prepare its parts. */
const SMALL_BATCH = 2
/** Pictures that the prefix and the validation take at once in a run. */
const RUN_BATCH = 32
/** A part is timed again until so much time is spent on it, or so often. */
const PART_BUDGET_MS = 700
const REPETITIONS = 7
/** A part that takes longer is timed once only. */
const ONCE_MS = 1500
/** A step expected to take longer is timed on fewer pictures, though on no fewer than `FEWEST`. */
const LONG_STEP_MS = 4000
const FEWEST = 6

type ForecastJob = Extract<Job, { kind: 'forecast' }>

/** Mean time of a part, milliseconds, as a run's many repetitions have it; the first use of a batch size is left out where there is time for a second. */
async function timedMs(signal: AbortSignal, work: () => Promise<void>): Promise<number> {
  const times: number[] = []
  let spent = 0
  while (times.length === 0 || (times.length < REPETITIONS && spent < PART_BUDGET_MS) || (times.length === 1 && spent < ONCE_MS)) {
    await yieldToMessages()
    if (signal.aborted) throw new Cancelled()
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
    spent += times.at(-1) ?? 0
  }
  const counted = times.length > 1 ? times.slice(1) : times
  return counted.reduce((a, b) => a + b, 0) / counted.length
}

interface Decoded {
  readonly pictures: readonly Uint8Array[]
  /** As crops are taken from, where the run takes any. */
  readonly wholes: readonly DecodedPicture[]
  readonly pictureMs: number | null
}

/** The dataset's own pictures, decoded as a run does it, into a cache of their own that is then thrown away. */
async function decodeSome({ sample, config }: ForecastJob, directory: string): Promise<Decoded> {
  if (sample.entries.length === 0) return { pictures: [], wholes: [], pictureMs: null }
  const started = performance.now()
  const cache = new PictureCache({ directory: join(directory, 'pictures') })
  const store = await cache.load(sample.entries, config.image_size, { root: sample.root, workers: config.num_workers ?? availableCoresSync() * 2, wantsWhole: config.augmentation.random_resized_crop })
  const pictureMs = (performance.now() - started) / sample.entries.length
  const pictures: Uint8Array[] = []
  const wholes: DecodedPicture[] = []
  for (const index of sample.entries.keys()) {
    // A picture that cannot be read is set aside by the run.
    if (!store.has(index)) continue
    const pixels = new Uint8Array(store.pictureBytes)
    await store.read(index, pixels, 0)
    pictures.push(pixels)
    if (config.augmentation.random_resized_crop) wholes.push(await store.readDecoded(index))
  }
  return { pictures, wholes, pictureMs }
}

function sourceOf(count: number, classes: number, side: number, { pictures, wholes }: Omit<Decoded, 'pictureMs'>): PictureSource {
  return {
    count,
    labels: Array.from({ length: count }, (_, i) => i % classes),
    keys: Array.from({ length: count }, (_, i) => i),
    read: (index, out, offset) => {
      out.set(pictures[index % pictures.length] ?? [], offset)
      return Promise.resolve()
    },
    readCrop: (index, choose, out, offset) => {
      const whole = wholes[index % wholes.length] ?? { pixels: pictures[index % pictures.length] ?? new Uint8Array(side * side * 3), width: side, height: side }
      writeCrop(whole, choose(whole), side, out.subarray(offset, offset + side * side * 3))
      return Promise.resolve()
    },
  }
}

/** Weights of a usual size from a few numbers drawn, and how long drawing each of them takes where a run begins so. */
function quickWeights(network: Network, seed: number): { weights: TensorMap; drawSeconds: number } {
  const random = new KeyedRandom(seed, 'sample')
  const started = performance.now()
  const table = Float32Array.from({ length: 65_521 }, () => random.normal())
  const drawMs = (performance.now() - started) / table.length
  let drawn = 0
  const weights = networkParameters(network).map((spec): [string, HostTensor] => {
    const data = new Float32Array(spec.shape.reduce((a, b) => a * b, 1))
    const { initialiser } = spec
    if (initialiser.kind === 'ones') data.fill(1)
    else if (initialiser.kind !== 'zeros') {
      drawn += data.length
      for (let i = 0; i < data.length; i++) data[i] = 0.05 * (table[i % table.length] ?? 0)
    }
    return [spec.name, { shape: [...spec.shape], data }]
  })
  return { weights: new Map(weights), drawSeconds: (drawn * drawMs) / 1000 }
}

/** The parts of a run, on as many pictures as asked for. */
class Parts {
  private steps = 0
  private views = 0
  private ahead: { heads: Heads; count: number; pictures: PicturesAhead } | null = null

  constructor(
    private readonly session: NetworkSession,
    private readonly run: RunNetwork,
    private readonly config: RunConfig,
    private readonly classes: number,
    private readonly decoded: Omit<Decoded, 'pictureMs'>,
    private readonly prefixRunner: PrefixRunner | null,
  ) {}

  /** Features of one more view of `count` pictures, augmented or plain. */
  async prefix(count: number, isPlain: boolean): Promise<void> {
    const heads = this.heads(count)
    await heads.prepare(isPlain || !this.config.augment ? 0 : ++this.views, () => Promise.resolve())
    heads.close()
  }

  /** Features that steps and validation read. */
  async ready(count: number): Promise<Heads> {
    const heads = this.heads(count)
    await heads.prepare(1, () => Promise.resolve())
    await heads.prepare(0, () => Promise.resolve())
    return heads
  }

  async step(heads: Heads, count: number): Promise<void> {
    const { session, config, classes } = this
    const view = config.augment ? 1 : 0
    // As in a run, where the next step's pictures are made during each.
    if (this.ahead?.heads !== heads || this.ahead.count !== count) {
      await this.ahead?.pictures.abandon()
      this.ahead = { heads, count, pictures: new PicturesAhead(heads, view, repeated(indices(count))) }
    }
    const { feed, release } = await heads.batch(indices(count), view, null, await this.ahead.pictures.next())
    session.trainStep(feed, {
      targets: { shape: [count, classes], data: softTargets(indices(count).map((i) => i % classes), classes, config.label_smoothing) }, // prettier-ignore
      weights: { shape: [count], data: new Float32Array(count).fill(1 / count) },
      scalars: OPTIMIZER_RULES[config.optimizer].scalars(this.steps + 1, 1e-6, { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov }),
      randomKey: Int32Array.of(0, 0),
      step: this.steps++,
    })
    release()
    await yieldToMessages()
  }

  async validate(heads: Heads, count: number): Promise<void> {
    const { feed, release } = await heads.batch(indices(count), 0)
    this.session.evaluate(feed)
    release()
    await yieldToMessages()
  }

  private heads(count: number): Heads {
    const { session, run, config, prefixRunner } = this
    const options = { session, ...(prefixRunner !== null && { prefix: prefixRunner }), network: run.network, cut: run.cut, config, featureBudgetBytes: FEATURE_BUDGET_BYTES, featureDirectory: featureCacheDirectory() }
    return new Heads(sourceOf(count, this.classes, this.config.image_size, this.decoded), options)
  }
}

const indices = (count: number) => Array.from({ length: count }, (_, i) => i)

function* repeated<T>(value: T): Generator<T, never> {
  for (;;) yield value
}

/** Seconds to copy the whole state out and to write one checkpoint of it. */
async function keep(session: NetworkSession, directory: string): Promise<{ copySeconds: number; writeSeconds: number }> {
  const started = performance.now()
  const bytes = writeSafetensors(session.state(), { format: 'pt' })
  const copied = performance.now()
  await writeVerified(join(directory, 'state'), bytes, { verifyHash: true })
  return { copySeconds: (copied - started) / 1000, writeSeconds: (performance.now() - copied) / 1000 }
}

/** A batch that is too slow to wait for is told from a part of it. */
function timedPictures(batchSize: number, pictureMs: number): number {
  return Math.min(batchSize, Math.max(FEWEST, Math.floor(LONG_STEP_MS / pictureMs)))
}

/** A folder for what is written to time it, named by this process. What an ended process left of its own is deleted on the way. */
async function withFolder<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const parent = cacheDirectory()
  await mkdir(parent, { recursive: true })
  for (const name of await readdir(parent)) {
    const pid = Number(/^forecast-(\d+)-/.exec(name)?.[1] ?? process.pid)
    if (pid !== process.pid && !isProcessAliveSync(pid)) await rm(join(parent, name), { recursive: true, force: true })
  }
  const directory = await mkdtemp(join(parent, `forecast-${process.pid}-`))
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Ends between two parts when it is asked to: whoever wanted to know has moved on. */
export async function runForecastJob(job: ForecastJob, context: Pick<JobContext, 'control'>): Promise<Measurement> {
  const { config, classes } = job
  const { signal } = context.control
  const { device } = loadTensorFlow()
  const decodeStarted = performance.now()
  const decoded = await withFolder((directory) => decodeSome(job, directory))
  const decodeSeconds = (performance.now() - decodeStarted) / 1000
  const side = config.image_size
  const random = new KeyedRandom(config.seed, 'sample')
  const pictures = decoded.pictures.length > 0 ? decoded.pictures : [Uint8Array.from({ length: side * side * 3 }, () => random.below(256))]

  const run = runNetwork(config, classes)
  const batchSize = Math.min(assumedBatchSize(config), Math.max(1, job.trainPictures))
  const precision = await expectedPrecision({ config, classes, trainPictures: job.trainPictures, device, batchSize: assumedBatchSize(config) })
  const session = new NetworkSession(compileRun(run, config, { precision }))
  const { weights, drawSeconds } = quickWeights(run.network, config.seed)
  session.load(weights)
  const startSeconds = performance.now() / 1000 - decodeSeconds + (config.weights === 'none' ? drawSeconds : 0)
  const isKept = run.cut !== 'input'
  const prefix = isKept ? choosePrefix(session, { network: run.network, imageSize: side, preprocessing: run.backbone.preprocessing, weights, cut: run.cut, pictures: job.trainPictures * Math.max(1, run.views) + job.valPictures }) : null
  const parts = new Parts(session, run, config, classes, { pictures, wholes: decoded.wholes }, prefix)

  const small = async () => {
    const heads = await parts.ready(SMALL_BATCH)
    await parts.step(heads, SMALL_BATCH)
    await parts.validate(heads, SMALL_BATCH)
    heads.close()
  }
  const firstStarted = performance.now()
  await small()
  const firstMs = performance.now() - firstStarted
  const againStarted = performance.now()
  await small()
  const warmUpSeconds = Math.max(0, firstMs - (performance.now() - againStarted)) / 1000

  const prefixMs = isKept ? await timedMs(signal, () => parts.prefix(RUN_BATCH, false)) : 0
  const prefixPlainMs = isKept ? await timedMs(signal, () => parts.prefix(RUN_BATCH, true)) : 0
  const heads = await parts.ready(Math.max(batchSize, RUN_BATCH))
  const smallStepMs = await timedMs(signal, () => parts.step(heads, SMALL_BATCH))
  const peakBefore = peakBytes()
  const timedBatch = timedPictures(batchSize, smallStepMs / SMALL_BATCH)
  const timedStepMs = await timedMs(signal, () => parts.step(heads, timedBatch))
  const beyond = timedBatch === batchSize ? 0 : (batchSize - timedBatch) / (timedBatch - SMALL_BATCH)
  const trainStepMs = timedStepMs + beyond * Math.max(0, timedStepMs - smallStepMs)
  const beyondBytes = beyond * (peakBytes() - peakBefore)
  const validateMs = await timedMs(signal, () => parts.validate(heads, RUN_BATCH))
  const kept = await withFolder((directory) => keep(session, directory))
  const memoryBytes = peakBytes() + beyondBytes
  heads.close()
  await prefix?.close()
  session.close()
  return {
    batchSize,
    startSeconds,
    warmUpSeconds,
    decodePictureMs: decoded.pictureMs,
    prefixPictureMs: prefixMs / RUN_BATCH,
    prefixPlainMs: prefixPlainMs / RUN_BATCH,
    trainStepMs,
    smallStepMs,
    validatePictureMs: validateMs / RUN_BATCH,
    forwardPictureMs: (prefixPlainMs + validateMs) / RUN_BATCH,
    ...kept,
    memoryBytes,
    featureBytes: isKept ? 4 * (networkShapes(run.network, side).get(run.cut) ?? []).reduce((a, b) => a * b, 1) : 0,
    featureBudgetBytes: FEATURE_BUDGET_BYTES,
    measuredAt: new Date().toISOString(),
  }
}
