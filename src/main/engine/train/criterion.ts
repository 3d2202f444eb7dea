/**
 * What training minimises, as numbers to feed: targets and a weight for each picture of a batch, and the same loss in double precision
 * for validation. Class weights and label smoothing are torch.nn.CrossEntropyLoss's, focal loss Lin et al. 2017.
 */
import { GraftError } from '../../../shared/domain/error'
import type { RunConfig } from '../../../shared/domain/run-config'
import { softTargets } from '../compile/loss'

export type CriterionSettings = Pick<RunConfig, 'loss' | 'focal_gamma' | 'focal_alpha' | 'label_smoothing' | 'class_weights' | 'effective_number_beta'>

export interface Criterion {
  readonly kind: RunConfig['loss']
  readonly gamma: number
  /** Factor of each class. */
  readonly classWeights: readonly number[]
  readonly smoothing: number
}

/** By the training pictures of each class. @throws GraftError BAD_INPUT where numbers do not fit the classes */
export function criterionOf(settings: CriterionSettings, classes: readonly string[], counts: readonly number[]): Criterion {
  const weights = classWeights(settings, classes, counts)
  const alphas = settings.loss === 'focal' ? numbersByClass('focal_alpha', settings.focal_alpha ?? 1, classes) : classes.map(() => 1)
  return { kind: settings.loss, gamma: settings.focal_gamma, classWeights: weights.map((weight, i) => weight * (alphas[i] ?? 1)), smoothing: settings.label_smoothing }
}

/** balanced: n / (C·n_c), as scikit-learn has it. effective_number: (1 − β) / (1 − β^n_c) scaled to a mean of 1 (Cui et al. 2019). */
function classWeights({ class_weights, effective_number_beta: beta }: CriterionSettings, classes: readonly string[], counts: readonly number[]): number[] {
  if (typeof class_weights !== 'string') return numbersByClass('class_weights', class_weights, classes)
  const all = counts.reduce((a, b) => a + b, 0)
  switch (class_weights) {
    case 'none':
      return classes.map(() => 1)
    case 'balanced':
      return counts.map((count) => (count === 0 ? 0 : all / (classes.length * count)))
    case 'effective_number': {
      const raw = counts.map((count) => (count === 0 ? 0 : (1 - beta) / (1 - beta ** count)))
      const sum = raw.reduce((a, b) => a + b, 0)
      return raw.map((value) => (value * classes.length) / sum)
    }
  }
}

/** A number for each class, given for all, in order, or by name. */
function numbersByClass(key: string, given: number | readonly number[] | Readonly<Record<string, number>>, classes: readonly string[]): number[] {
  if (typeof given === 'number') return classes.map(() => given)
  if (Array.isArray(given)) {
    if (given.length === classes.length) return [...(given as readonly number[])]
    throw new GraftError('BAD_INPUT', `${key} needs a number for each of the ${classes.length} classes; ${given.length} came.`, {
      action: `Give them in this order: ${classes.join(', ')}; or by name.`,
    })
  }
  const byName = given as Readonly<Record<string, number>>
  const unknown = Object.keys(byName).filter((name) => !classes.includes(name))
  const missing = classes.filter((name) => !Object.hasOwn(byName, name))
  if (unknown.length === 0 && missing.length === 0) return classes.map((name) => byName[name] ?? 1)
  const wrong = unknown.length > 0 ? `there is no class ${unknown.join(', ')}` : `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} none`
  throw new GraftError('BAD_INPUT', `${key} needs a number for each class by its name: ${wrong}.`, { action: `The classes are ${classes.join(', ')}.` })
}

/** Targets [N, classes] before class weights: what blending two pictures blends. */
export function plainTargets(criterion: Criterion, labels: readonly number[]): Float32Array {
  return softTargets(labels, criterion.classWeights.length, criterion.smoothing)
}

/**
 * What the mean of a step is divided by: for cross-entropy the weights of its pictures' classes, as torch's mean has it; their number where
 * pictures are blended, as torch has it for targets that are probabilities, and for focal loss.
 */
export function lossTotal(criterion: Criterion, labels: readonly number[], isMixed: boolean): number {
  if (isMixed || criterion.kind === 'focal') return labels.length
  return labels.reduce((sum, label) => sum + (criterion.classWeights[label] ?? 1), 0)
}

/** Targets and picture weights to feed, from plain or blended targets; `total` of the whole step, which may be several passes. */
export function lossFeeds(criterion: Criterion, targets: Float32Array, total: number): { targets: Float32Array; weights: Float32Array } {
  const { classWeights: factors, kind } = criterion
  const classes = factors.length
  const rows = targets.length / classes
  const weights = new Float32Array(rows)
  const weighted = new Float32Array(targets.length)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let i = 0; i < classes; i++) sum += (factors[i] ?? 1) * (targets[row * classes + i] ?? 0)
    // Cross-entropy's node takes rows that sum to one; focal loss takes them as they are.
    const scale = kind === 'focal' ? 1 : sum === 0 ? 1 : 1 / sum
    for (let i = 0; i < classes; i++) weighted[row * classes + i] = (factors[i] ?? 1) * (targets[row * classes + i] ?? 0) * scale
    weights[row] = kind === 'focal' ? 1 / total : total === 0 ? 0 : sum / total
  }
  if (kind === 'cross_entropy' && factors.every((factor) => factor === 1)) return { targets, weights: weights.fill(1 / total) }
  return { targets: weighted, weights }
}

/** The mean loss of logits [N, classes] in double precision. */
export function meanLoss(criterion: Criterion, logits: ArrayLike<number>, labels: readonly number[]): number {
  const { classWeights: factors, smoothing, kind, gamma } = criterion
  const classes = factors.length
  let sum = 0
  labels.forEach((label, row) => {
    const logP = logSoftmax(logits, row * classes, classes)
    for (let i = 0; i < classes; i++) {
      const target = (i === label ? 1 - smoothing : 0) + smoothing / classes
      if (target === 0) continue
      const focus = kind === 'focal' ? Math.max(0, -Math.expm1(logP[i] ?? 0)) ** gamma : 1
      sum -= (factors[i] ?? 1) * target * focus * (logP[i] ?? 0)
    }
  })
  const total = lossTotal(criterion, labels, false)
  return total === 0 ? 0 : sum / total
}

/** Log softmax of one row, computed against its maximum so that nothing overflows. */
function logSoftmax(logits: ArrayLike<number>, offset: number, length: number): Float64Array {
  let max = -Infinity
  for (let i = 0; i < length; i++) max = Math.max(max, logits[offset + i] as number)
  let sum = 0
  for (let i = 0; i < length; i++) sum += Math.exp((logits[offset + i] as number) - max)
  const logSum = max + Math.log(sum)
  return Float64Array.from({ length }, (_, i) => (logits[offset + i] as number) - logSum)
}
