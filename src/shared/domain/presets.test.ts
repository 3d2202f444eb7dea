import { expect, test } from 'vitest'
import { layerConfig, restatedPaths } from './config-layers'
import { configProblems } from './config-problems'
import { GUIDE_PRESETS, OWN_PRESETS, PRESET_CONFIGS, PRESETS, type PresetName } from './presets'
import { DEFAULT_RUN_CONFIG, type RunConfig, runConfigSchema } from './run-config'
import { plannedStages } from './stages'

const whole = (preset: PresetName): RunConfig => layerConfig([{ source: 'preset', values: PRESET_CONFIGS[preset] }]).config

const OFF = { vertical_flip: 0, random_resized_crop: false, saturation: 0, hue: 0, translate: 0, scale: [1, 1], random_erasing: 0, mixup: 0, cutmix: 0, rand_augment: 0 }
const A = {
  backbone: 'resnet18',
  head: 'deep',
  dropout: 0.5,
  freeze: 'none',
  optimizer: 'adam',
  weight_decay: 1e-4,
  learning_rate: 1e-3,
  batch_size: 32,
  epochs: 30,
  scheduler: 'cosine',
  minimum_learning_rate: 0,
  early_stopping_patience: 10,
  early_stopping_metric: 'val_accuracy',
  monitor: 'val_accuracy',
  train_ratio: 0.7,
  val_ratio: 0.15,
  test_ratio: 0.15,
  image_size: 224,
  seed: 42,
  label_smoothing: 0,
  augmentation: { horizontal_flip: 0.5, vertical_flip: 0.5, rotation: 30 },
}
const E = {
  backbone: 'mobilenet_v3_small',
  weights: 'imagenet1k_v1',
  head: 'linear',
  freeze: 'ratio',
  freeze_ratio: 0.7,
  optimizer: 'adam',
  weight_decay: 1e-4,
  learning_rate: 5e-4,
  batch_size: 16,
  epochs: 3,
  scheduler: 'plateau',
  scheduler_factor: 0.5,
  scheduler_patience: 3,
  minimum_learning_rate: 1e-7,
  early_stopping_patience: 5,
  monitor: 'val_accuracy',
  image_size: 224,
  seed: 42,
  augmentation: { ...OFF, horizontal_flip: 0.5, rotation: 10, brightness: 0.2, contrast: 0.2, saturation: 0.2 },
}

/** The figures that the guides state; what they leave to us is not here. */
const FIGURES: Record<PresetName, object> = {
  fast: { backbone: 'efficientnet_lite0', freeze_ratio: 1, epochs: 10, batch_size: 32, learning_rate: 1e-3, views: 3 },
  balanced: { backbone: 'efficientnet_lite0', freeze_ratio: 0.7, epochs: 15, batch_size: 16, learning_rate: 5e-4 },
  best: { backbone: 'efficientnet_lite0', epochs: 25, optimizer: 'adamw', scheduler: 'cosine' },
  'guide-a': A,
  'guide-a-fast': { ...A, epochs: 10 },
  'guide-a-high': { ...A, backbone: 'resnet50', epochs: 50 },
  'guide-b': {
    backbone: 'mobilenet_v2',
    head: 'linear',
    dropout: null,
    freeze: 'all',
    optimizer: 'adam',
    weight_decay: 0,
    learning_rate: 1e-3,
    batch_size: 32,
    epochs: 10,
    scheduler: 'plateau',
    scheduler_metric: 'val_accuracy',
    scheduler_factor: 0.5,
    scheduler_patience: 3,
    minimum_learning_rate: 0,
    early_stopping_patience: 7,
    early_stopping_metric: 'val_accuracy',
    monitor: 'val_accuracy',
    train_ratio: 0.8,
    val_ratio: 0.2,
    test_ratio: 0,
    seed: 42,
    augmentation: { ...OFF, random_resized_crop: true, crop_scale: [0.08, 1], crop_ratio: [3 / 4, 4 / 3], horizontal_flip: 0.5, rotation: 15, brightness: 0.2, contrast: 0.2 },
  },
  'guide-c': {
    backbone: 'resnet50',
    head: 'mlp',
    dropout: 0.3,
    optimizer: 'adamw',
    weight_decay: 1e-4,
    beta1: 0.9,
    beta2: 0.999,
    label_smoothing: 0.1,
    gradient_clipping: 1,
    epochs: 25,
    scheduler: 'cosine',
    minimum_learning_rate: 1e-7,
    early_stopping_patience: 5,
    early_stopping_metric: 'val_macro_f1',
    monitor: 'val_macro_f1',
  },
  'guide-d': {
    optimizer: 'adam',
    scheduler: 'plateau',
    scheduler_metric: 'val_loss',
    scheduler_factor: 0.5,
    scheduler_patience: 5,
    minimum_learning_rate: 0,
    early_stopping_patience: 0,
    monitor: 'val_accuracy',
  },
  'guide-e': E,
  'guide-e-fast': { ...E, freeze_ratio: 0.9, learning_rate: 1e-3, batch_size: 32, epochs: 1 },
  'guide-e-high': { ...E, backbone: 'efficientnet_b0', freeze_ratio: 0.8, learning_rate: 3e-4, batch_size: 8, epochs: 10 },
}

