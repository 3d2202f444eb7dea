/** Which pictures make up each training step. */
import { KeyedRandom } from '../../../shared/domain/random'

/** The order of `count` pictures in an epoch: a function of seed and epoch alone. */
export function epochOrder(seed: number, epoch: number, count: number): number[] {
  return new KeyedRandom(seed, 'shuffle', epoch).shuffled(Array.from({ length: count }, (_, i) => i))
}

/**
 * Cuts an order into batches. A last batch of one picture joins the one before when `joinSingle`: a training batch norm cannot
 * normalise over one value.
 */
export function cutIntoBatches(order: readonly number[], batchSize: number, joinSingle: boolean): number[][] {
  const batches: number[][] = []
  for (let start = 0; start < order.length; start += batchSize) batches.push(order.slice(start, start + batchSize))
  const last = batches.at(-1)
  const before = batches.at(-2)
  if (joinSingle && last?.length === 1 && before !== undefined) {
    before.push(...last)
    batches.pop()
  }
  return batches
}
