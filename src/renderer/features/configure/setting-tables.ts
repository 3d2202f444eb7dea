/** Every setting of a run in its group. What is not here is drawn apart: the network, freezing, the stages, weights by class, the split. */
import { plannedStages } from '../../../shared/domain/stages'
import { LOSSES, METRICS, OPTIMIZERS, resolvedViews, SAMPLERS, SCHEDULERS, type HeadName, type MetricName, type RunConfig } from '../../../shared/domain/run-config'
import type { AugmentationSetting, RunSetting, Setting } from './setting-fields'

export const METRIC_WORDS: Readonly<Record<MetricName, string>> = { val_accuracy: 'Val accuracy', val_macro_f1: 'Val macro-F1', val_loss: 'Val loss' }
const metrics = METRICS.map((value) => ({ value, label: METRIC_WORDS[value] }))
const optimizerWords: Readonly<Record<(typeof OPTIMIZERS)[number], string>> = { sgd: 'SGD', adam: 'Adam', adamw: 'AdamW' }
export const SCHEDULER_WORDS: Readonly<Record<(typeof SCHEDULERS)[number], string>> = { none: 'None', cosine: 'Cosine', step: 'In steps', plateau: 'On a plateau' }
const lossWords: Readonly<Record<(typeof LOSSES)[number], string>> = { cross_entropy: 'Cross-entropy', focal: 'Focal' }
const samplerWords: Readonly<Record<(typeof SAMPLERS)[number], string>> = { shuffled: 'Shuffled', class_balanced: 'Class-balanced' }

const onlySgd = (config: RunConfig): string | null => (config.optimizer === 'sgd' ? null : 'Used with SGD only')
const notSgd = (config: RunConfig): string | null => (config.optimizer === 'sgd' ? 'Used with Adam and AdamW only' : null)
const needsAugmentation = (config: RunConfig): string | null => (config.augment ? null : 'Augmentation is off')
const onlyFocal = (config: RunConfig): string | null => (config.loss === 'focal' ? null : 'Used with the focal loss only')
const onlyScheduler = (name: RunConfig['scheduler'], words: string) => (config: RunConfig) => (plannedStages(config).some(({ scheduler }) => scheduler === name) ? null : words)
const onlyPlateau = onlyScheduler('plateau', 'Used with the plateau schedule only')
const onlyStep = onlyScheduler('step', 'Used with the schedule in steps only')
const withPart = (isOn: (config: RunConfig) => boolean, words: string) => (config: RunConfig) => needsAugmentation(config) ?? (isOn(config) ? null : words)

/** What an empty dropout stands for. */
const DROPOUT_WORDS: Readonly<Record<HeadName, string>> = { linear: 'as published', mlp: '0.3', deep: '0.5' }

export const NETWORK_SETTINGS: readonly RunSetting[] = [
  { key: 'image_size', label: 'Image size', kind: 'number', unit: 'px', step: 32 },
  { key: 'dropout', label: 'Dropout', kind: 'number', step: 0.05, placeholder: (config) => DROPOUT_WORDS[config.head] },
  {
    key: 'frozen_batch_norm',
    label: 'Frozen batch norms',
    kind: 'choice',
    options: [
      { value: 'keep', label: 'Keep' },
      { value: 'update', label: 'Update' },
    ],
    idle: (config) => (plannedStages(config).every(({ freeze, freeze_ratio }) => freeze === 'none' || (freeze === 'ratio' && freeze_ratio === 0)) ? 'Nothing is frozen' : null),
  },
]

export const TRAINING_SETTINGS: readonly RunSetting[] = [
  { key: 'epochs', label: 'Epochs', kind: 'number', idle: (config) => (config.stages.length === 0 ? null : 'The epochs of the stages together') },
  { key: 'batch_size', label: 'Batch size', kind: 'number', step: 8, word: { value: 'auto', label: 'Auto' } },
  { key: 'learning_rate', label: 'Learning rate', kind: 'number', step: 'tenfold' },
  { key: 'backbone_learning_rate', label: 'Learning rate of the backbone', kind: 'number', step: 'tenfold', placeholder: () => 'the same' },
  { key: 'optimizer', label: 'Optimizer', kind: 'choice', options: OPTIMIZERS.map((value) => ({ value, label: optimizerWords[value] })) },
  { key: 'weight_decay', label: 'Weight decay', kind: 'number', step: 'tenfold' },
]

