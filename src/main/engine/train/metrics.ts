/** Classification metrics in double precision, as scikit-learn defines them. */
import type { ClassificationReport } from '../../../shared/domain/metrics'

/** Index of the largest value of one row of `values`; the first where several are equal, as numpy.argmax has it. */
export function argmax(values: ArrayLike<number>, offset: number, length: number): number {
  let best = 0
  for (let i = 1; i < length; i++) if ((values[offset + i] as number) > (values[offset + best] as number)) best = i
  return best
}

/** Softmax of one row, computed against its maximum so that nothing overflows. */
export function softmax(logits: ArrayLike<number>, offset: number, length: number): number[] {
  let max = -Infinity
  for (let i = 0; i < length; i++) max = Math.max(max, logits[offset + i] as number)
  const exponentials = Array.from({ length }, (_, i) => Math.exp((logits[offset + i] as number) - max))
  const sum = exponentials.reduce((a, b) => a + b, 0)
  return exponentials.map((value) => value / sum)
}

/** Cross-entropy of one row with torch's label smoothing: −Σ target · log softmax. */
export function crossEntropy(logits: ArrayLike<number>, offset: number, length: number, label: number, smoothing: number): number {
  let max = -Infinity
  for (let i = 0; i < length; i++) max = Math.max(max, logits[offset + i] as number)
  let sum = 0
  for (let i = 0; i < length; i++) sum += Math.exp((logits[offset + i] as number) - max)
  const logSum = max + Math.log(sum)
  let loss = (1 - smoothing) * (logSum - (logits[offset + label] as number))
  if (smoothing > 0) for (let i = 0; i < length; i++) loss += (smoothing / length) * (logSum - (logits[offset + i] as number))
  return loss
}

/** Rows are the truth, columns the prediction. */
export function confusionMatrix(truths: readonly number[], predictions: readonly number[], classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  truths.forEach((truth, i) => {
    const row = matrix[truth]
    const prediction = predictions[i]
    if (row !== undefined && prediction !== undefined) row[prediction] = (row[prediction] ?? 0) + 1
  })
  return matrix
}

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

interface Scores {
  precision: number
  recall: number
  f1: number
  support: number
  /** Told or predicted at least once; scikit-learn's averages run over these classes. */
  occurs: boolean
}

function scoresOf(matrix: readonly (readonly number[])[], index: number): Scores {
  const hits = matrix[index]?.[index] ?? 0
  const support = sum(matrix[index] ?? [])
  const predicted = sum(matrix.map((row) => row[index] ?? 0))
  return {
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, support + predicted),
    support,
    occurs: support + predicted > 0,
  }
}

/** The largest class must have more than this many times the pictures of the smallest for balanced accuracy to lead. */
const UNBALANCED_ABOVE = 3

/** Which figure tells most: accuracy hides a small class where another one is much larger. A class without pictures makes the split unbalanced too. */
export function leadingFigure(supports: readonly number[]): 'accuracy' | 'balanced_accuracy' {
  return Math.max(...supports) > UNBALANCED_ABOVE * Math.min(...supports) ? 'balanced_accuracy' : 'accuracy'
}

/**
 * Averages of precision, recall and F1. A class that neither occurs nor is predicted is left out of the macro average; balanced accuracy is the mean recall of
 * the classes that occur.
 */
export function classificationReport(matrix: readonly (readonly number[])[], classes: readonly string[], loss: number): ClassificationReport {
  const scores = classes.map((_, i) => scoresOf(matrix, i))
  const occurring = scores.filter((score) => score.occurs)
  const supported = scores.filter((score) => score.support > 0)
  const count = sum(scores.map((score) => score.support))
  const macro = (key: 'precision' | 'recall' | 'f1') => ratio(sum(occurring.map((score) => score[key])), occurring.length)
  const weighted = (key: 'precision' | 'recall' | 'f1') => ratio(sum(scores.map((score) => score[key] * score.support)), count)
  return {
    count,
    loss,
    accuracy: ratio(sum(classes.map((_, i) => matrix[i]?.[i] ?? 0)), count),
    balanced_accuracy: ratio(sum(supported.map((score) => score.recall)), supported.length),
    leading: leadingFigure(scores.map((score) => score.support)),
    macro: { precision: macro('precision'), recall: macro('recall'), f1: macro('f1') },
    weighted: { precision: weighted('precision'), recall: weighted('recall'), f1: weighted('f1') },
    classes: classes.map((name, i) => {
      const { precision, recall, f1, support } = scores[i] as Scores
      return { name, precision, recall, f1, support }
    }),
    confusion_matrix: matrix.map((row) => [...row]),
    confusion_matrix_normalized: matrix.map((row) => row.map((value) => ratio(value, sum(row)))),
  }
}

/** Macro F1 alone. */
export function macroF1(matrix: readonly (readonly number[])[]): number {
  const occurring = matrix.map((_, i) => scoresOf(matrix, i)).filter((score) => score.occurs)
  return ratio(sum(occurring.map((score) => score.f1)), occurring.length)
}
