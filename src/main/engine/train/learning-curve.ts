/**
 * What more pictures of a class would bring: the share of held-out pictures that a head recognises, by how many it learned from, and the law that these points follow.
 * Errors fall as a power of the number (Hestness et al., "Deep Learning Scaling is Predictable, Empirically", 2017): error = a · n^−b + c.
 */
import type { ClassCurve, LearningCurve } from '../../../shared/domain/suspects'
import { percentile } from '../../../shared/domain/interval'
import { KeyedRandom } from '../../../shared/domain/random'
import { groupMembers } from './group-folds'
import { fitLogisticRegression, logisticProbabilities, type LogisticRegression, type Rows } from './logistic-regression'
import { argmax } from './metrics'

export interface CurveOptions {
  readonly rows: Rows
  readonly labels: readonly number[]
  /** For each picture its group's number; what looks alike is learned from together or not at all. */
  readonly groups: readonly (number | undefined)[]
  readonly classes: number
  /** For each picture the fold that holds it out. */
  readonly folds: Int32Array
  readonly foldCount: number
  readonly c: number
  readonly seed: number
  /** Draws at each size. */
  readonly repeats: number
  /** Called between fits. */
  readonly step: (done: number, total: number) => Promise<void>
}

export const MORE = 40
/** Of the pictures that a fold leaves to learn from. */
const SHARES = [1 / 12, 1 / 6, 1 / 3, 2 / 3, 1]
/** Below this a class has no curve. */
const FEWEST = 20
const RESAMPLES = 400
const BAND_POINTS = 24
/** Tried for b. */
const EXPONENTS = Array.from({ length: 20 }, (_, i) => 0.1 * (i + 1))

/**
 * For each class in turn pictures of it are left out while the others stay; every class weighs the same, so that what changes is how well the class is known and not how common
 * it seems. Each size is asked about all held-out pictures of the class, in several draws by groups.
 */
export async function learningCurve(options: CurveOptions): Promise<LearningCurve> {
  const { labels, classes, repeats, foldCount, step } = options
  const result: (ClassCurve | null)[] = []
  const total = classes * repeats * foldCount
  for (let k = 0; k < classes; k++) {
    const own = labels.flatMap((label, i) => (label === k ? [i] : []))
    const told = own.length < FEWEST ? null : await recognised(k, own, options, (done) => step(k * repeats * foldCount + done, total))
    result.push(told === null ? null : curveOf(told, options, k))
  }
  await step(total, total)
  return { more: MORE, repeats, classes: result }
}

interface Recognised {
  readonly own: readonly number[]
  /** Mean number of the class's pictures that were learned from. */
  readonly sizes: number[]
  /** [size][repeat][own picture]: 1 where it was recognised. */
  readonly hits: Uint8Array[][]
}

async function recognised(k: number, own: readonly number[], options: CurveOptions, step: (done: number) => Promise<void>): Promise<Recognised> {
  const { rows, labels, classes, folds, foldCount, c, seed, repeats } = options
  const placeOf = new Map(own.map((picture, place) => [picture, place]))
  const hits = SHARES.map(() => Array.from({ length: repeats }, () => new Uint8Array(own.length)))
  const counts = SHARES.map(() => 0)
  const all = labels.map((_, i) => i)
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (let fold = 0; fold < foldCount; fold++) {
      await step(repeat * foldCount + fold)
      const others = all.filter((i) => folds[i] !== fold && labels[i] !== k)
      // In a random order, those of one group behind one another.
      const learnable = new KeyedRandom(seed, 'bootstrap', k, repeat * foldCount + fold).shuffled(groupMembers(own.filter((i) => folds[i] !== fold), options.groups)).flat()
      const held = own.filter((i) => folds[i] === fold)
      let start: LogisticRegression | undefined
      for (const [size, share] of SHARES.entries()) {
        const chosen = learnable.slice(0, Math.max(2, Math.round(share * learnable.length)))
        counts[size] = (counts[size] ?? 0) + chosen.length
        const among = [...others, ...chosen]
        start = fitLogisticRegression(rows, among, labels, classes, { c, tolerance: 1e-4, maximumIterations: 200, rowWeights: evenWeights(among, labels, classes), ...(start === undefined ? {} : { start }) })
        logisticProbabilities(start, rows, held).forEach((probabilities, at) => {
          const told = hits[size]?.[repeat]
          if (told !== undefined) told[placeOf.get(held[at] as number) as number] = argmax(probabilities, 0, classes) === k ? 1 : 0
        })
      }
    }
  }
  return { own, sizes: counts.map((count) => count / (repeats * foldCount)), hits }
}

