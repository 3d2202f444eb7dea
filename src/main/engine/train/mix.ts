/**
 * Blending the pictures of a batch, as torchvision.transforms.v2 has it: MixUp (Zhang et al., "mixup: Beyond Empirical Risk
 * Minimization", ICLR 2018) and CutMix (Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers", ICCV 2019).
 * One number is drawn a batch, and every picture's partner is the one before it: the batch rolled by one.
 */
import { KeyedRandom } from '../../../shared/domain/random'
import type { Augmentation } from '../../../shared/domain/run-config'

/** What comes from the partner, in pixels. */
export interface MixBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Mix {
  /** Share of a picture, and of its target, that stays its own. */
  readonly lambda: number
  /** CutMix's rectangle; null: MixUp, which blends the whole picture. */
  readonly box: MixBox | null
}

/**
 * The mixing of one batch of pictures of this side; null where there is none. It depends on the seed and the step alone, and
 * where MixUp and CutMix are both on a fair coin takes one of them. A picture alone has no partner.
 */
export function drawMix(augmentation: Pick<Augmentation, 'mixup' | 'cutmix'>, at: { seed: number; step: number; count: number; side: number }): Mix | null {
  const { mixup, cutmix } = augmentation
  if ((mixup === 0 && cutmix === 0) || at.count < 2) return null
  const random = new KeyedRandom(at.seed, 'mix', at.step)
  const isHeads = random.uniform() < 0.5
  const cuts = cutmix > 0 && (mixup === 0 || isHeads)
  const [across, down] = [random.below(at.side), random.below(at.side)]
  const lambda = drawBeta(random, cuts ? cutmix : mixup)
  return cuts ? cutAround({ lambda, across, down, side: at.side }) : { lambda, box: null }
}

/** torchvision's CutMix.make_params: a box of 1 − lambda of the area around a point, cut off at the borders; lambda is then what is left of the picture. */
export function cutAround(at: { lambda: number; across: number; down: number; side: number }): Mix {
  const { across, down, side } = at
  const half = Math.trunc(0.5 * Math.sqrt(1 - at.lambda) * side)
  const [left, right] = [Math.max(0, across - half), Math.min(side, across + half)]
  const [top, bottom] = [Math.max(0, down - half), Math.min(side, down + half)]
  return { lambda: 1 - ((right - left) * (bottom - top)) / (side * side), box: { left, top, width: right - left, height: bottom - top } }
}

/** Each pixel's own share, [side, side, 1]: what the graph takes. */
export function mixShares(mix: Mix, side: number): Float32Array {
  if (mix.box === null) return new Float32Array(side * side).fill(mix.lambda)
  const shares = new Float32Array(side * side).fill(1)
  const { left, top, width, height } = mix.box
  for (let row = top; row < top + height; row++) shares.fill(0, row * side + left, row * side + left + width)
  return shares
}

/** Targets [count, classes] blended as the pictures are: lambda of each row's own, the rest of the row before it (the last, for the first). */
export function mixTargets(targets: Float32Array, count: number, classes: number, lambda: number): Float32Array {
  const mixed = new Float32Array(count * classes)
  for (let row = 0; row < count; row++) {
    const partner = (row + count - 1) % count
    for (let c = 0; c < classes; c++) mixed[row * classes + c] = lambda * (targets[row * classes + c] ?? 0) + (1 - lambda) * (targets[partner * classes + c] ?? 0)
  }
  return mixed
}

/**
 * Beta(alpha, alpha) as G / (G + H) of two Gamma(alpha) numbers. They are kept as logarithms: for a small alpha the numbers
 * themselves are 0 more often than not.
 */
export function drawBeta(random: KeyedRandom, alpha: number): number {
  const difference = drawLogGamma(random, alpha) - drawLogGamma(random, alpha)
  return 1 / (1 + Math.exp(-difference))
}

/** Logarithm of a Gamma(alpha, 1) number: Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (2000), with their step below 1. */
function drawLogGamma(random: KeyedRandom, alpha: number): number {
  if (alpha < 1) return drawLogGamma(random, alpha + 1) + Math.log(1 - random.uniform()) / alpha
  const d = alpha - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return Math.log(d) + Math.log(v)
  }
}
