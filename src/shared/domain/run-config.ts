/** Everything that decides a training run. Keys are snake_case: they are the YAML's and the field's own. */
import { z } from 'zod'

export const OPTIMIZERS = ['sgd', 'adam', 'adamw'] as const
export const SCHEDULERS = ['none', 'cosine', 'plateau'] as const
export const METRICS = ['val_accuracy', 'val_macro_f1', 'val_loss'] as const
export const FREEZINGS = ['ratio', 'stage'] as const
export const HEADS = ['linear', 'mlp', 'deep'] as const
export const PRESETS = ['fast', 'balanced', 'best'] as const

export const metricNameSchema = z.enum(METRICS)
export type MetricName = z.infer<typeof metricNameSchema>
export type HeadName = (typeof HEADS)[number]
export const presetNameSchema = z.enum(PRESETS)
export type PresetName = z.infer<typeof presetNameSchema>

/** True when a larger value of the metric is better. */
export const METRIC_HIGHER_IS_BETTER: Readonly<Record<MetricName, boolean>> = { val_accuracy: true, val_macro_f1: true, val_loss: false }

const fraction = z.number().min(0).max(1)

/** Amounts as torchvision's transforms take them; 0 switches a part off. */
export const augmentationSchema = z.strictObject({
  horizontal_flip: fraction.default(0.5).describe('Probability of mirroring left and right'),
  vertical_flip: fraction.default(0).describe('Probability of mirroring top and bottom'),
  rotation: z.number().min(0).max(180).default(10).describe('Rotation drawn from minus to plus this many degrees'),
  brightness: z.number().min(0).max(1).default(0.2).describe('Brightness factor drawn from 1 minus to 1 plus this'),
  contrast: z.number().min(0).max(1).default(0.2).describe('Contrast factor drawn from 1 minus to 1 plus this'),
  saturation: z.number().min(0).max(1).default(0.2).describe('Saturation factor drawn from 1 minus to 1 plus this'),
  hue: z.number().min(0).max(0.5).default(0).describe('Hue shift drawn from minus to plus this share of the colour circle'),
})
export type Augmentation = z.infer<typeof augmentationSchema>

export const runConfigSchema = z.strictObject({
  backbone: z.string().default('efficientnet_lite0').describe('Network that looks at the picture; graft models lists them'),
  weights: z.string().default('imagenet').describe('imagenet (the newest generation), imagenet1k_v1, imagenet1k_v2, none (random start) or the path of a weights file'),
  head: z.enum(HEADS).default('linear').describe('What is put on the backbone: its own last layer, one hidden layer of 512, or two of 512 and 128'),
  dropout: z.number().min(0).max(0.95).nullable().default(null).describe('First dropout of the head, later ones are half of it; empty: as published, .3 for mlp, .5 for deep'),
  freeze: z
    .union([z.enum(FREEZINGS), z.array(z.string().min(1)).min(1)])
    .default('ratio')
    .describe('What keeps its weights: ratio (see freeze_ratio), stage (the early stages), or a list of layers and stages'),
  freeze_ratio: fraction.default(0.7).describe('Share of the backbone that keeps its weights: 1 all, 0 none'),
  image_size: z.int().min(32).max(1024).default(224).describe('Side of the square picture the network sees, in pixels'),
  epochs: z.int().min(1).max(10_000).default(15).describe('Times the training pictures are gone through'),
  batch_size: z.int().min(1).max(1024).default(16).describe('Pictures in one optimizer step'),
  optimizer: z.enum(OPTIMIZERS).default('adam').describe('As torch.optim has them'),
  learning_rate: z.number().min(0).max(10).default(5e-4).describe('Step size of the optimizer at the start'),
  weight_decay: z.number().min(0).max(1).default(1e-4).describe('Pull of the weights towards zero'),
  momentum: fraction.default(0.9).describe('For SGD'),
  nesterov: z.boolean().default(false).describe('For SGD'),
  scheduler: z.enum(SCHEDULERS).default('plateau').describe('How the learning rate falls'),
  scheduler_metric: metricNameSchema.default('val_loss').describe('What the plateau schedule watches'),
  scheduler_factor: z.number().gt(0).lt(1).default(0.5).describe('Plateau: what the learning rate is multiplied by'),
  scheduler_patience: z.int().nonnegative().default(3).describe('Plateau: bad epochs that are let pass'),
  minimum_learning_rate: z.number().min(0).default(1e-7).describe('The learning rate never falls below this'),
  label_smoothing: z.number().min(0).max(0.9).default(0).describe('Share of the target spread over all classes'),
  early_stopping_patience: z.int().nonnegative().default(5).describe('Epochs without a gain after which training stops; 0: never'),
  early_stopping_metric: metricNameSchema.default('val_accuracy').describe('What early stopping watches'),
  monitor: metricNameSchema.default('val_accuracy').describe('What the best epoch is chosen by'),
  train_ratio: z.number().gt(0).max(1).default(0.7),
  val_ratio: z.number().gt(0).max(1).default(0.15),
  test_ratio: z.number().min(0).max(1).default(0.15),
  augment: z.boolean().default(true).describe('Show the network changed copies of each picture'),
  augmentation: augmentationSchema.default(augmentationSchema.parse({})),
  views: z.int().min(1).max(1000).nullable().default(null).describe('Different augmented copies of each picture; empty: as many as epochs, up to 10'),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(42).describe('Same seed, same machine: same numbers'),
  num_workers: z.int().min(1).max(64).nullable().default(null).describe('Pictures decoded at once; empty: from the cores'),
  device: z.enum(['auto', 'cpu', 'gpu']).default('auto').describe('Where to compute'),
})
export type RunConfig = z.infer<typeof runConfigSchema>
export type RunConfigKey = keyof RunConfig

export const DEFAULT_RUN_CONFIG: RunConfig = runConfigSchema.parse({})

/** The three choices of the studio, and what each sets. What a preset leaves out is the default. */
export const PRESET_CONFIGS: Readonly<Record<PresetName, Partial<RunConfig>>> = {
  fast: { backbone: 'efficientnet_lite0', freeze_ratio: 1, epochs: 10, batch_size: 32, learning_rate: 1e-3, views: 3 },
  balanced: { backbone: 'efficientnet_lite0', freeze_ratio: 0.7, epochs: 15, batch_size: 16, learning_rate: 5e-4 },
  best: { backbone: 'efficientnet_lite0', freeze_ratio: 0.3, epochs: 30, batch_size: 16, learning_rate: 3e-4 },
}
export const DEFAULT_PRESET: PresetName = 'balanced'

/** Number of different augmented views each training picture gets. 1 without augmentation. */
export function resolvedViews(config: RunConfig): number {
  if (!config.augment) return 1
  return Math.min(config.views ?? Math.min(config.epochs, 10), config.epochs)
}

/** The view that an epoch (from 1) trains on, from 1 to K. */
export function viewOfEpoch(epoch: number, views: number): number {
  return ((epoch - 1) % views) + 1
}