/** Each class weighs the same; a picture weighs 1 on average. */
function evenWeights(among: readonly number[], labels: readonly number[], classes: number): Float64Array {
  const counts = new Float64Array(classes)
  for (const i of among) counts[labels[i] as number] = (counts[labels[i] as number] as number) + 1
  const present = counts.filter((count) => count > 0).length
  const weights = new Float64Array(labels.length)
  for (const i of among) weights[i] = among.length / (present * (counts[labels[i] as number] as number))
  return weights
}

export interface PowerLaw {
  readonly a: number
  readonly b: number
  readonly c: number
}

/** The least squares of error = a · n^−b + c with c from 0 on; a may be below 0, where errors have grown. */
export function fitPowerLaw(sizes: readonly number[], errors: readonly number[]): PowerLaw {
  let best: PowerLaw & { squares: number } = { a: 0, b: 1, c: 0, squares: Infinity }
  for (const b of EXPONENTS) {
    const x = sizes.map((n) => n ** -b)
    const [meanX, meanE] = [mean(x), mean(errors)]
    const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
    let a = spread === 0 ? 0 : x.reduce((sum, value, i) => sum + (value - meanX) * ((errors[i] as number) - meanE), 0) / spread
    let c = meanE - a * meanX
    if (c < 0) {
      c = 0
      a = x.reduce((sum, value, i) => sum + value * (errors[i] as number), 0) / x.reduce((sum, value) => sum + value * value, 0)
    }
    const squares = x.reduce((sum, value, i) => sum + (a * value + c - (errors[i] as number)) ** 2, 0)
    if (squares < best.squares) best = { a, b, c, squares }
  }
  return { a: best.a, b: best.b, c: best.c }
}

const errorAt = ({ a, b, c }: PowerLaw, n: number): number => Math.min(1, Math.max(0, a * n ** -b + c))

function curveOf({ own, sizes, hits }: Recognised, { groups, repeats, seed }: CurveOptions, k: number): ClassCurve {
  const errorsOf = (weights: readonly number[], draws: readonly number[]): number[] => {
    const whole = weights.reduce((sum, weight) => sum + weight, 0) * draws.length
    return hits.map((ofSize) => 1 - draws.reduce((sum, draw) => sum + (ofSize[draw] ?? new Uint8Array()).reduce((part, hit, place) => part + hit * (weights[place] as number), 0), 0) / whole)
  }
  const every = Array.from({ length: repeats }, (_, i) => i)
  const plain = errorsOf(own.map(() => 1), every)
  const law = fitPowerLaw(sizes, plain)
  const [first, last] = [sizes[0] as number, sizes.at(-1) as number]
  const at = Array.from({ length: BAND_POINTS }, (_, i) => first * ((last + MORE) / first) ** (i / (BAND_POINTS - 1)))
  // Held-out pictures by groups, and the draws that were learned from, with replacement: both might have been others.
  const blocks = groupMembers(own.map((_, place) => place), own.map((picture) => groups[picture]))
  const laws = Array.from({ length: RESAMPLES }, (_, resample) => {
    const random = new KeyedRandom(seed, 'bootstrap', 0x1a3 + k, resample)
    const weights = own.map(() => 0)
    for (let i = 0; i < blocks.length; i++) for (const place of blocks[random.below(blocks.length)] ?? []) weights[place] = (weights[place] ?? 0) + 1
    return fitPowerLaw(sizes, errorsOf(weights, every.map(() => random.below(repeats))))
  })
  const gains = Float64Array.from(laws, (one) => errorAt(one, last) - errorAt(one, last + MORE)).sort()
  return {
    points: sizes.map((pictures, i) => ({ pictures: Math.max(1, Math.round(pictures)), recall: 1 - (plain[i] as number) })),
    law: at.map((pictures) => {
      const recalls = Float64Array.from(laws, (one) => 1 - errorAt(one, pictures)).sort()
      return { pictures, recall: 1 - errorAt(law, pictures), low: percentile(recalls, 0.025), high: percentile(recalls, 0.975) }
    }),
    gain: { estimate: errorAt(law, last) - errorAt(law, last + MORE), low: percentile(gains, 0.025), high: percentile(gains, 0.975) },
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
