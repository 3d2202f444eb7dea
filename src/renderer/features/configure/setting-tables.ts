/** Every setting of a run in its group. What is not here is drawn apart: the network, freezing, the stages, weights by class, the split. */
import { t } from '@lingui/core/macro'
import { plannedStages } from '../../../shared/domain/stages'
import { LOSSES, METRICS, OPTIMIZERS, resolvedViews, SAMPLERS, SCHEDULERS, type HeadName, type MetricName, type RunConfig } from '../../../shared/domain/run-config'
import type { AugmentationSetting, RunSetting, Setting } from './setting-fields'

export const METRIC_WORDS: Readonly<Record<MetricName, string>> = { val_accuracy: t`Val accuracy`, val_macro_f1: t`Val macro-F1`, val_loss: t`Val loss` }
/** The same inside a sentence. */
export const METRIC_PHRASES: Readonly<Record<MetricName, string>> = { val_accuracy: t`val accuracy`, val_macro_f1: t`val macro-F1`, val_loss: t`val loss` }
const metrics = METRICS.map((value) => ({ value, label: METRIC_WORDS[value] }))
const optimizerWords: Readonly<Record<(typeof OPTIMIZERS)[number], string>> = { sgd: 'SGD', adam: 'Adam', adamw: 'AdamW' }
export const HEAD_PHRASES: Readonly<Record<HeadName, string>> = { linear: t`linear head`, mlp: t`mlp head`, deep: t`deep head` }
export const SCHEDULER_WORDS: Readonly<Record<(typeof SCHEDULERS)[number], string>> = { none: t`None`, cosine: t`Cosine`, step: t`In steps`, plateau: t`On a plateau` }
/** The same inside a line. */
export const SCHEDULER_PHRASES: Readonly<Record<(typeof SCHEDULERS)[number], string>> = { none: t`none`, cosine: t`cosine`, step: t`in steps`, plateau: t`on a plateau` }
const lossWords: Readonly<Record<(typeof LOSSES)[number], string>> = { cross_entropy: t`Cross-entropy`, focal: t`Focal` }
const samplerWords: Readonly<Record<(typeof SAMPLERS)[number], string>> = { shuffled: t`Shuffled`, class_balanced: t`Class-balanced` }

const onlySgd = (config: RunConfig): string | null => (config.optimizer === 'sgd' ? null : t`Used with SGD only`)
const notSgd = (config: RunConfig): string | null => (config.optimizer === 'sgd' ? t`Used with Adam and AdamW only` : null)
const needsAugmentation = (config: RunConfig): string | null => (config.augment ? null : t`Augmentation is off`)
const onlyFocal = (config: RunConfig): string | null => (config.loss === 'focal' ? null : t`Used with the focal loss only`)
const onlyScheduler = (name: RunConfig['scheduler'], words: string) => (config: RunConfig) => (plannedStages(config).some(({ scheduler }) => scheduler === name) ? null : words)
const onlyPlateau = onlyScheduler('plateau', t`Used with the plateau schedule only`)
const onlyStep = onlyScheduler('step', t`Used with the schedule in steps only`)
const withPart = (isOn: (config: RunConfig) => boolean, words: string) => (config: RunConfig) => needsAugmentation(config) ?? (isOn(config) ? null : words)

/** What an empty dropout stands for. */
const DROPOUT_WORDS: Readonly<Record<HeadName, string>> = { linear: t`as published`, mlp: '0.3', deep: '0.5' }

export const NETWORK_SETTINGS: readonly RunSetting[] = [
  { key: 'image_size', label: t`Image size`, kind: 'number', unit: 'px', step: 32 },
  { key: 'dropout', label: t`Dropout`, kind: 'number', step: 0.05, placeholder: (config) => DROPOUT_WORDS[config.head] },
  {
    key: 'frozen_batch_norm',
    label: t`Frozen batch norms`,
    kind: 'choice',
    options: [
      { value: 'keep', label: t`Keep` },
      { value: 'update', label: t`Update` },
    ],
    idle: (config) => (plannedStages(config).every(({ freeze, freeze_ratio }) => freeze === 'none' || (freeze === 'ratio' && freeze_ratio === 0)) ? t`Nothing is frozen` : null),
  },
]

export const TRAINING_SETTINGS: readonly RunSetting[] = [
  { key: 'epochs', label: t`Epochs`, kind: 'number', idle: (config) => (config.stages.length === 0 ? null : t`The epochs of the stages together`) },
  { key: 'batch_size', label: t`Batch size`, kind: 'number', step: 8, word: { value: 'auto', label: t`Auto` } },
  { key: 'learning_rate', label: t`Learning rate`, kind: 'number', step: 'tenfold' },
  { key: 'backbone_learning_rate', label: t`Learning rate of the backbone`, kind: 'number', step: 'tenfold', placeholder: () => t`the same` },
  { key: 'optimizer', label: t`Optimizer`, kind: 'choice', options: OPTIMIZERS.map((value) => ({ value, label: optimizerWords[value] })) },
  { key: 'weight_decay', label: t`Weight decay`, kind: 'number', step: 'tenfold' },
]

