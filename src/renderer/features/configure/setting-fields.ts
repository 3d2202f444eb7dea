/** Every setting of a run: its group, its words, its bounds as the schema has them, and when it has no effect. */
import { z } from 'zod'
import { augmentationSchema, METRICS, OPTIMIZERS, resolvedViews, runConfigSchema, SCHEDULERS, type Augmentation, type HeadName, type RunConfig } from '../../../shared/domain/run-config'
import { formatSmall } from '../../ui/format'

interface FieldBase<K> {
  key: K
  label: string
  /** Why the setting has no effect now; null when it has. */
  idle?: (config: RunConfig) => string | null
}

export type NumberSetting<K> = FieldBase<K> & {
  kind: 'number'
  unit?: string
  step?: number | 'tenfold'
  /** What an empty field stands for. */
  placeholder?: (config: RunConfig) => string
}
export type ChoiceSetting<K> = FieldBase<K> & { kind: 'choice'; options: readonly { value: string; label: string }[] }
export type SwitchSetting<K> = FieldBase<K> & { kind: 'switch' }
export type Setting<K> = NumberSetting<K> | ChoiceSetting<K> | SwitchSetting<K>

export type RunSetting = Setting<keyof RunConfig>
/** The parts of the augmentation that are one number. */
type AugmentationNumber = { [K in keyof Augmentation]: Augmentation[K] extends number ? K : never }[keyof Augmentation]
export type AugmentationSetting = NumberSetting<AugmentationNumber>

const METRIC_WORDS: Readonly<Record<(typeof METRICS)[number], string>> = { val_accuracy: 'Val accuracy', val_macro_f1: 'Val macro-F1', val_loss: 'Val loss' }
const metrics = METRICS.map((value) => ({ value, label: METRIC_WORDS[value] }))
const optimizerWords: Readonly<Record<(typeof OPTIMIZERS)[number], string>> = { sgd: 'SGD', adam: 'Adam', adamw: 'AdamW' }
const schedulerWords: Readonly<Record<(typeof SCHEDULERS)[number], string>> = { none: 'None', cosine: 'Cosine', step: 'In steps', plateau: 'On a plateau' }

const onlySgd = (config: RunConfig): string | null => (config.optimizer === 'sgd' ? null : 'Used with SGD only')
const onlyPlateau = (config: RunConfig): string | null => (config.scheduler === 'plateau' ? null : 'Used with the plateau schedule only')
const needsAugmentation = (config: RunConfig): string | null => (config.augment ? null : 'Augmentation is off')

/** What an empty dropout stands for. */
const DROPOUT_WORDS: Readonly<Record<HeadName, string>> = { linear: 'as published', mlp: '0.3', deep: '0.5' }

export const NETWORK_SETTINGS: readonly RunSetting[] = [
  { key: 'image_size', label: 'Image size', kind: 'number', unit: 'px', step: 32 },
  { key: 'dropout', label: 'Dropout', kind: 'number', step: 0.05, placeholder: (config) => DROPOUT_WORDS[config.head] },
]

export const TRAINING_SETTINGS: readonly RunSetting[] = [
  { key: 'epochs', label: 'Epochs', kind: 'number' },
  { key: 'batch_size', label: 'Batch size', kind: 'number', step: 8 },
  { key: 'optimizer', label: 'Optimizer', kind: 'choice', options: OPTIMIZERS.map((value) => ({ value, label: optimizerWords[value] })) },
  { key: 'learning_rate', label: 'Learning rate', kind: 'number', step: 'tenfold' },
  { key: 'weight_decay', label: 'Weight decay', kind: 'number', step: 'tenfold' },
  { key: 'label_smoothing', label: 'Label smoothing', kind: 'number', step: 0.05 },
  { key: 'momentum', label: 'Momentum', kind: 'number', step: 0.05, idle: onlySgd },
  { key: 'nesterov', label: 'Nesterov momentum', kind: 'switch', idle: onlySgd },
  { key: 'num_workers', label: 'Decoding in parallel', kind: 'number', placeholder: () => 'from the cores' },
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
]

export const SCHEDULE_SETTINGS: readonly RunSetting[] = [
  { key: 'scheduler', label: 'Learning rate schedule', kind: 'choice', options: SCHEDULERS.map((value) => ({ value, label: schedulerWords[value] })) },
  {
    key: 'minimum_learning_rate',
    label: 'Lowest learning rate',
    kind: 'number',
    step: 'tenfold',
    idle: (config) => (config.scheduler === 'none' ? 'The learning rate stays as it is' : null),
  },
  { key: 'scheduler_metric', label: 'Plateau of', kind: 'choice', options: metrics, idle: onlyPlateau },
  { key: 'scheduler_factor', label: 'Plateau factor', kind: 'number', step: 0.1, idle: onlyPlateau },
  { key: 'scheduler_patience', label: 'Plateau patience', kind: 'number', unit: 'ep.', idle: onlyPlateau },
  { key: 'monitor', label: 'Best epoch by', kind: 'choice', options: metrics },
  { key: 'early_stopping_patience', label: 'Early stopping after', kind: 'number', unit: 'ep.' },
  {
    key: 'early_stopping_metric',
    label: 'Early stopping watches',
    kind: 'choice',
    options: metrics,
    idle: (config) => (config.early_stopping_patience === 0 ? 'Early stopping is off' : null),
  },
]

