/** What settings that are left open mean, in words, and what a run made of them. */
import { t } from '@lingui/core/macro'
import { configValue } from './config-fields'
import { type ConfigSource } from './config-layers'
import { resolvedViews, type RunConfig } from './run-config'

/** What `auto`, an empty value or a name that stands for another one means; null where a value speaks for itself. */
export function meaningOf(config: RunConfig, path: string): string | null {
  const value = configValue(config, path)
  const key = path.split('.').at(-1) ?? path
  if (value === null) return EMPTY_MEANS[key]?.(config) ?? t`not set`
  if (key === 'weights' && value === 'imagenet') return t`the newest generation there is for the backbone`
  if (key === 'batch_size' && value === 'auto') return t`the largest that fits in memory, up to 64: measured at the start`
  if (key === 'precision' && value === 'auto') return t`measured where a training is long enough to gain by it`
  if (key === 'device' && value === 'auto') return t`a GPU if there is one, else the CPU`
  if (path === 'stages' && config.stages.length === 0) return t`one stage of all epochs`
  if (path === 'epochs' && config.stages.length > 0) return t`the epochs of all stages together`
  return null
}

const EMPTY_MEANS: Readonly<Record<string, (config: RunConfig) => string>> = {
  dropout: ({ head }) => (head === 'linear' ? t`as the backbone was published` : head === 'mlp' ? '0.3' : '0.5'),
  backbone_learning_rate: () => t`the same as learning_rate`,
  gradient_clipping: () => t`not clipped`,
  ema_decay: () => t`no average`,
  focal_alpha: () => '1',
  augmentation_policy: () => t`each augmentation by itself`,
  views: (config) => (config.augment ? t`${{ views: resolvedViews(config) }} where a frozen part is kept, else one an epoch` : t`1, without augmentation`),
  num_workers: () => t`from this machine's cores`,
  name: () => t`by its number`,
}

/** Where a value came from, as a sentence names it. */
export function sourceWords(source: ConfigSource, names: { readonly preset?: string | null; readonly file?: string | null } = {}): string {
  switch (source) {
    case 'default':
      return t`default`
    case 'preset':
      return typeof names.preset !== 'string' ? t`preset` : t`preset ${{ preset: names.preset }}`
    case 'file':
      return typeof names.file !== 'string' ? t`file` : t`file ${{ file: names.file }}`
    case 'flag':
      return t`flag`
    case 'measured':
      return t`measured`
  }
}
