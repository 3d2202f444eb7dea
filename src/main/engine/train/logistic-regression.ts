/** Multinomial logistic regression on features, in double precision: the head that is asked about pictures it has not seen. */
import { softmax } from './metrics'

/** Rows of numbers, one after the other. */
export interface Rows {
  /** [count, size] */
  readonly values: Float64Array
  readonly count: number
  readonly size: number
}

export interface FitOptions {
  /** scikit-learn's `C`: the loss's weight beside half the squared length of the weights. The smaller, the smoother. */
  readonly c: number
  /** The largest part of the mean loss's gradient that counts as none. */
  readonly tolerance?: number
  readonly maximumIterations?: number
  /** From which to begin, as an earlier fit left them. */
  readonly start?: LogisticRegression
  /** What each row counts for; left out: 1. */
  readonly rowWeights?: Float64Array
}

/** Weights [classes, size + 1], the last of each row its intercept. */
export interface LogisticRegression {
  readonly classes: number
  readonly size: number
  readonly weights: Float64Array
  readonly iterations: number
  readonly hasConverged: boolean
}

/** Steps whose curvature L-BFGS remembers. */
const MEMORY = 10
/** Armijo's share of the promised decrease. */
const DECREASE = 1e-4
const MOST_HALVINGS = 40
/** Beside the minimum the decrease is smaller than what double precision tells apart of the loss. */
const ROUNDING = 4e-16
/** Of a step beside the squared change of its gradient; below it the step says nothing of the curve. */
const LEAST_CURVATURE = 1e-12

/**
 * Minimises ½‖w‖² + C·Σ cross-entropy, intercepts unpenalised, by L-BFGS (Liu & Nocedal 1989) with backtracking. It is the minimum that scikit-learn's
 * `LogisticRegression(C=c)` finds; of two classes that solves the sigmoid's form, whose single vector is the difference of these two, so that here the penalty counts twice.
 *
 * @param among rows of `rows` to learn from
 * @param labels of all rows, each below `classes`
 */
export function fitLogisticRegression(rows: Rows, among: readonly number[], labels: ArrayLike<number>, classes: number, options: FitOptions): LogisticRegression {
  const { c, tolerance = 1e-5, maximumIterations = 500, start, rowWeights } = options
  const { size } = rows
  let total = 0
  for (const row of among) total += rowWeights?.[row] ?? 1
  const penalty = (classes === 2 ? 2 : 1) / (c * total)
  const length = classes * (size + 1)
  let point = start === undefined ? new Float64Array(length) : Float64Array.from(start.weights)
  let gradient = new Float64Array(length)
  const evaluate = (at: Float64Array, into: Float64Array): number => lossAndGradient(at, into, { rows, among, labels, classes, penalty, total, rowWeights })
  let value = evaluate(point, gradient)
  const steps: { moved: Float64Array; turned: Float64Array; scale: number }[] = []
  for (let iteration = 0; ; iteration++) {
    if (largest(gradient) <= tolerance) return { classes, size, weights: point, iterations: iteration, hasConverged: true }
    if (iteration === maximumIterations) return { classes, size, weights: point, iterations: iteration, hasConverged: false }
    const direction = descentDirection(gradient, steps)
    const slope = dot(direction, gradient)
    // The first step has no curvature to go by.
    let stride = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1
    const next = new Float64Array(length)
    const nextGradient = new Float64Array(length)
    let nextValue = Infinity
    for (let halving = 0; ; halving++) {
      for (let i = 0; i < length; i++) next[i] = (point[i] as number) + stride * (direction[i] as number)
      nextValue = evaluate(next, nextGradient)
      if (nextValue <= value + DECREASE * stride * slope + ROUNDING * Math.abs(value)) break
      if (halving === MOST_HALVINGS) return { classes, size, weights: point, iterations: iteration, hasConverged: false }
      stride /= 2
    }
    const moved = next.map((to, i) => to - (point[i] as number))
    const turned = nextGradient.map((to, i) => to - (gradient[i] as number))
    const curvature = dot(moved, turned)
    if (curvature > LEAST_CURVATURE * dot(turned, turned)) steps.push({ moved, turned, scale: 1 / curvature })
    if (steps.length > MEMORY) steps.shift()
    ;[point, gradient, value] = [next, nextGradient, nextValue]
  }
}