export const OPTIMIZER_SETTINGS: readonly RunSetting[] = [
  { key: 'layer_decay', label: t`Layer decay`, kind: 'number', step: 0.05 },
  {
    key: 'weight_decay_on',
    label: t`Weight decay on`,
    kind: 'choice',
    options: [
      { value: 'all', label: t`Everything` },
      { value: 'weights', label: t`Weights only` },
    ],
    idle: (config) => (config.weight_decay > 0 ? null : t`Weight decay is 0`),
  },
  { key: 'accumulation_steps', label: t`Passes in a step`, kind: 'number' },
  { key: 'gradient_clipping', label: t`Gradient clipping`, kind: 'number', step: 0.5, placeholder: () => t`none` },
  { key: 'ema_decay', label: t`Averaged weights`, kind: 'number', step: 0.001, placeholder: () => t`none` },
  { key: 'momentum', label: t`Momentum`, kind: 'number', step: 0.05, idle: onlySgd },
  { key: 'nesterov', label: t`Nesterov momentum`, kind: 'switch', idle: onlySgd },
  { key: 'beta1', label: t`Beta 1`, kind: 'number', step: 0.01, idle: notSgd },
  { key: 'beta2', label: t`Beta 2`, kind: 'number', step: 0.001, idle: notSgd },
]

export const LOSS_SETTINGS: readonly RunSetting[] = [
  { key: 'loss', label: t`Loss`, kind: 'choice', options: LOSSES.map((value) => ({ value, label: lossWords[value] })) },
  { key: 'focal_gamma', label: t`Focal gamma`, kind: 'number', step: 0.5, idle: onlyFocal },
  { key: 'label_smoothing', label: t`Label smoothing`, kind: 'number', step: 0.05 },
  { key: 'sampler', label: t`Order of pictures`, kind: 'choice', options: SAMPLERS.map((value) => ({ value, label: samplerWords[value] })) },
  {
    key: 'effective_number_beta',
    label: t`Effective number beta`,
    kind: 'number',
    step: 0.001,
    idle: (config) => (config.class_weights === 'effective_number' ? null : t`Used with weights by effective number only`),
  },
]

export const SCHEDULE_SETTINGS: readonly RunSetting[] = [
  { key: 'scheduler', label: t`Learning rate schedule`, kind: 'choice', options: SCHEDULERS.map((value) => ({ value, label: SCHEDULER_WORDS[value] })) },
  {
    key: 'minimum_learning_rate',
    label: t`Lowest learning rate`,
    kind: 'number',
    step: 'tenfold',
    idle: (config) => (plannedStages(config).every(({ scheduler }) => scheduler === 'none') ? t`The learning rate stays as it is` : null),
  },
  { key: 'warmup_steps', label: t`Warm-up`, kind: 'number', unit: t`steps`, step: 10 },
  { key: 'scheduler_step_size', label: t`Falls every`, kind: 'number', unit: t`ep.`, idle: onlyStep },
  { key: 'scheduler_gamma', label: t`Falls to`, kind: 'number', step: 0.05, idle: onlyStep },
  { key: 'scheduler_metric', label: t`Plateau of`, kind: 'choice', options: metrics, idle: onlyPlateau },
  { key: 'scheduler_factor', label: t`Plateau factor`, kind: 'number', step: 0.1, idle: onlyPlateau },
  { key: 'scheduler_patience', label: t`Plateau patience`, kind: 'number', unit: t`ep.`, idle: onlyPlateau },
]

export const STOPPING_SETTINGS: readonly RunSetting[] = [
  { key: 'early_stopping_patience', label: t`Early stopping after`, kind: 'number', unit: t`ep.` },
  {
    key: 'early_stopping_metric',
    label: t`Early stopping watches`,
    kind: 'choice',
    options: metrics,
    idle: (config) => (plannedStages(config).every(({ early_stopping_patience }) => early_stopping_patience === 0) ? t`Early stopping is off` : null),
  },
  { key: 'monitor', label: t`Best epoch by`, kind: 'choice', options: metrics },
]

export const AUGMENT_SETTINGS: readonly RunSetting[] = [
  { key: 'augment', label: t`Augmentation`, kind: 'switch' },
  { key: 'views', label: t`Views of each picture`, kind: 'number', idle: needsAugmentation, placeholder: (config) => String(resolvedViews({ ...config, views: null })) },
]

export const MACHINE_SETTINGS: readonly RunSetting[] = [
  {
    key: 'device',
    label: t`Device`,
    kind: 'choice',
    options: [
      { value: 'auto', label: t`Automatic` },
      { value: 'cpu', label: 'CPU' },
      { value: 'gpu', label: 'GPU' },
    ],
  },
  {
    key: 'precision',
    label: t`Precision`,
    kind: 'choice',
    options: [
      { value: 'auto', label: t`Automatic` },
      { value: 'float32', label: 'float32' },
      { value: 'bfloat16', label: 'bfloat16' },
    ],
  },
  { key: 'num_workers', label: t`Decoding in parallel`, kind: 'number', placeholder: () => t`from the cores` },
  { key: 'checkpoint_minutes', label: t`Checkpoint every`, kind: 'number', unit: 'min' },
]

