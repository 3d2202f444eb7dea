/** The learning-rate range test on a compiled network: training steps with a rate that rises, on weights that are thrown away. */
import { hasDiverged, nextPoint, RATE_STEPS, type RateFinderResult, type RatePoint, rateOfStep, suggestRate } from '../../../shared/domain/rate-finder'
import type { RunConfig } from '../../../shared/domain/run-config'
import { OPTIMIZER_RULES } from '../compile/optimizers'
import type { NetworkSession } from '../runtime/network-session'
import { cutIntoBatches, SAMPLER_RULES } from './batches'
import { type Criterion, lossFeeds, lossTotal, plainTargets } from './criterion'
import type { Heads } from './heads'
import { drawMix, mixTargets } from './mix'
import type { ParameterGroups } from './parameter-groups'

export interface RateFinderOptions {
  readonly session: NetworkSession
  readonly config: RunConfig
  readonly groups: ParameterGroups
  readonly criterion: Criterion
  readonly batchSize: number
  readonly train: { readonly heads: Heads; readonly labels: readonly number[] }
  readonly trainsBatchNorm: boolean
}

export interface RateFinderHooks {
  /** Features of the one view that the test shows. */
  onFeatures(done: number, total: number): Promise<void>
  /** After each step. True: end now. */
  onPoint(points: readonly RatePoint[]): Promise<boolean>
}

/** Null when it was told to end. Groups keep the ratio of their rates; the rate told is the largest. */
export async function findRate(options: RateFinderOptions, hooks: RateFinderHooks): Promise<RateFinderResult | null> {
  const { session, config, groups, criterion, train, batchSize } = options
  const classes = criterion.classWeights.length
  const view = config.augment ? 1 : 0
  await train.heads.prepare(view, (done, total) => hooks.onFeatures(done, total))
  const highest = Math.max(...groups.baseRates)
  const shares = groups.baseRates.map((rate) => (highest === 0 ? 1 : rate / highest))
  const settings = { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov, beta1: config.beta1, beta2: config.beta2 }
  const randomKey = Int32Array.of(config.seed | 0, Math.floor(config.seed / 2 ** 32) | 0)
  const points: RatePoint[] = []
  for (let epoch = 1; points.length < RATE_STEPS; epoch++) {
    const order = SAMPLER_RULES[config.sampler](config.seed, epoch, train.labels)
    for (const indices of cutIntoBatches(order, batchSize, options.trainsBatchNorm)) {
      const step = points.length
      const rate = rateOfStep(step + 1)
      const labels = indices.map((index) => train.labels[index] ?? 0)
      const mix = config.augment ? drawMix(config.augmentation, { seed: config.seed, step, count: labels.length, side: config.image_size }) : null
      const plain = plainTargets(criterion, labels)
      const { targets, weights } = lossFeeds(criterion, mix === null ? plain : mixTargets(plain, labels.length, classes, mix.lambda), lossTotal(criterion, labels, mix !== null))
      const { feed, release } = await train.heads.batch(indices, view, mix)
      const { loss } = session.trainStep(feed, {
        targets: { shape: [labels.length, classes], data: targets },
        weights: { shape: [labels.length], data: weights },
        scalars: shares.map((share) => OPTIMIZER_RULES[config.optimizer].scalars(step + 1, rate * share, settings)),
        randomKey,
        step,
      })
      release()
      points.push(nextPoint(points, loss, rate))
      if (await hooks.onPoint(points)) return null
      if (hasDiverged(points)) return told(points, true)
      if (points.length === RATE_STEPS) break
    }
  }
  return told(points, false)
}

/** What is not a number is not part of the curve. */
function told(points: readonly RatePoint[], endedEarly: boolean): RateFinderResult {
  const finite = points.filter((point) => Number.isFinite(point.loss) && Number.isFinite(point.smoothed_loss))
  return { points: finite, ...suggestRate(finite), ended_early: endedEarly }
}