export const AUGMENT_SETTINGS: readonly RunSetting[] = [
  { key: 'augment', label: 'Augmentation', kind: 'switch' },
  { key: 'views', label: 'Views of each picture', kind: 'number', idle: needsAugmentation, placeholder: (config) => String(resolvedViews({ ...config, views: null })) },
]

export const AUGMENTATION_SETTINGS: readonly AugmentationSetting[] = [
  { key: 'horizontal_flip', label: 'Horizontal flip', kind: 'number', step: 0.1, idle: needsAugmentation },
  { key: 'vertical_flip', label: 'Vertical flip', kind: 'number', step: 0.1, idle: needsAugmentation },
  { key: 'rotation', label: 'Rotation', kind: 'number', unit: '°', step: 5, idle: needsAugmentation },
  { key: 'brightness', label: 'Brightness', kind: 'number', step: 0.05, idle: needsAugmentation },
  { key: 'contrast', label: 'Contrast', kind: 'number', step: 0.05, idle: needsAugmentation },
  { key: 'saturation', label: 'Saturation', kind: 'number', step: 0.05, idle: needsAugmentation },
  { key: 'hue', label: 'Hue', kind: 'number', step: 0.02, idle: needsAugmentation },
]

export interface Bounds {
  low: number
  high: number
  isWhole: boolean
  isOptional: boolean
}

/** Bounds of a number's schema, below defaults and null. */
export function boundsOf(schema: z.ZodType): Bounds {
  let inner: unknown = schema
  let isOptional = false
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodNullable) {
    if (inner instanceof z.ZodNullable) isOptional = true
    inner = inner.unwrap()
  }
  if (!(inner instanceof z.ZodNumber)) return { low: -Infinity, high: Infinity, isWhole: false, isOptional }
  return { low: inner.minValue ?? -Infinity, high: inner.maxValue ?? Infinity, isWhole: inner.format === 'safeint', isOptional }
}

/** `0 to 1`, `1 or more`; empty where there are no bounds worth saying. */
export function rangeWords({ low, high }: Bounds): string {
  if (!Number.isFinite(low)) return ''
  if (high >= Number.MAX_SAFE_INTEGER) return `${formatSmall(low)} or more`
  return `${formatSmall(low)} to ${high >= 1000 ? high.toLocaleString('en') : formatSmall(high)}`
}

const part = (key: keyof RunConfig | keyof Augmentation): z.ZodType =>
  key in runConfigSchema.shape ? runConfigSchema.shape[key as keyof RunConfig] : augmentationSchema.shape[key as keyof Augmentation]

/** The schema's own line of help. */
export function helpOf(key: keyof RunConfig | keyof Augmentation): string {
  return part(key).description ?? ''
}

export function fieldBounds(key: keyof RunConfig | keyof Augmentation): Bounds {
  return boundsOf(part(key))
}

const ALL: readonly Setting<keyof RunConfig>[] = [...NETWORK_SETTINGS, ...TRAINING_SETTINGS, ...SCHEDULE_SETTINGS, ...AUGMENT_SETTINGS]
const OTHER_LABELS: Partial<Record<keyof RunConfig, string>> = {
  backbone: 'Backbone',
  weights: 'Weights',
  head: 'Head',
  freeze: 'Freezing',
  freeze_ratio: 'Freeze ratio',
  augmentation: 'Augmentation amounts',
}

export function labelOf(key: keyof RunConfig): string {
  return ALL.find((setting) => setting.key === key)?.label ?? OTHER_LABELS[key] ?? key
}

/** A value as a person reads it in a list of changes. */
export function valueWords(key: keyof RunConfig, value: unknown): string {
  const setting = ALL.find((entry) => entry.key === key)
  if (setting?.kind === 'choice') return setting.options.find((option) => option.value === value)?.label ?? String(value)
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (value === null) return 'by itself'
  if (Array.isArray(value)) return value.join(', ')
  if (key === 'freeze') return value === 'stage' ? 'by stage' : 'by ratio'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : formatSmall(value)
  return typeof value === 'string' ? value : 'changed'
}
