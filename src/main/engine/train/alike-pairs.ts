/** Pictures that a backbone can hardly tell apart. */
import type { Rows } from './logistic-regression'

export interface AlikeRows {
  readonly first: number
  readonly second: number
  /** Cosine of the angle between their features. */
  readonly similarity: number
}

/**
 * All pairs from `threshold` on, the most alike first.
 *
 * @param rows at unit length
 * @param isKnown pairs that are not to be told
 * @param step called once for each block of rows, with the rows that have been compared
 */
export async function alikePairs(rows: Rows, threshold: number, isKnown: (first: number, second: number) => boolean, step: (done: number) => Promise<void>): Promise<AlikeRows[]> {
  const { values, count, size } = rows
  const pairs: AlikeRows[] = []
  for (let first = 0; first < count; first++) {
    if (first % BLOCK === 0) await step(first)
    for (let second = first + 1; second < count; second++) {
      let similarity = 0
      for (let i = 0, a = first * size, b = second * size; i < size; i++, a++, b++) similarity += (values[a] as number) * (values[b] as number)
      if (similarity >= threshold && !isKnown(first, second)) pairs.push({ first, second, similarity: Math.min(1, similarity) })
    }
  }
  return pairs.sort((a, b) => b.similarity - a.similarity || a.first - b.first || a.second - b.second)
}

const BLOCK = 32