test.each(PRESETS)("%s holds its recipe's figures to the number", (preset) => {
  const config = whole(preset)
  expect(runConfigSchema.parse(config)).toEqual(config)
  expect(config).toMatchObject(FIGURES[preset])
})

test.each(['best', 'guide-c'] as const)('%s unfreezes in three stages: 5, 10 and 10 epochs', (preset) => {
  expect(plannedStages(whole(preset))).toMatchObject([
    { epochs: 5, freeze: 'all', learning_rate: 1e-3, firstEpoch: 1 },
    { epochs: 10, freeze: 'stage', learning_rate: 1e-4, backbone_learning_rate: null, firstEpoch: 6 },
    { epochs: 10, freeze: 'none', learning_rate: 5e-5, backbone_learning_rate: 1e-5, firstEpoch: 16 },
  ])
})

test('the amounts that guide A leaves open are all on', () => {
  const { augmentation } = whole('guide-a')
  for (const part of ['brightness', 'contrast', 'saturation', 'hue', 'translate'] as const) expect(augmentation[part], part).toBeGreaterThan(0)
  expect(augmentation.scale).not.toEqual([1, 1])
})

test('guide C has nine steps', () => {
  const { augmentation } = whole('guide-c')
  const { random_resized_crop, horizontal_flip, vertical_flip, rotation, translate, brightness, contrast, saturation, random_erasing } = augmentation
  expect([random_resized_crop, horizontal_flip, vertical_flip, rotation, translate, brightness, contrast, saturation, random_erasing].filter((step) => step === true || (step !== false && step > 0))).toHaveLength(9)
  expect([augmentation.hue, augmentation.shear, augmentation.rand_augment, augmentation.mixup, augmentation.cutmix]).toEqual([0, 0, 0, 0, 0])
})

test.each(PRESETS)('%s sets nothing that has no effect', (preset) => {
  const values = PRESET_CONFIGS[preset]
  // As if a person had typed it; what only repeats a default was not meant.
  const layered = layerConfig([{ source: 'flag', values }])
  const restated = restatedPaths(layered, DEFAULT_RUN_CONFIG, 'flag')
  expect(configProblems(layered.config, { ...layered, restated, isWholeFile: false })).toEqual([])
})

test('own presets and the guides’ are all there is', () => {
  expect(PRESETS).toEqual([...OWN_PRESETS, ...GUIDE_PRESETS])
  expect(Object.keys(PRESET_CONFIGS)).toEqual([...PRESETS])
})
