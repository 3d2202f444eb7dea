/** Everything that decides a training run. Keys are snake_case: they are the YAML's and the field's own. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { augmentationSchema, AUGMENTATION_POLICIES } from './augmentation'
import { stageSchema, stageSettingShape, totalEpochs } from './stages'
import { CLASS_WEIGHTINGS, HEADS, LOSSES, metricNameSchema, OPTIMIZERS, PRECISIONS, SAMPLERS } from './training-choices'

export * from './training-choices'
export { type Augmentation, augmentationSchema } from './augmentation'

const fraction = z.number().min(0).max(1)

/** Numbers by class: in the order of the classes, or by name. */
const classNumbers = z.union([z.array(z.number().min(0)).min(2), z.record(z.string(), z.number().min(0))])

export const runConfigSchema = z.strictObject({
  backbone: z.string().default('efficientnet_lite0').describe(t`Network that looks at the picture; graft models lists them`),
  weights: z.string().default('imagenet').describe(t`imagenet (the newest generation), imagenet1k_v1, imagenet1k_v2, none (random start) or the path of a weights file`),
  head: z.enum(HEADS).default('linear').describe(t`What is put on the backbone: its own last layer, one hidden layer of 512, or two of 512 and 128`),
  dropout: z.number().min(0).max(0.95).nullable().default(null).describe(t`First dropout of the head, later ones are half of it; empty: as published, .3 for mlp, .5 for deep`),
  freeze: stageSettingShape.freeze.default('ratio'),
  freeze_ratio: stageSettingShape.freeze_ratio.default(0.7),
  frozen_batch_norm: z
    .enum(['keep', 'update'])
    .default('keep')
    .describe(t`Batch norms of frozen layers: keep leaves them as they are; update lets their running statistics follow the pictures, as plain scripts do, and runs the frozen part in every step`),
  stages: z.array(stageSchema).max(20).default([]).describe(t`Stages one after the other; what a stage leaves out it takes from here. Empty: one stage of \`epochs\``),
  image_size: z.int().min(32).max(1024).default(224).describe(t`Side of the square picture the network sees, in pixels`),
  epochs: z.int().min(1).max(10_000).default(15).describe(t`Times the training pictures are gone through; with stages, all of theirs together`),
  batch_size: z
    .union([z.int().min(1).max(1024), z.literal('auto')])
    .default(16)
    .describe(t`Pictures in one pass; auto: the largest that fits in memory, up to 64`),
  accumulation_steps: z.int().min(1).max(256).default(1).describe(t`Passes whose gradients are gathered for one optimizer step`),
  optimizer: z.enum(OPTIMIZERS).default('adam').describe(t`As torch.optim has them`),
  learning_rate: stageSettingShape.learning_rate.default(5e-4),
  backbone_learning_rate: stageSettingShape.backbone_learning_rate.default(null),
  layer_decay: stageSettingShape.layer_decay.default(1),
  weight_decay: z.number().min(0).max(1).default(1e-4).describe(t`Pull of the weights towards zero`),
  weight_decay_on: z.enum(['all', 'weights']).default('all').describe(t`all, as torch.optim does; weights: not biases and batch norms`),
  momentum: fraction.default(0.9).describe(t`For SGD: share of the step before that is kept`),
  nesterov: z.boolean().default(false).describe(t`For SGD: look ahead along the momentum (Nesterov)`),
  beta1: z.number().min(0).lt(1).default(0.9).describe(t`For Adam and AdamW: share of the old in the running mean of the gradients`),
  beta2: z.number().min(0).lt(1).default(0.999).describe(t`For Adam and AdamW: share of the old in the running mean of their squares`),
  gradient_clipping: z.number().gt(0).max(1e6).nullable().default(null).describe(t`Largest global norm of the gradients; empty: not clipped`),
  ema_decay: z.number().gt(0).lt(1).nullable().default(null).describe(t`Exponential moving average of the weights, which is then what is measured and kept: share of the old; empty: none`),
  scheduler: stageSettingShape.scheduler.default('plateau'),
  scheduler_metric: stageSettingShape.scheduler_metric.default('val_loss'),
  scheduler_factor: stageSettingShape.scheduler_factor.default(0.5),
  scheduler_patience: stageSettingShape.scheduler_patience.default(3),
  scheduler_step_size: stageSettingShape.scheduler_step_size.default(10),
  scheduler_gamma: stageSettingShape.scheduler_gamma.default(0.1),
  minimum_learning_rate: stageSettingShape.minimum_learning_rate.default(1e-7),
  warmup_steps: stageSettingShape.warmup_steps.default(0),
  loss: z.enum(LOSSES).default('cross_entropy').describe(t`cross_entropy, or focal, which looks away from pictures that are known well`),
  focal_gamma: z.number().min(0).max(10).default(2).describe(t`Focal loss: how far it looks away; 0 is cross-entropy`),
  focal_alpha: z.union([z.number().min(0), classNumbers]).nullable().default(null).describe(t`Focal loss: a factor for all classes, or one for each; empty: 1`),
  label_smoothing: z.number().min(0).max(0.9).default(0).describe(t`Share of the target spread over all classes`),
  class_weights: z
    .union([z.enum(CLASS_WEIGHTINGS), classNumbers])
    .default('none')
    .describe(t`none; balanced (by the inverse of how often a class occurs); effective_number; or a number for each class, in order or by name`),
  effective_number_beta: z.number().min(0).lt(1).default(0.999).describe(t`effective_number: 0 weighs all classes the same, near 1 is balanced`),
  sampler: z.enum(SAMPLERS).default('shuffled').describe(t`shuffled: every picture once an epoch; class_balanced: every class equally often`),
  early_stopping_patience: stageSettingShape.early_stopping_patience.default(5),
  early_stopping_metric: stageSettingShape.early_stopping_metric.default('val_accuracy'),
  monitor: metricNameSchema.default('val_accuracy').describe(t`What the best epoch is chosen by`),
  train_ratio: z.number().gt(0).max(1).default(0.7).describe(t`Share of the pictures to learn from`),
  val_ratio: z.number().gt(0).max(1).default(0.15).describe(t`Share of the pictures that choose the best epoch`),
  test_ratio: z.number().min(0).max(1).default(0.15).describe(t`Share of the pictures held out for the final figures; 0: none`),
  augment: z.boolean().default(true).describe(t`Show the network changed copies of each picture`),
  augmentation_policy: z.enum(AUGMENTATION_POLICIES).nullable().default(null).describe(t`A named set of augmentations: light, medium or strong; what is set below it in \`augmentation\` comes on top`),
  augmentation: augmentationSchema.default(augmentationSchema.parse({})).describe(t`How training pictures are changed; 0 or false switches a part off`),
  views: z.int().min(1).max(1000).nullable().default(null).describe(t`Different augmented copies of each picture; empty: as many as epochs, up to 10 where a frozen part is kept`),
  checkpoint_minutes: z.number().min(0).max(1440).default(1).describe(t`Time after which a checkpoint is written within an epoch too; after every epoch one is in any case. 0: after every step`),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(42).describe(t`Same seed, same machine: same numbers`),
  num_workers: z.int().min(1).max(64).nullable().default(null).describe(t`Pictures decoded at once; empty: from the cores`),
  device: z.enum(['auto', 'cpu', 'gpu']).default('auto').describe(t`Where to compute`),
  precision: z
    .enum(PRECISIONS)
    .default('auto')
    .describe(t`Type of the feature maps in training; weights, loss and evaluation are float32 in any. auto: the faster on this machine`),
})
export type RunConfig = z.infer<typeof runConfigSchema>
export type RunConfigKey = keyof RunConfig

export const DEFAULT_RUN_CONFIG: RunConfig = runConfigSchema.parse({})

/** Pictures in one pass where the configuration leaves the number to be measured: for plans and forecasts. */
export const USUAL_BATCH_SIZE = 32

export function assumedBatchSize(config: Pick<RunConfig, 'batch_size'>): number {
  return config.batch_size === 'auto' ? USUAL_BATCH_SIZE : config.batch_size
}

/** Number of different augmented views each training picture gets in a stage of `epochs`. 1 without augmentation. */
export function resolvedViews(config: Pick<RunConfig, 'augment' | 'views' | 'epochs' | 'stages'>, epochs = totalEpochs(config)): number {
  if (!config.augment) return 1
  return Math.min(config.views ?? Math.min(epochs, 10), epochs)
}

/** The view that an epoch (from 1) trains on, from 1 to K. */
export function viewOfEpoch(epoch: number, views: number): number {
  return ((epoch - 1) % views) + 1
}
