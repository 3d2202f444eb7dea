/** The recall of each class after each epoch, from the confusion matrices of the validation pictures. Pure. */
import type { EpochRecord } from '../../../shared/domain/metrics'
import type { Point } from './lttb'

type Epoch = Pick<EpochRecord, 'epoch' | 'confusion_matrix'>

/** Worked out once for each record: with hundreds of classes they are asked for again with every epoch. */
const known = new WeakMap<Epoch, readonly (number | null)[]>()

/** By class; null for one without pictures. */
export function recallsOf(record: Epoch): readonly (number | null)[] {
  const found = known.get(record)
  if (found !== undefined) return found
  const recalls = record.confusion_matrix.map((row, truth) => {
    let support = 0
    for (const count of row) support += count
    return support === 0 ? null : (row[truth] ?? 0) / support
  })
  known.set(record, recalls)
  return recalls
}

export function recallPoints(epochs: readonly Epoch[], classIndex: number): Point[] {
  return epochs.flatMap((record) => {
    const recall = recallsOf(record)[classIndex] ?? null
    return recall === null ? [] : [{ x: record.epoch, y: recall }]
  })
}

/** Classes with the worst recall first; those of which nothing is known last. */
export function worstFirst(recalls: readonly (number | null)[], classes: number): number[] {
  const recallOf = (index: number): number => recalls[index] ?? Infinity
  return Array.from({ length: classes }, (_, index) => index).sort((a, b) => recallOf(a) - recallOf(b) || a - b)
}
