/** Which pictures make up each training step. */
import { KeyedRandom } from '../../../shared/domain/random'
import type { SamplerName } from '../../../shared/domain/run-config'

/** Pictures the frozen prefix is run on at once: as fast as larger batches, and small in memory. */
export const PREFIX_BATCH = 16

/** The order of `count` pictures in an epoch: a function of seed and epoch alone. */
export function epochOrder(seed: number, epoch: number, count: number): number[] {
  return new KeyedRandom(seed, 'shuffle', epoch).shuffled(Array.from({ length: count }, (_, i) => i))
}

/**
 * As many pictures as there are, every class equally often. Each picture of a class is drawn once before any is drawn again, so that
 * those of a small class come back within the epoch and not all of a large one are seen in it.
 */
export function balancedOrder(seed: number, epoch: number, labels: readonly number[]): number[] {
  const shuffled = epochOrder(seed, epoch, labels.length)
  const classes = [...new Set(labels)].sort((a, b) => a - b)
  const pools = classes.map((label) => shuffled.filter((index) => labels[index] === label))
  const order = shuffled.map((_, i) => {
    const pool = pools[i % pools.length] ?? []
    return pool[Math.floor(i / pools.length) % pool.length] ?? 0
  })
  // Classes would come in turn; a batch is to be drawn from all of them.
  return new KeyedRandom(seed, 'shuffle', epoch, 1).shuffled(order)
}

export const SAMPLER_RULES: Readonly<Record<SamplerName, (seed: number, epoch: number, labels: readonly number[]) => number[]>> = {
  shuffled: (seed, epoch, labels) => epochOrder(seed, epoch, labels.length),
  class_balanced: balancedOrder,
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
