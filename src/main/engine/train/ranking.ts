/** How well the probability of one class sets its pictures apart from all others, as scikit-learn measures it. */

/** The pictures at one distinct score and above it, the highest score first. */
interface Step {
  readonly score: number
  /** Of the class, with this score or a higher one. */
  readonly hits: number
  /** Of any class, with this score or a higher one. */
  readonly taken: number
}

/** The distinct scores from the highest to the lowest: pictures with the same score cannot be told apart and count together. */
function stepsOf(scores: readonly number[], isOfClass: readonly boolean[]): Step[] {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
  const steps: Step[] = []
  let hits = 0
  order.forEach((index, place) => {
    if (isOfClass[index] === true) hits++
    const next = order[place + 1]
    const score = scores[index] ?? 0
    if (next === undefined || scores[next] !== score) steps.push({ score, hits, taken: place + 1 })
  })
  return steps
}

const countOf = (flags: readonly boolean[]) => flags.reduce((sum, flag) => sum + (flag ? 1 : 0), 0)

/**
 * Area under the receiver operating characteristic (scikit-learn's `roc_auc_score`): the chance that a picture of the class has the higher score than
 * one of another class, equal scores counting half. Null where the class has no picture or all of them.
 */
export function rocAuc(scores: readonly number[], isOfClass: readonly boolean[]): number | null {
  const positives = countOf(isOfClass)
  const negatives = scores.length - positives
  if (positives === 0 || negatives === 0) return null
  let area = 0
  let before = { hits: 0, taken: 0 }
  for (const step of stepsOf(scores, isOfClass)) {
    const falseAlarms = step.taken - step.hits - (before.taken - before.hits)
    area += (falseAlarms * (step.hits + before.hits)) / 2
    before = step
  }
  return area / (positives * negatives)
}

/** Average precision (scikit-learn's `average_precision_score`): Σ (recallₙ − recallₙ₋₁) · precisionₙ over the distinct scores. Null where the class has no picture. */
export function averagePrecision(scores: readonly number[], isOfClass: readonly boolean[]): number | null {
  const positives = countOf(isOfClass)
  if (positives === 0) return null
  let sum = 0
  let hits = 0
  for (const step of stepsOf(scores, isOfClass)) {
    sum += ((step.hits - hits) / positives) * (step.hits / step.taken)
    hits = step.hits
  }
  return sum
}

/**
 * The score from which on a picture is best said to be of the class: the one with the largest F1, the lowest of several, as the first maximum along
 * scikit-learn's `precision_recall_curve` has it. Null where the class has no picture.
 */
export function bestThreshold(scores: readonly number[], isOfClass: readonly boolean[]): number | null {
  const positives = countOf(isOfClass)
  if (positives === 0) return null
  let best: { score: number; hits: number; size: number } | null = null
  for (const { score, hits, taken } of stepsOf(scores, isOfClass)) {
    const size = positives + taken
    // F1 = 2 · hits / size; as a product of whole numbers, equal ones are equal.
    if (best === null || hits * best.size >= best.hits * size) best = { score, hits, size }
  }
  return best?.score ?? null
}

/** Precision, recall and F1 where every picture with at least this score is said to be of the class; 0 where a ratio is 0/0. */
export function scoresAtThreshold(scores: readonly number[], isOfClass: readonly boolean[], threshold: number): { precision: number; recall: number; f1: number } {
  let hits = 0
  let taken = 0
  scores.forEach((score, i) => {
    if (score < threshold) return
    taken++
    if (isOfClass[i] === true) hits++
  })
  const positives = countOf(isOfClass)
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
  return { precision: ratio(hits, taken), recall: ratio(hits, positives), f1: ratio(2 * hits, taken + positives) }
}