export const OPTIMIZER_SETTINGS: readonly RunSetting[] = [
  { key: 'layer_decay', label: 'Layer decay', kind: 'number', step: 0.05 },
  {
    key: 'weight_decay_on',
    label: 'Weight decay on',
    kind: 'choice',
    options: [
      { value: 'all', label: 'Everything' },
      { value: 'weights', label: 'Weights only' },
    ],
    idle: (config) => (config.weight_decay > 0 ? null : 'Weight decay is 0'),
  },
  { key: 'accumulation_steps', label: 'Passes in a step', kind: 'number' },
  { key: 'gradient_clipping', label: 'Gradient clipping', kind: 'number', step: 0.5, placeholder: () => 'none' },
  { key: 'ema_decay', label: 'Averaged weights', kind: 'number', step: 0.001, placeholder: () => 'none' },
  { key: 'momentum', label: 'Momentum', kind: 'number', step: 0.05, idle: onlySgd },
  { key: 'nesterov', label: 'Nesterov momentum', kind: 'switch', idle: onlySgd },
  { key: 'beta1', label: 'Beta 1', kind: 'number', step: 0.01, idle: notSgd },
  { key: 'beta2', label: 'Beta 2', kind: 'number', step: 0.001, idle: notSgd },
]

export const LOSS_SETTINGS: readonly RunSetting[] = [
  { key: 'loss', label: 'Loss', kind: 'choice', options: LOSSES.map((value) => ({ value, label: lossWords[value] })) },
  { key: 'focal_gamma', label: 'Focal gamma', kind: 'number', step: 0.5, idle: onlyFocal },
  { key: 'label_smoothing', label: 'Label smoothing', kind: 'number', step: 0.05 },
  { key: 'sampler', label: 'Order of pictures', kind: 'choice', options: SAMPLERS.map((value) => ({ value, label: samplerWords[value] })) },
  {
    key: 'effective_number_beta',
    label: 'Effective number beta',
    kind: 'number',
    step: 0.001,
    idle: (config) => (config.class_weights === 'effective_number' ? null : 'Used with weights by effective number only'),
  },
]

export const SCHEDULE_SETTINGS: readonly RunSetting[] = [
  { key: 'scheduler', label: 'Learning rate schedule', kind: 'choice', options: SCHEDULERS.map((value) => ({ value, label: SCHEDULER_WORDS[value] })) },
  {
    key: 'minimum_learning_rate',
    label: 'Lowest learning rate',
    kind: 'number',
    step: 'tenfold',
    idle: (config) => (plannedStages(config).every(({ scheduler }) => scheduler === 'none') ? 'The learning rate stays as it is' : null),
  },
  { key: 'warmup_steps', label: 'Warm-up', kind: 'number', unit: 'steps', step: 10 },
  { key: 'scheduler_step_size', label: 'Falls every', kind: 'number', unit: 'ep.', idle: onlyStep },
  { key: 'scheduler_gamma', label: 'Falls to', kind: 'number', step: 0.05, idle: onlyStep },
  { key: 'scheduler_metric', label: 'Plateau of', kind: 'choice', options: metrics, idle: onlyPlateau },
  { key: 'scheduler_factor', label: 'Plateau factor', kind: 'number', step: 0.1, idle: onlyPlateau },
  { key: 'scheduler_patience', label: 'Plateau patience', kind: 'number', unit: 'ep.', idle: onlyPlateau },
]

export const STOPPING_SETTINGS: readonly RunSetting[] = [
  { key: 'early_stopping_patience', label: 'Early stopping after', kind: 'number', unit: 'ep.' },
  {
    key: 'early_stopping_metric',
    label: 'Early stopping watches',
    kind: 'choice',
    options: metrics,
    idle: (config) => (plannedStages(config).every(({ early_stopping_patience }) => early_stopping_patience === 0) ? 'Early stopping is off' : null),
  },
  { key: 'monitor', label: 'Best epoch by', kind: 'choice', options: metrics },
]

export const AUGMENT_SETTINGS: readonly RunSetting[] = [
  { key: 'augment', label: 'Augmentation', kind: 'switch' },
  { key: 'views', label: 'Views of each picture', kind: 'number', idle: needsAugmentation, placeholder: (config) => String(resolvedViews({ ...config, views: null })) },
]

