/**
 * Where a configuration starts from: Graft's own three choices, and the recipes of five widely used guides, to the number. What a
 * preset leaves out is the default.
 */
import { z } from 'zod'
import { policy } from './augmentation'
import type { RunConfig } from './run-config'
import { type Stage, stageSchema } from './stages'

/** The three choices of the studio. They use only weights that set-up brought. */
export const OWN_PRESETS = ['fast', 'balanced', 'best'] as const
export const GUIDE_PRESETS = ['guide-a', 'guide-a-fast', 'guide-a-high', 'guide-b', 'guide-c', 'guide-d', 'guide-e', 'guide-e-fast', 'guide-e-high'] as const
export const PRESETS = [...OWN_PRESETS, ...GUIDE_PRESETS] as const

export const presetNameSchema = z.enum(PRESETS)
export type PresetName = z.infer<typeof presetNameSchema>
export type OwnPresetName = (typeof OWN_PRESETS)[number]
export const DEFAULT_PRESET: OwnPresetName = 'balanced'

const stage = (given: z.input<typeof stageSchema>): Stage => stageSchema.parse(given)

/** Head first, then the later part of the backbone, then all of it with small steps. */
/* eslint-disable lingui/no-unlocalized-strings -- a run's settings have the names as they are */
const THREE_STAGES: Stage[] = [
  stage({ name: 'Head', epochs: 5, freeze: 'all', learning_rate: 1e-3 }),
  stage({ name: 'Late layers', epochs: 10, freeze: 'stage', learning_rate: 1e-4 }),
  stage({ name: 'All layers', epochs: 10, freeze: 'none', learning_rate: 5e-5, backbone_learning_rate: 1e-5 }),
]
/* eslint-enable lingui/no-unlocalized-strings */

const GUIDE_A: Partial<RunConfig> = {
  backbone: 'resnet18',
  weights: 'imagenet1k_v1',
  head: 'deep',
  dropout: 0.5,
  freeze: 'none',
  epochs: 30,
  batch_size: 32,
  optimizer: 'adam',
  learning_rate: 1e-3,
  weight_decay: 1e-4,
  scheduler: 'cosine',
  minimum_learning_rate: 0,
  early_stopping_patience: 10,
  augmentation: policy({ horizontal_flip: 0.5, vertical_flip: 0.5, rotation: 30, translate: 0.1, scale: [0.9, 1.1], brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.1 }),
}

const GUIDE_E: Partial<RunConfig> = {
  backbone: 'mobilenet_v3_small',
  weights: 'imagenet1k_v1',
  freeze: 'ratio',
  freeze_ratio: 0.7,
  epochs: 3,
  batch_size: 16,
  optimizer: 'adam',
  learning_rate: 5e-4,
  weight_decay: 1e-4,
  scheduler: 'plateau',
  scheduler_factor: 0.5,
  scheduler_patience: 3,
  minimum_learning_rate: 1e-7,
  early_stopping_patience: 5,
  augmentation: policy({ horizontal_flip: 0.5, rotation: 10, brightness: 0.2, contrast: 0.2, saturation: 0.2 }),
}

export const PRESET_CONFIGS: Readonly<Record<PresetName, Partial<RunConfig>>> = {
  fast: { backbone: 'efficientnet_lite0', freeze_ratio: 1, epochs: 10, batch_size: 32, learning_rate: 1e-3, views: 3 },
  balanced: { backbone: 'efficientnet_lite0', freeze_ratio: 0.7, epochs: 15, batch_size: 16, learning_rate: 5e-4 },
  best: {
    backbone: 'efficientnet_lite0',
    head: 'mlp',
    stages: THREE_STAGES,
    epochs: 25,
    batch_size: 16,
    optimizer: 'adamw',
    scheduler: 'cosine',
    minimum_learning_rate: 1e-7,
    label_smoothing: 0.1,
    gradient_clipping: 1,
    early_stopping_patience: 5,
  },
  'guide-a': GUIDE_A,
  'guide-a-fast': { ...GUIDE_A, epochs: 10 },
  'guide-a-high': { ...GUIDE_A, backbone: 'resnet50', epochs: 50 },
  'guide-b': {
    backbone: 'mobilenet_v2',
    weights: 'imagenet',
    freeze: 'all',
    epochs: 10,
    batch_size: 32,
    optimizer: 'adam',
    learning_rate: 1e-3,
    weight_decay: 0,
    scheduler: 'plateau',
    scheduler_metric: 'val_accuracy',
    scheduler_factor: 0.5,
    scheduler_patience: 3,
    minimum_learning_rate: 0,
    early_stopping_patience: 7,
    train_ratio: 0.8,
    val_ratio: 0.2,
    test_ratio: 0,
    augmentation: policy({ random_resized_crop: true, horizontal_flip: 0.5, rotation: 15, brightness: 0.2, contrast: 0.2 }),
  },
  'guide-c': {
    backbone: 'resnet50',
    // Not a generation by name: the guide trains efficientnet_b0 and mobilenet_v3_small by the same recipe.
    weights: 'imagenet',
    head: 'mlp',
    dropout: 0.3,
    stages: THREE_STAGES,
    epochs: 25,
    batch_size: 32,
    optimizer: 'adamw',
    weight_decay: 1e-4,
    beta1: 0.9,
    beta2: 0.999,
    gradient_clipping: 1,
    label_smoothing: 0.1,
    scheduler: 'cosine',
    minimum_learning_rate: 1e-7,
    early_stopping_patience: 5,
    early_stopping_metric: 'val_macro_f1',
    monitor: 'val_macro_f1',
    // Nine steps: crop, two flips, rotation, shift and scale, brightness, contrast, saturation, erasing.
    augmentation: policy({
      random_resized_crop: true,
      crop_scale: [0.5, 1],
      horizontal_flip: 0.5,
      vertical_flip: 0.2,
      rotation: 20,
      translate: 0.05,
      scale: [0.95, 1.05],
      brightness: 0.2,
      contrast: 0.2,
      saturation: 0.2,
      random_erasing: 0.1,
    }),
  },
  'guide-d': {
    backbone: 'efficientnet_lite0',
    freeze: 'ratio',
    freeze_ratio: 0.7,
    epochs: 20,
    batch_size: 32,
    optimizer: 'adam',
    learning_rate: 1e-3,
    weight_decay: 1e-4,
    scheduler: 'plateau',
    scheduler_metric: 'val_loss',
    scheduler_factor: 0.5,
    scheduler_patience: 5,
    minimum_learning_rate: 0,
    early_stopping_patience: 0,
  },
  'guide-e': GUIDE_E,
  'guide-e-fast': { ...GUIDE_E, freeze_ratio: 0.9, learning_rate: 1e-3, batch_size: 32, epochs: 1 },
  'guide-e-high': { ...GUIDE_E, backbone: 'efficientnet_b0', freeze_ratio: 0.8, learning_rate: 3e-4, batch_size: 8, epochs: 10 },
}
