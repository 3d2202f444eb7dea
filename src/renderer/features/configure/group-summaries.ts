/** What each group of settings holds, and what it comes to in a few words. Pure. */
import { plural, t } from '@lingui/core/macro'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { RunConfig, RunConfigKey } from '../../../shared/domain/run-config'
import { epochCount } from '../../ui/counts'
import { formatSmall } from '../../ui/format'
import { splitSentence } from '../../ui/split-bar'
import { valueWords } from './setting-fields'
import { HEAD_PHRASES, LOSS_SETTINGS, MACHINE_SETTINGS, METRIC_PHRASES, NETWORK_SETTINGS, OPTIMIZER_SETTINGS, SCHEDULE_SETTINGS, SCHEDULER_WORDS, settingAt, STOPPING_SETTINGS, TRAINING_SETTINGS } from './setting-tables'

export const GROUPS = ['training', 'network', 'schedule', 'optimizer', 'loss', 'augmentation', 'split', 'machine'] as const
export type GroupName = (typeof GROUPS)[number]

export const GROUP_TITLES: Readonly<Record<GroupName, string>> = {
  training: t`Training`,
  network: t`Network`,
  schedule: t`Schedule and stopping`,
  optimizer: t`Optimizer`,
  loss: t`Loss and classes`,
  augmentation: t`Augmentation`,
  split: t`Split and seed`,
  machine: t`Machine`,
}

const keysOf = (settings: readonly { key: RunConfigKey }[]): RunConfigKey[] => settings.map(({ key }) => key)

const KEYS: Readonly<Record<GroupName, readonly RunConfigKey[]>> = {
  training: keysOf(TRAINING_SETTINGS),
  network: ['backbone', 'weights', 'head', 'freeze', 'freeze_ratio', ...keysOf(NETWORK_SETTINGS)],
  schedule: keysOf([...SCHEDULE_SETTINGS, ...STOPPING_SETTINGS]),
  optimizer: keysOf(OPTIMIZER_SETTINGS),
  loss: [...keysOf(LOSS_SETTINGS), 'class_weights', 'focal_alpha'],
  augmentation: ['augment', 'augmentation_policy', 'views', 'augmentation'],
  split: ['train_ratio', 'val_ratio', 'test_ratio', 'seed'],
  machine: keysOf(MACHINE_SETTINGS),
}

/** The settings that a group shows. The stages are a place of their own. */
export function groupKeys(name: GroupName): readonly RunConfigKey[] {
  return KEYS[name]
}

const words = (key: RunConfigKey, config: RunConfig): string => valueWords(settingAt(key), config[key])

const CLASS_WEIGHT_WORDS = { none: t`classes count alike`, balanced: t`class weights balanced`, effective_number: t`class weights effective number` } as const
const DEVICE_WORDS: Readonly<Record<RunConfig['device'], string>> = { auto: t`Automatic device`, cpu: t`CPU device`, gpu: t`GPU device` }

export function summaryOf(name: GroupName, config: RunConfig, dataset: DatasetSummary): string {
  switch (name) {
    case 'training':
      return [epochCount(config.epochs), t`batches of ${{ size: config.batch_size }}`, t`${{ optimizer: words('optimizer', config) }} at ${{ rate: formatSmall(config.learning_rate) }}`].join(' · ')
    case 'network':
      // eslint-disable-next-line lingui/no-unlocalized-strings -- values and a unit
      return `${config.backbone} · ${HEAD_PHRASES[config.head]} · ${config.image_size} px`
    case 'schedule': {
      const { scheduler, warmup_steps: steps, early_stopping_patience: patience, early_stopping_metric } = config
      const schedule = SCHEDULER_WORDS[scheduler]
      const metric = METRIC_PHRASES[early_stopping_metric]
      const fall = steps > 0 ? plural(steps, { one: `${schedule} after # step of warm-up`, other: `${schedule} after # steps of warm-up` }) : schedule
      const stop = patience === 0 ? t`no early stopping` : plural(patience, { one: `stops after # epoch without a gain in ${metric}`, other: `stops after # epochs without a gain in ${metric}` })
      return `${fall} · ${stop}`
    }
    case 'optimizer': {
      const clipping = config.gradient_clipping === null ? t`no clipping` : t`clipped at ${{ norm: formatSmall(config.gradient_clipping) }}`
      const passes = plural({ passes: config.accumulation_steps }, { one: 'one pass a step', other: '# passes a step' })
      return `${passes} · ${clipping} · ${config.ema_decay === null ? t`no averaged weights` : t`averaged weights`}`
    }
    case 'loss': {
      const weights = typeof config.class_weights === 'string' ? CLASS_WEIGHT_WORDS[config.class_weights] : t`class weights by class`
      return [words('loss', config), config.label_smoothing > 0 ? t`label smoothing ${{ amount: formatSmall(config.label_smoothing) }}` : null, weights, config.sampler === 'shuffled' ? null : t`class-balanced batches`].filter((part) => part !== null).join(' · ')
    }
    case 'augmentation':
      return augmentationWords(config)
    case 'split':
      return `${splitSentence(dataset.split)} · ${t`seed ${{ seed: dataset.seed }}`}`
    case 'machine':
      return `${DEVICE_WORDS[config.device]} · ${config.checkpoint_minutes === 0 ? t`checkpoint after every step` : t`checkpoint every ${{ minutes: formatSmall(config.checkpoint_minutes) }} min and epoch`}`
  }
}

const PARTS: readonly [string, (augmentation: RunConfig['augmentation']) => boolean][] = [
  [t`flips`, ({ horizontal_flip, vertical_flip }) => horizontal_flip > 0 || vertical_flip > 0],
  [t`turns and shifts`, ({ rotation, translate, scale, shear }) => rotation > 0 || translate > 0 || shear > 0 || scale.some((factor) => factor !== 1)],
  [t`crops`, ({ random_resized_crop }) => random_resized_crop],
  [t`colour`, ({ brightness, contrast, saturation, hue }) => brightness + contrast + saturation + hue > 0],
  ['RandAugment', ({ rand_augment }) => rand_augment > 0],
  [t`erasing`, ({ random_erasing }) => random_erasing > 0],
  ['MixUp', ({ mixup }) => mixup > 0],
  ['CutMix', ({ cutmix }) => cutmix > 0],
]

/** `medium · flips, turns and shifts, colour`. */
export function augmentationWords({ augment, augmentation, augmentation_policy }: Pick<RunConfig, 'augment' | 'augmentation' | 'augmentation_policy'>): string {
  if (!augment) return t`off`
  const on = PARTS.filter(([, isOn]) => isOn(augmentation)).map(([name]) => name)
  const listed = on.length === 0 ? t`every part is off` : on.join(', ')
  return augmentation_policy === null ? listed : `${augmentation_policy} · ${listed}`
}
