/** What each group of settings holds, and what it comes to in a few words. Pure. */
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { RunConfig, RunConfigKey } from '../../../shared/domain/run-config'
import { formatSmall } from '../../ui/format'
import { splitSentence } from '../../ui/split-bar'
import { valueWords } from './setting-fields'
import { LOSS_SETTINGS, MACHINE_SETTINGS, METRIC_WORDS, NETWORK_SETTINGS, OPTIMIZER_SETTINGS, SCHEDULE_SETTINGS, SCHEDULER_WORDS, settingAt, STOPPING_SETTINGS, TRAINING_SETTINGS } from './setting-tables'

export const GROUPS = ['Training', 'Network', 'Schedule and stopping', 'Optimizer', 'Loss and classes', 'Augmentation', 'Split and seed', 'Machine'] as const
export type GroupTitle = (typeof GROUPS)[number]

const keysOf = (settings: readonly { key: RunConfigKey }[]): RunConfigKey[] => settings.map(({ key }) => key)

const KEYS: Readonly<Record<GroupTitle, readonly RunConfigKey[]>> = {
  Training: keysOf(TRAINING_SETTINGS),
  Network: ['backbone', 'weights', 'head', 'freeze', 'freeze_ratio', ...keysOf(NETWORK_SETTINGS)],
  'Schedule and stopping': keysOf([...SCHEDULE_SETTINGS, ...STOPPING_SETTINGS]),
  Optimizer: keysOf(OPTIMIZER_SETTINGS),
  'Loss and classes': [...keysOf(LOSS_SETTINGS), 'class_weights', 'focal_alpha'],
  Augmentation: ['augment', 'augmentation_policy', 'views', 'augmentation'],
  'Split and seed': ['train_ratio', 'val_ratio', 'test_ratio', 'seed'],
  Machine: keysOf(MACHINE_SETTINGS),
}

/** The settings that a group shows. The stages are a place of their own. */
export function groupKeys(title: GroupTitle): readonly RunConfigKey[] {
  return KEYS[title]
}

const words = (key: RunConfigKey, config: RunConfig): string => valueWords(settingAt(key), config[key])

export function summaryOf(title: GroupTitle, config: RunConfig, dataset: DatasetSummary): string {
  switch (title) {
    case 'Training':
      return `${config.epochs} epochs · batches of ${config.batch_size} · ${words('optimizer', config)} at ${formatSmall(config.learning_rate)}`
    case 'Network':
      return `${config.backbone} · ${config.head} head · ${config.image_size} px`
    case 'Schedule and stopping': {
      const stop = config.early_stopping_patience === 0 ? 'no early stopping' : `stops after ${config.early_stopping_patience} epochs without a gain in ${METRIC_WORDS[config.early_stopping_metric].toLowerCase()}`
      return `${SCHEDULER_WORDS[config.scheduler]}${config.warmup_steps > 0 ? ` after ${config.warmup_steps} steps of warm-up` : ''} · ${stop}`
    }
    case 'Optimizer': {
      const clipping = config.gradient_clipping === null ? 'no clipping' : `clipped at ${formatSmall(config.gradient_clipping)}`
      const passes = config.accumulation_steps === 1 ? 'one pass a step' : `${config.accumulation_steps} passes a step`
      return `${passes} · ${clipping} · ${config.ema_decay === null ? 'no averaged weights' : 'averaged weights'}`
    }
    case 'Loss and classes': {
      const weights = typeof config.class_weights === 'string' ? (config.class_weights === 'none' ? 'classes count alike' : `class weights ${config.class_weights.replace('_', ' ')}`) : 'class weights by class'
      return [words('loss', config), config.label_smoothing > 0 ? `label smoothing ${formatSmall(config.label_smoothing)}` : null, weights, config.sampler === 'shuffled' ? null : 'class-balanced batches'].filter((part) => part !== null).join(' · ')
    }
    case 'Augmentation':
      return augmentationWords(config)
    case 'Split and seed':
      return `${splitSentence(dataset.split)} · seed ${dataset.seed}`
    case 'Machine':
      return `${words('device', config)} device · ${config.checkpoint_minutes === 0 ? 'checkpoint after every step' : `checkpoint every ${formatSmall(config.checkpoint_minutes)} min and epoch`}`
  }
}

const PARTS: readonly [string, (augmentation: RunConfig['augmentation']) => boolean][] = [
  ['flips', ({ horizontal_flip, vertical_flip }) => horizontal_flip > 0 || vertical_flip > 0],
  ['turns and shifts', ({ rotation, translate, scale, shear }) => rotation > 0 || translate > 0 || shear > 0 || scale.some((factor) => factor !== 1)],
  ['crops', ({ random_resized_crop }) => random_resized_crop],
  ['colour', ({ brightness, contrast, saturation, hue }) => brightness + contrast + saturation + hue > 0],
  ['RandAugment', ({ rand_augment }) => rand_augment > 0],
  ['erasing', ({ random_erasing }) => random_erasing > 0],
  ['MixUp', ({ mixup }) => mixup > 0],
  ['CutMix', ({ cutmix }) => cutmix > 0],
]

/** `medium · flips, turns and shifts, colour`. */
export function augmentationWords({ augment, augmentation, augmentation_policy }: Pick<RunConfig, 'augment' | 'augmentation' | 'augmentation_policy'>): string {
  if (!augment) return 'off'
  const on = PARTS.filter(([, isOn]) => isOn(augmentation)).map(([name]) => name)
  const listed = on.length === 0 ? 'every part is off' : on.join(', ')
  return augmentation_policy === null ? listed : `${augmentation_policy} · ${listed}`
}
