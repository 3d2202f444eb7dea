/** The named choices of a training run: each has a table of rules behind it, and the tests go through the table. */
import { z } from 'zod'

export const HEADS = ['linear', 'mlp', 'deep'] as const
export type HeadName = (typeof HEADS)[number]

/** Words for what keeps its weights; a list of layers and stages may stand in their place. */
export const FREEZINGS = ['ratio', 'stage', 'all', 'none'] as const

export const OPTIMIZERS = ['sgd', 'adam', 'adamw'] as const
export type OptimizerName = (typeof OPTIMIZERS)[number]

export const SCHEDULERS = ['none', 'cosine', 'step', 'plateau'] as const
export type SchedulerName = (typeof SCHEDULERS)[number]

export const LOSSES = ['cross_entropy', 'focal'] as const
export type LossName = (typeof LOSSES)[number]

/** Ways to weigh classes without naming numbers. */
export const CLASS_WEIGHTINGS = ['none', 'balanced', 'effective_number'] as const

/** Types that a network's feature maps can be computed in. */
export const COMPUTE_PRECISIONS = ['float32', 'bfloat16'] as const
export type ComputePrecision = (typeof COMPUTE_PRECISIONS)[number]
export const PRECISIONS = ['auto', ...COMPUTE_PRECISIONS] as const

export const SAMPLERS = ['shuffled', 'class_balanced'] as const
export type SamplerName = (typeof SAMPLERS)[number]

export const METRICS = ['val_accuracy', 'val_macro_f1', 'val_loss'] as const
export const metricNameSchema = z.enum(METRICS)
export type MetricName = z.infer<typeof metricNameSchema>

/** True when a larger value of the metric is better. */
export const METRIC_HIGHER_IS_BETTER: Readonly<Record<MetricName, boolean>> = { val_accuracy: true, val_macro_f1: true, val_loss: false }
