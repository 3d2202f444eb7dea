import { expect, test } from 'vitest'
import { type ConfigLayer, type ConfigValues, layerConfig } from './config-layers'
import { configProblems, type DatasetFacts, problemMessage } from './config-problems'
import { PRESET_CONFIGS, type PresetName } from './presets'

interface Given {
  preset?: PresetName
  file?: ConfigValues
  flags?: ConfigValues
  paths?: Record<string, unknown>
  dataset?: DatasetFacts
  isWholeFile?: boolean
  restated?: string[]
}

function problems({ preset = 'balanced', file = {}, flags = {}, paths = {}, dataset, isWholeFile = false, restated = [] }: Given) {
  const layers: ConfigLayer[] = [
    { source: 'preset', values: PRESET_CONFIGS[preset] },
    { source: 'file', values: file },
    { source: 'flag', values: flags, paths },
  ]
  const { config, ...rest } = layerConfig(layers)
  return configProblems(config, { ...rest, restated: new Set(restated), isWholeFile }, dataset ?? null)
}

const CLASSES: DatasetFacts = { classes: ['ant', 'bee', 'cat'], givenSplits: [] }

/** What is given, the setting it is refused at, and what is said. */
const REFUSED: [string, Given, string, RegExp][] = [
  ['epochs over stages', { preset: 'best', flags: { epochs: 10 } }, 'epochs', /^epochs 10 cannot hold: the stages have 5 \+ 10 \+ 10 = 25 epochs\.$/],
  ['a learning rate that every stage has', { preset: 'best', flags: { learning_rate: 0.1 } }, 'learning_rate', /^learning_rate 0.1 has no effect: every stage has its own learning_rate\.$/],
  ['a share to freeze that every stage has', { preset: 'best', flags: { freeze_ratio: 0.5 } }, 'freeze_ratio', /freeze is (all|stage)/],
  ['freezing that every stage has', { preset: 'best', flags: { freeze: 'none' } }, 'freeze', /every stage has its own freeze/],
  ['momentum with Adam', { flags: { momentum: 0.8 } }, 'momentum', /the optimizer is adam/],
  ['momentum with Adam, the usual', { flags: { momentum: 0.9 } }, 'momentum', /the optimizer is adam/],
  ['Nesterov with Adam', { flags: { nesterov: true } }, 'nesterov', /the optimizer is adam/],
  ['Nesterov without momentum', { flags: { optimizer: 'sgd', nesterov: true, momentum: 0 } }, 'nesterov', /momentum is 0/],
  ['beta1 with SGD', { flags: { optimizer: 'sgd', beta1: 0.8 } }, 'beta1', /sgd/],
  ['beta2 with SGD', { flags: { optimizer: 'sgd', beta2: 0.8 } }, 'beta2', /sgd/],
  ['what decays without decay', { flags: { weight_decay: 0, weight_decay_on: 'weights' } }, 'weight_decay_on', /weight_decay is 0/],
  ['patience of a cosine', { preset: 'guide-a', flags: { scheduler_patience: 2 } }, 'scheduler_patience', /the scheduler is cosine, and only plateau/],
  ['factor of a step', { flags: { scheduler: 'step', scheduler_factor: 0.2 } }, 'scheduler_factor', /the scheduler is step/],
  ['metric of no schedule', { flags: { scheduler: 'none', scheduler_metric: 'val_loss' } }, 'scheduler_metric', /the scheduler is none/],
  ['step size of a plateau', { flags: { scheduler_step_size: 2 } }, 'scheduler_step_size', /only step goes by it/],
  ['gamma of a plateau', { flags: { scheduler_gamma: 0.5 } }, 'scheduler_gamma', /only step goes by it/],
  ['lowest rate without schedule', { flags: { scheduler: 'none', minimum_learning_rate: 1e-6 } }, 'minimum_learning_rate', /never falls/],
  ['lowest rate above the first', { flags: { minimum_learning_rate: 0.1 } }, 'minimum_learning_rate', /learning_rate 0.0005 is below it/],
  ['gamma without focal', { flags: { focal_gamma: 3 } }, 'focal_gamma', /the loss is cross_entropy/],
  ['alpha without focal', { flags: { focal_alpha: 0.5 } }, 'focal_alpha', /the loss is cross_entropy/],
  ['beta without effective number', { flags: { effective_number_beta: 0.9 } }, 'effective_number_beta', /class_weights is none/],
  ['frozen batch norms where nothing is frozen', { preset: 'guide-a', flags: { frozen_batch_norm: 'update' } }, 'frozen_batch_norm', /nothing is frozen/],
  ['a share beside stages to freeze', { flags: { freeze: 'stage', freeze_ratio: 0.5 } }, 'freeze_ratio', /freeze is stage, not ratio/],
  ['a rate for a frozen backbone', { preset: 'guide-b', flags: { backbone_learning_rate: 1e-5 } }, 'backbone_learning_rate', /nothing of the backbone trains/],
  ['a rate for a backbone frozen by its share', { preset: 'fast', flags: { backbone_learning_rate: 1e-5 } }, 'backbone_learning_rate', /nothing of the backbone trains/],
  ['layer decay of a frozen backbone', { preset: 'guide-b', flags: { layer_decay: 0.9 } }, 'layer_decay', /nothing of the backbone trains/],
  ['augmentation switched off', { flags: { augment: false }, paths: { 'augmentation.rotation': 20 } }, 'augmentation.rotation', /augment is false/],
  ['MixUp switched off', { flags: { augment: false }, paths: { 'augmentation.mixup': 0.2 } }, 'augmentation.mixup', /augment is false/],
  ['CutMix switched off', { flags: { augment: false }, paths: { 'augmentation.cutmix': 1 } }, 'augmentation.cutmix', /augment is false/],
  ['a policy switched off', { flags: { augment: false, augmentation_policy: 'strong' } }, 'augmentation_policy', /augment is false/],
  ['views without augmentation', { flags: { augment: false, views: 3 } }, 'views', /augment is false/],
  ['more views than epochs', { flags: { views: 20 } }, 'views', /there are only 15 epochs/],
  ['crop amounts without crop', { paths: { 'augmentation.crop_scale': [0.5, 1] } }, 'augmentation.crop_scale', /random_resized_crop is off/],
  ['magnitude without RandAugment', { paths: { 'augmentation.rand_augment_magnitude': 5 } }, 'augmentation.rand_augment_magnitude', /rand_augment is 0/],
  ['erasing amounts without erasing', { paths: { 'augmentation.erasing_ratio': [1, 2] } }, 'augmentation.erasing_ratio', /random_erasing is 0/],
  ['MixUp of one picture', { flags: { batch_size: 1 }, paths: { 'augmentation.mixup': 0.2 } }, 'augmentation.mixup', /a batch of one picture/],
  ['one picture for a head that normalises over them', { flags: { batch_size: 1, head: 'deep' } }, 'batch_size', /^batch_size 1 is too small for head deep/],
  ['what early stopping watches without it', { preset: 'guide-d', flags: { early_stopping_metric: 'val_loss' } }, 'early_stopping_metric', /never stops early/],
  ['where the first stage starts from', { preset: 'best', paths: { 'stages.1.start_from': 'last' } }, 'stages.1.start_from', /before the first stage/],
  ['a stage’s own share beside its freezing', { preset: 'best', paths: { 'stages.1.freeze': 'all', 'stages.1.freeze_ratio': 0.5 } }, 'stages.1.freeze_ratio', /freeze is all/],
  ['a frozen stage’s rate for the backbone', { preset: 'best', paths: { 'stages.1.backbone_learning_rate': 1e-5 } }, 'stages.1.backbone_learning_rate', /nothing of the backbone trains/],
  ['ratios above 1', { flags: { train_ratio: 0.9, val_ratio: 0.3 } }, 'train_ratio', /add up to/],
  ['a ratio of pictures that are split', { flags: { val_ratio: 0.3 }, dataset: { classes: ['ant', 'bee'], givenSplits: ['train', 'val'] } }, 'val_ratio', /split already/],
  ['weights for another number of classes', { flags: { class_weights: [1, 2] }, dataset: CLASSES }, 'class_weights', /^class_weights 1, 2 has 2 numbers, but the pictures have 3 classes\.$/],
  ['weights of a class that there is not', { flags: { class_weights: { ant: 1, bea: 2, cat: 1 } }, dataset: CLASSES }, 'class_weights.bea', /names a class that the pictures do not have/],
  ['weights that leave a class out', { flags: { class_weights: { ant: 1, bee: 2 } }, dataset: CLASSES }, 'class_weights', /says nothing for cat/],
  ['alphas for another number of classes', { flags: { loss: 'focal', focal_alpha: [1, 2, 3, 4] }, dataset: CLASSES }, 'focal_alpha', /has 4 numbers/],
]

