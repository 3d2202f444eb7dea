/**
 * How far a picture's features lie from those of the training pictures, and from where on it is none of the classes.
 *
 * The distance is to the k-th nearest training picture: Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022. Features are
 * pooled activations, of which the signed square root is taken (the power normalisation of Perronnin et al., "Improving the Fisher Kernel for Large-Scale
 * Image Classification", ECCV 2010: a few loud channels else decide alone) before they are brought to length 1. A backbone that trains draws all
 * pictures to its classes, unlike ones too; so features from halfway, which know more of texture and less of classes, count as much as the last.
 */

/** Neighbours counted to; fewer where a class of few pictures has not so many. */
export const NEIGHBOURS = 5
/** Share of the validation pictures that the limit lets pass. */
export const PASSING = 0.98
/** Beyond what this share of them reaches, a picture is only taken for one of the classes by a model that is sure. */
const NEARLY_PASSING = 0.9
/** Sure is what at least this share of the validation pictures is not below. */
const DOUBTED = 0.05

/** Rows of features, one after another. */
export interface FeatureRows {
  readonly count: number
  readonly width: number
  readonly values: Float32Array
}

export interface NoneOfTheseRule {
  readonly limit: number
  readonly nearLimit: number
  /** Of the likeliest class, calibrated. */
  readonly doubt: number
  /** Share of the validation pictures that pass. */
  readonly passing: number
}

/** Each row's signed square root, of length 1. A row of zeros stays one. */
export function normalised({ count, width, values }: FeatureRows): FeatureRows {
  const out = new Float32Array(count * width)
  for (let row = 0; row < count; row++) {
    let sum = 0
    // The square of a square root: the length is that of the absolute values' sum.
    for (let i = row * width; i < (row + 1) * width; i++) sum += Math.abs(values[i] as number)
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0
    for (let i = row * width; i < (row + 1) * width; i++) {
      const value = values[i] as number
      out[i] = Math.sign(value) * Math.sqrt(Math.abs(value)) * scale
    }
  }
  return { count, width, values: out }
}

/** What a picture is compared by: two sets of features, each normalised, that count alike. */
export function joined(first: FeatureRows, second: FeatureRows): FeatureRows {
  const [a, b] = [normalised(first), normalised(second)]
  const width = a.width + b.width
  const values = new Float32Array(a.count * width)
  for (let row = 0; row < a.count; row++) {
    for (let i = 0; i < a.width; i++) values[row * width + i] = (a.values[row * a.width + i] as number) * Math.SQRT1_2
    for (let i = 0; i < b.width; i++) values[row * width + a.width + i] = (b.values[row * b.width + i] as number) * Math.SQRT1_2
  }
  return { count: a.count, width, values }
}

/** Distances of one normalised row to the k-th nearest of `others`. @param except a row of `others` that is not counted; -1: none */
function distanceOf(row: number, rows: FeatureRows, others: FeatureRows, neighbours: number, except: number): number {
  const { width } = rows
  const nearest: number[] = []
  for (let other = 0; other < others.count; other++) {
    if (other === except) continue
    let product = 0
    for (let i = 0; i < width; i++) product += (rows.values[row * width + i] as number) * (others.values[other * width + i] as number)
    const distance = Math.sqrt(Math.max(0, 2 - 2 * product))
    if (nearest.length < neighbours) nearest.push(distance)
    else if (distance < (nearest[neighbours - 1] ?? 0)) nearest[neighbours - 1] = distance
    else continue
    nearest.sort((a, b) => a - b)
  }
  return nearest[Math.min(neighbours, nearest.length) - 1] ?? 0
}

/** From 0 to 2, for each row of `rows`; both normalised. */
export function distances(rows: FeatureRows, training: FeatureRows): number[] {
  return Array.from({ length: rows.count }, (_, row) => distanceOf(row, rows, training, NEIGHBOURS, -1))
}

/** The smallest of `values` that at least `share` of them do not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? 0
}

/**
 * The limits. The validation pictures alone would do, but of 60 the two farthest are chance: the training pictures, each without itself, are counted
 * with them where that gives more room. (A backbone that trains draws them together, so that theirs alone would be too narrow.)
 * @param confidences calibrated, of the likeliest class, of the validation pictures
 */
export function fitNoneOfThese(training: FeatureRows, validation: FeatureRows, confidences: readonly number[]): NoneOfTheseRule {
  const own = Array.from({ length: training.count }, (_, row) => distanceOf(row, training, training, NEIGHBOURS, row))
  const held = distances(validation, training)
  const at = (share: number) => Math.max(quantile([...own, ...held], share), held.length === 0 ? 0 : quantile(held, share))
  const rule = { limit: at(PASSING), nearLimit: at(NEARLY_PASSING), doubt: quantile(confidences, DOUBTED) }
  const passed = held.filter((distance, i) => !isNoneOfThese(rule, distance, confidences[i] ?? 1)).length
  return { ...rule, passing: held.length === 0 ? 1 : passed / held.length }
}

/** @param confidence calibrated, of the likeliest class */
export function isNoneOfThese(rule: Pick<NoneOfTheseRule, 'limit' | 'nearLimit' | 'doubt'>, distance: number, confidence: number): boolean {
  return distance > rule.limit || (distance > rule.nearLimit && confidence < rule.doubt)
}