/** Probabilities [classes] of each row of `among`. */
export function logisticProbabilities(model: LogisticRegression, rows: Rows, among: readonly number[]): number[][] {
  const scores = new Float64Array(model.classes)
  return among.map((row) => {
    scoresOf(model.weights, rows, row, scores)
    return softmax(scores, 0, model.classes)
  })
}

interface Problem {
  readonly rows: Rows
  readonly among: readonly number[]
  readonly labels: ArrayLike<number>
  readonly classes: number
  readonly penalty: number
  readonly total: number
  readonly rowWeights: Float64Array | undefined
}

function scoresOf(weights: Float64Array, { values, size }: Rows, row: number, out: Float64Array): void {
  for (let k = 0; k < out.length; k++) {
    const base = k * (size + 1)
    let sum = weights[base + size] as number
    for (let i = 0, at = row * size; i < size; i++, at++) sum += (weights[base + i] as number) * (values[at] as number)
    out[k] = sum
  }
}

/** The mean loss with its penalty; its gradient goes into `gradient`. */
function lossAndGradient(weights: Float64Array, gradient: Float64Array, { rows, among, labels, classes, penalty, total, rowWeights }: Problem): number {
  const { values, size } = rows
  const scores = new Float64Array(classes)
  gradient.fill(0)
  let loss = 0
  for (const row of among) {
    scoresOf(weights, rows, row, scores)
    const label = labels[row] as number
    const share = (rowWeights?.[row] ?? 1) / total
    const highest = largestOf(scores)
    let sum = 0
    for (let k = 0; k < classes; k++) sum += Math.exp((scores[k] as number) - highest)
    loss += share * (Math.log(sum) + highest - (scores[label] as number))
    for (let k = 0; k < classes; k++) {
      const error = share * (Math.exp((scores[k] as number) - highest) / sum - (k === label ? 1 : 0))
      const base = k * (size + 1)
      for (let i = 0, at = row * size; i < size; i++, at++) gradient[base + i] = (gradient[base + i] as number) + error * (values[at] as number)
      gradient[base + size] = (gradient[base + size] as number) + error
    }
  }
  for (let k = 0; k < classes; k++) {
    for (let i = 0, at = k * (size + 1); i < size; i++, at++) {
      const weight = weights[at] as number
      loss += 0.5 * penalty * weight * weight
      gradient[at] = (gradient[at] as number) + penalty * weight
    }
  }
  return loss
}

/** L-BFGS's two loops: minus the gradient, by the curvature that the last steps have met. */
function descentDirection(gradient: Float64Array, steps: readonly { moved: Float64Array; turned: Float64Array; scale: number }[]): Float64Array {
  const direction = gradient.map((value) => -value)
  const shares = new Array<number>(steps.length).fill(0)
  for (let s = steps.length - 1; s >= 0; s--) {
    const { moved, turned, scale } = steps[s] as (typeof steps)[number]
    shares[s] = scale * dot(moved, direction)
    addScaled(direction, turned, -(shares[s] as number))
  }
  const last = steps.at(-1)
  if (last !== undefined) {
    const stretch = 1 / (last.scale * dot(last.turned, last.turned))
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * stretch
  }
  steps.forEach(({ moved, turned, scale }, s) => {
    addScaled(direction, moved, (shares[s] as number) - scale * dot(turned, direction))
  })
  return direction
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function addScaled(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + factor * (what[i] as number)
}

const largest = (vector: Float64Array): number => vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const largestOf = (vector: Float64Array): number => vector.reduce((most, value) => Math.max(most, value), -Infinity)
