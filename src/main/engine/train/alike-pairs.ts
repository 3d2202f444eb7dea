/** Pictures that a backbone can hardly tell apart. */
import type { Rows } from './logistic-regression'

export interface AlikeRows {
  readonly first: number
  readonly second: number
  /** Cosine of the angle between their features. */
  readonly similarity: number
}

export interface AlikePairs {
  /** All that there are. */
  readonly found: number
  /** The most alike first. */
  readonly pairs: AlikeRows[]
}

/**
 * How many pairs there are from `threshold` on, and `most` of them: a folder of near-copies has a pair for each two of its pictures.
 *
 * @param rows at unit length
 * @param isKnown pairs that are not to be told
 * @param step called once for each block of rows, with the rows that have been compared
 */
export async function alikePairs(
  rows: Rows,
  { threshold, most }: { threshold: number; most: number },
  isKnown: (first: number, second: number) => boolean,
  step: (done: number) => Promise<void>,
): Promise<AlikePairs> {
  const { values, count, size } = rows
  let pairs: AlikeRows[] = []
  let found = 0
  // Of pairs as alike as the last that is told the earlier ones are, and they come first here.
  let least = -Infinity
  for (let first = 0; first < count; first++) {
    if (first % BLOCK === 0) await step(first)
    for (let second = first + 1; second < count; second++) {
      let similarity = 0
      for (let i = 0, a = first * size, b = second * size; i < size; i++, a++, b++) similarity += (values[a] as number) * (values[b] as number)
      if (similarity < threshold || isKnown(first, second)) continue
      found++
      similarity = Math.min(1, similarity)
      if (similarity <= least) continue
      pairs.push({ first, second, similarity })
      if (pairs.length < 2 * most) continue
      pairs = mostAlike(pairs, most)
      least = pairs.at(-1)?.similarity ?? least
    }
  }
  return { found, pairs: mostAlike(pairs, most) }
}

function mostAlike(pairs: AlikeRows[], most: number): AlikeRows[] {
  return pairs.sort((a, b) => b.similarity - a.similarity || a.first - b.first || a.second - b.second).slice(0, most)
}

const BLOCK = 32