const hasCrop = withPart(({ augmentation }) => augmentation.random_resized_crop, t`Random crops are off`)
const hasRandAugment = withPart(({ augmentation }) => augmentation.rand_augment > 0, t`RandAugment is off`)
const hasErasing = withPart(({ augmentation }) => augmentation.random_erasing > 0, t`Erasing is off`)

/** The augmentation in parts that belong together. */
export const AUGMENTATION_PARTS: readonly { title: string; settings: readonly AugmentationSetting[] }[] = [
  {
    title: t`Mirror, turn and shift`,
    settings: [
      { key: 'horizontal_flip', label: t`Horizontal flip`, kind: 'number', step: 0.1, idle: needsAugmentation },
      { key: 'vertical_flip', label: t`Vertical flip`, kind: 'number', step: 0.1, idle: needsAugmentation },
      { key: 'rotation', label: t`Rotation`, kind: 'number', unit: '°', step: 5, idle: needsAugmentation },
      { key: 'translate', label: t`Shift`, kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'scale', label: t`Size`, kind: 'range', step: 0.05, slide: [0.3, 2], idle: needsAugmentation },
      { key: 'shear', label: t`Slant`, kind: 'number', unit: '°', step: 5, idle: needsAugmentation },
    ],
  },
  {
    title: t`Crop`,
    settings: [
      { key: 'random_resized_crop', label: t`Random crop`, kind: 'switch', idle: needsAugmentation },
      { key: 'crop_scale', label: t`Area kept`, kind: 'range', step: 0.05, idle: hasCrop },
      { key: 'crop_ratio', label: t`Width by height`, kind: 'range', step: 0.05, slide: [0.3, 3], idle: hasCrop },
    ],
  },
  {
    title: t`Colour`,
    settings: [
      { key: 'brightness', label: t`Brightness`, kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'contrast', label: t`Contrast`, kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'saturation', label: t`Saturation`, kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'hue', label: t`Hue`, kind: 'number', step: 0.02, idle: needsAugmentation },
    ],
  },
  {
    title: t`RandAugment and erasing`,
    settings: [
      { key: 'rand_augment', label: 'RandAugment', kind: 'number', idle: needsAugmentation },
      { key: 'rand_augment_magnitude', label: t`RandAugment strength`, kind: 'number', idle: hasRandAugment },
      { key: 'random_erasing', label: t`Erasing`, kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'erasing_scale', label: t`Area erased`, kind: 'range', step: 0.02, idle: hasErasing },
      { key: 'erasing_ratio', label: t`Height by width`, kind: 'range', step: 0.1, slide: [0.2, 5], idle: hasErasing },
    ],
  },
  {
    title: t`Blending two pictures`,
    settings: [
      { key: 'mixup', label: 'MixUp', kind: 'number', step: 0.1, slide: [0, 2], idle: needsAugmentation },
      { key: 'cutmix', label: 'CutMix', kind: 'number', step: 0.1, slide: [0, 2], idle: needsAugmentation },
    ],
  },
]

export const AUGMENTATION_SETTINGS = AUGMENTATION_PARTS.flatMap(({ settings }) => settings)

export const RUN_SETTINGS: readonly RunSetting[] = [
  ...NETWORK_SETTINGS,
  ...TRAINING_SETTINGS,
  ...OPTIMIZER_SETTINGS,
  ...LOSS_SETTINGS,
  ...SCHEDULE_SETTINGS,
  ...STOPPING_SETTINGS,
  ...AUGMENT_SETTINGS,
  ...MACHINE_SETTINGS,
]

const OTHER_LABELS: Readonly<Record<string, string>> = {
  backbone: t`Backbone`,
  weights: t`Weights`,
  head: t`Head`,
  freeze: t`Freezing`,
  freeze_ratio: t`Freeze ratio`,
  stages: t`Stages`,
  class_weights: t`Class weights`,
  focal_alpha: t`Focal alpha`,
  augmentation_policy: t`Policy`,
  train_ratio: t({ context: 'the part of the pictures', message: 'Train' }),
  val_ratio: t`Validation`,
  test_ratio: t`Test`,
  seed: t`Seed`,
}

/** The setting at a path of the configuration, where it is one of the tables. */
export function settingAt(path: string): Setting<string> | null {
  const [key = '', second] = path.split('.')
  if (key === 'augmentation') return AUGMENTATION_SETTINGS.find((setting) => setting.key === second) ?? null
  return RUN_SETTINGS.find((setting) => setting.key === (key === 'stages' ? path.split('.')[2] : key)) ?? null
}

/** `Learning rate`; with its stage, `Stage 2: learning rate`. */
export function labelOf(path: string): string {
  const [key = path, second, third] = path.split('.')
  const label = settingAt(path)?.label ?? OTHER_LABELS[third ?? key] ?? (third === 'epochs' ? t`Epochs` : (third ?? key))
  return key === 'stages' && third !== undefined ? t`Stage ${{ number: second ?? '' }}: ${{ setting: label.toLowerCase() }}` : label
}