test.each(REFUSED)('%s is refused', (_, given, path, message) => {
  const errors = problems(given).filter(({ severity }) => severity === 'error')
  const found = errors.find((problem) => problem.path === path)
  expect(found, JSON.stringify(errors)).toBeDefined()
  expect(found === undefined ? '' : problemMessage(found)).toMatch(message)
  expect(found?.action.length).toBeGreaterThan(5)
})

/** The same values where they do something. */
const FINE: [string, Given][] = [
  ['nothing typed', {}],
  ['momentum with SGD', { flags: { optimizer: 'sgd', momentum: 0.8, nesterov: true } }],
  ['a learning rate that one stage takes', { file: { stages: [{ epochs: 2, learning_rate: 0.1 }, { epochs: 2 }] }, flags: { learning_rate: 0.01 } }],
  ['a patience that one stage takes', { preset: 'guide-a', file: { stages: [{ epochs: 20, scheduler: 'plateau' }, { epochs: 20 }] }, flags: { scheduler_patience: 2 } }],
  ['epochs that are the stages’', { preset: 'best', flags: { epochs: 25 } }],
  ['what early stopping watches, by --monitor', { preset: 'guide-d', flags: { monitor: 'val_loss', early_stopping_metric: 'val_loss' } }],
  ['a policy, and switching it off', { file: { augmentation_policy: 'strong', augmentation: { rotation: 1 } } }],
  ['weights for each class', { flags: { class_weights: { ant: 1, bee: 2, cat: 3 } }, dataset: CLASSES }],
  ['a rate for the layers after the frozen ones', { flags: { backbone_learning_rate: 1e-5 } }],
  ['neutral values', { preset: 'guide-b', flags: { backbone_learning_rate: null, layer_decay: 1, nesterov: false, views: null, focal_alpha: null } }],
  ['ratios of the preset, on pictures that are split', { preset: 'guide-b', dataset: { classes: ['ant', 'bee'], givenSplits: ['train', 'val'] } }],
]
test.each(FINE)('%s is fine', (_, given) => expect(problems(given)).toEqual([]))

