/** `forecast`: how long a run will take here, from a few real steps of its own network on random pixels. */
import { KeyedRandom } from '../../../shared/domain/random'
import type { Forecast } from '../../../shared/domain/model'
import { resolvedViews } from '../../../shared/domain/run-config'
import { OPTIMIZER_RULES } from '../../engine/compile/optimizers'
import { softTargets } from '../../engine/compile/loss'
import { NetworkSession } from '../../engine/runtime/network-session'
import { drawBatch } from '../../engine/train/augmentation-draw'
import { randomWeights } from '../../engine/train/initial-weights'
import { networkShapes } from '../../engine/zoo/network'
import { availableCoresSync } from '../available-cores'
import type { Job } from '../messages'
import { readPictureFromFile } from '../pictures'
import { compileRun, runNetwork } from '../run-session'

/** Timed repetitions after one that only warms up; the median counts. */
const REPETITIONS = 3
const PREFIX_BATCH = 32
/** Decoding and resizing one picture of usual size, seconds, where none could be timed. */
const DECODE_S = 0.004
/** Loading TensorFlow, compiling the graph, evaluating and writing at the end, seconds. */
const FIXED_S = 5

function medianMs(work: () => void): number {
  work()
  const times = Array.from({ length: REPETITIONS }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}

/** Seconds for one picture, decoded one after the other; in a run several are in flight, on as many cores as there are. */
async function decodeSeconds(paths: readonly string[], side: number): Promise<number> {
  let read = 0
  const started = performance.now()
  for (const path of paths) {
    const isRead = await readPictureFromFile(path, side).then(() => true, () => false) // prettier-ignore
    if (isRead) read++
  }
  return read === 0 ? DECODE_S : (performance.now() - started) / 1000 / read / availableCoresSync()
}

export async function runForecastJob(job: Extract<Job, { kind: 'forecast' }>): Promise<Forecast> {
  const { config, classes } = job
  const run = runNetwork(config, classes)
  const session = new NetworkSession(compileRun(run, config))
  session.load(randomWeights(run.network, config.seed))
  const side = config.image_size
  const views = config.augment ? resolvedViews(config) : 1
  const random = new KeyedRandom(config.seed, 'sample')
  const pixelsOf = (count: number) => ({ shape: [count, side, side, 3], data: Uint8Array.from({ length: count * side * side * 3 }, () => random.below(256)) })
  const augmentationOf = (count: number) =>
    config.augment ? drawBatch(config.augmentation, { seed: config.seed, pictureKeys: Array.from({ length: count }, (_, i) => i), view: 1, side }) : null

  const isKept = run.cut !== 'input'
  const batch = Math.min(config.batch_size, job.trainPictures)
  const prefixPixels = pixelsOf(isKept ? PREFIX_BATCH : batch)
  const augmentation = augmentationOf(prefixPixels.shape[0] ?? 0)
  const prefixMs = medianMs(() => {
    session.release(session.features(session.pictures(prefixPixels, augmentation)))
  })
  const cutShape = networkShapes(run.network, side).get(run.cut) ?? []
  const features = { shape: [batch, ...cutShape], data: new Float32Array(batch * cutShape.reduce((a, b) => a * b, 1)).map(() => random.uniform()) }
  const stepMs = medianMs(() => {
    session.trainStep(features, {
      targets: { shape: [batch, classes], data: softTargets(new Array<number>(batch).fill(0), classes, 0) },
      weights: { shape: [batch], data: new Float32Array(batch).fill(1 / batch) },
      scalars: OPTIMIZER_RULES[config.optimizer].scalars(1, 1e-6, { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov }),
      randomKey: Int32Array.of(0, 0),
      step: 0,
    })
  })
  const evaluateMs = medianMs(() => {
    session.evaluate(features)
  })
  session.close()

  const pictureMs = prefixMs / (prefixPixels.shape[0] ?? 1)
  const steps = Math.ceil(job.trainPictures / batch)
  const pictures = job.trainPictures + job.valPictures + job.testPictures
  const prefixRuns = isKept ? job.trainPictures * views + job.valPictures : job.trainPictures * config.epochs
  const perEpochMs = steps * stepMs + (job.valPictures / batch) * evaluateMs
  const seconds = FIXED_S + pictures * (await decodeSeconds(job.samplePaths ?? [], side)) + (prefixRuns * pictureMs + config.epochs * perEpochMs) / 1000
  return { secondsLow: seconds * 0.8, secondsHigh: seconds * 1.35, trainStepMs: stepMs, prefixPictureMs: pictureMs, measuredAt: new Date().toISOString() }
}
