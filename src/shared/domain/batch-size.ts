/** How many pictures a pass and a step take, as a run's resolved settings tell it. */
import type { ResolvedSettings } from './run'
import { assumedBatchSize, type RunConfig } from './run-config'

/** Pictures that a pass needs at least: a batch norm over vectors, as the deep head has it, makes the same of any picture that is alone. */
export function smallestBatch({ head }: Pick<RunConfig, 'head'>): number {
  return head === 'deep' ? 2 : 1
}

export interface BatchSizes {
  /** Pictures in one pass. */
  readonly batchSize: number
  /** Pictures in one optimizer step, which may take several passes. */
  readonly stepSize: number
}

/** What an earlier session measured, or memory made of it. */
export function sizesOf({ batch_size, step_size }: ResolvedSettings): BatchSizes | null {
  return typeof batch_size === 'number' && typeof step_size === 'number' ? { batchSize: batch_size, stepSize: step_size } : null
}

export function resolvedSizes({ batchSize, stepSize }: BatchSizes): ResolvedSettings {
  return { batch_size: batchSize, step_size: stepSize, accumulation_steps: Math.ceil(stepSize / batchSize) }
}

/**
 * After a lack of memory: half the pictures in a pass, as many in a step as before. `resolved` is what is known of the run so far.
 * Null where a pass cannot be smaller.
 */
export function halvedBatch(config: Pick<RunConfig, 'batch_size' | 'accumulation_steps' | 'head'>, resolved: ResolvedSettings): ResolvedSettings | null {
  const batchSize = assumedBatchSize(config)
  const before = sizesOf(resolved) ?? { batchSize, stepSize: batchSize * config.accumulation_steps }
  if (before.batchSize <= smallestBatch(config)) return null
  return { ...resolved, ...resolvedSizes({ batchSize: Math.ceil(before.batchSize / 2), stepSize: before.stepSize }) }
}