test('a file’s value that a flag takes the sense of is said, not refused', () => {
  expect(problems({ file: { optimizer: 'sgd', momentum: 0.8 }, flags: { optimizer: 'adam' } })).toMatchObject([{ path: 'momentum', severity: 'note' }])
  expect(problems({ file: { augmentation: { rotation: 45 } }, flags: { augment: false } })).toMatchObject([{ path: 'augmentation.rotation', severity: 'note' }])
  expect(problems({ file: { augmentation: { rotation: 45 } }, flags: { augmentation_policy: 'strong' } })).toMatchObject([{ path: 'augmentation.rotation', value: 45, severity: 'note' }])
})

test('a file that contradicts itself or its preset is refused, one that was printed whole is not', () => {
  expect(problems({ file: { optimizer: 'adam', momentum: 0.8 } })).toMatchObject([{ path: 'momentum', severity: 'error' }])
  expect(problems({ file: { momentum: 0.8 } })).toMatchObject([{ path: 'momentum', severity: 'error' }])
  expect(problems({ file: { optimizer: 'adam', momentum: 0.8 }, isWholeFile: true })).toMatchObject([{ path: 'momentum', severity: 'note' }])
  expect(problems({ file: { optimizer: 'adam', momentum: 0.9 }, restated: ['momentum'] })).toEqual([])
  // Here it is only the preset that makes it idle, so that it was meant.
  expect(problems({ preset: 'best', file: { learning_rate: 5e-4 }, restated: ['learning_rate'] })).toMatchObject([{ path: 'learning_rate', severity: 'error' }])
})

test('what is probably not meant is said', () => {
  expect(problems({ flags: { sampler: 'class_balanced', class_weights: 'balanced' } })).toMatchObject([{ path: 'sampler', severity: 'note', reason: expect.stringContaining('count twice') as string }])
  expect(problems({ flags: { weights: 'none' } })).toMatchObject([{ path: 'weights', severity: 'note' }])
  expect(problems({ flags: { weights: 'none', freeze: 'none' } })).toEqual([])
})

test('epochs for a run with stages are shared out among them', () => {
  const [problem] = problems({ preset: 'best', flags: { epochs: 10 } })
  expect(problem?.action).toContain('--stage-epochs 2,4,4')
})