export const MACHINE_SETTINGS: readonly RunSetting[] = [
  {
    key: 'device',
    label: 'Device',
    kind: 'choice',
    options: [
      { value: 'auto', label: 'Automatic' },
      { value: 'cpu', label: 'CPU' },
      { value: 'gpu', label: 'GPU' },
    ],
  },
  {
    key: 'precision',
    label: 'Precision',
    kind: 'choice',
    options: [
      { value: 'auto', label: 'Automatic' },
      { value: 'float32', label: 'float32' },
      { value: 'bfloat16', label: 'bfloat16' },
    ],
  },
  { key: 'num_workers', label: 'Decoding in parallel', kind: 'number', placeholder: () => 'from the cores' },
  { key: 'checkpoint_minutes', label: 'Checkpoint every', kind: 'number', unit: 'min' },
]

const hasCrop = withPart(({ augmentation }) => augmentation.random_resized_crop, 'Random crops are off')
const hasRandAugment = withPart(({ augmentation }) => augmentation.rand_augment > 0, 'RandAugment is off')
const hasErasing = withPart(({ augmentation }) => augmentation.random_erasing > 0, 'Erasing is off')

/** The augmentation in parts that belong together. */
export const AUGMENTATION_PARTS: readonly { title: string; settings: readonly AugmentationSetting[] }[] = [
  {
    title: 'Mirror, turn and shift',
    settings: [
      { key: 'horizontal_flip', label: 'Horizontal flip', kind: 'number', step: 0.1, idle: needsAugmentation },
      { key: 'vertical_flip', label: 'Vertical flip', kind: 'number', step: 0.1, idle: needsAugmentation },
      { key: 'rotation', label: 'Rotation', kind: 'number', unit: '°', step: 5, idle: needsAugmentation },
      { key: 'translate', label: 'Shift', kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'scale', label: 'Size', kind: 'range', step: 0.05, slide: [0.3, 2], idle: needsAugmentation },
      { key: 'shear', label: 'Slant', kind: 'number', unit: '°', step: 5, idle: needsAugmentation },
    ],
  },
  {
    title: 'Crop',
    settings: [
      { key: 'random_resized_crop', label: 'Random crop', kind: 'switch', idle: needsAugmentation },
      { key: 'crop_scale', label: 'Area kept', kind: 'range', step: 0.05, idle: hasCrop },
      { key: 'crop_ratio', label: 'Width by height', kind: 'range', step: 0.05, slide: [0.3, 3], idle: hasCrop },
    ],
  },
  {
    title: 'Colour',
    settings: [
      { key: 'brightness', label: 'Brightness', kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'contrast', label: 'Contrast', kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'saturation', label: 'Saturation', kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'hue', label: 'Hue', kind: 'number', step: 0.02, idle: needsAugmentation },
    ],
  },
  {
    title: 'RandAugment and erasing',
    settings: [
      { key: 'rand_augment', label: 'RandAugment', kind: 'number', idle: needsAugmentation },
      { key: 'rand_augment_magnitude', label: 'RandAugment strength', kind: 'number', idle: hasRandAugment },
      { key: 'random_erasing', label: 'Erasing', kind: 'number', step: 0.05, idle: needsAugmentation },
      { key: 'erasing_scale', label: 'Area erased', kind: 'range', step: 0.02, idle: hasErasing },
      { key: 'erasing_ratio', label: 'Height by width', kind: 'range', step: 0.1, slide: [0.2, 5], idle: hasErasing },
    ],
  },
  {
    title: 'Blending two pictures',
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
  backbone: 'Backbone',
  weights: 'Weights',
  head: 'Head',
  freeze: 'Freezing',
  freeze_ratio: 'Freeze ratio',
  stages: 'Stages',
  class_weights: 'Class weights',
  focal_alpha: 'Focal alpha',
  augmentation_policy: 'Policy',
  train_ratio: 'Train',
  val_ratio: 'Validation',
  test_ratio: 'Test',
  seed: 'Seed',
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
  const label = settingAt(path)?.label ?? OTHER_LABELS[third ?? key] ?? (third === 'epochs' ? 'Epochs' : (third ?? key))
  return key === 'stages' && third !== undefined ? `Stage ${second}: ${label.toLowerCase()}` : label
}
