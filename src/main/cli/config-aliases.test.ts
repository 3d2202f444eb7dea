import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addGuideOptions, ALIASES, chosenData, chosenParent, chosenPreset } from './config-aliases'
import { addConfigOptions, configFromOptions } from './config-options'
import { addPathOptions, pathsFromOptions } from './config-paths'

function command(): Command {
  const made = new Command().exitOverride().configureOutput({ writeErr() {} })
  addConfigOptions(made)
  addPathOptions(made)
  addGuideOptions(made)
  return made
}

function parse(...parameters: string[]) {
  const options = command().parse(parameters, { from: 'user' }).opts()
  const flags = configFromOptions(options)
  return { ...flags, ...pathsFromOptions(options, flags) }
}

/** The guides' command lines, option by option, and what each means here. */
const SPELLED: [string, object][] = [
  ['--train-ratio 0.7 --val-ratio 0.15 --test-ratio 0.15', { train_ratio: 0.7, val_ratio: 0.15, test_ratio: 0.15 }],
  ['--batch-size 32', { batch_size: 32 }],
  ['--num-workers 4', { num_workers: 4 }],
  ['--backbone resnet18', { backbone: 'resnet18' }],
  ['--pretrained', { weights: 'imagenet' }],
  ['--no-pretrained', { weights: 'none' }],
  ['--pretrained --weights imagenet1k_v1', { weights: 'imagenet1k_v1' }],
  ['--dropout 0.5', { dropout: 0.5 }],
  ['--freeze-backbone', { freeze: 'ratio', freeze_ratio: 1 }],
  ['--epochs 30', { epochs: 30 }],
  ['--optimizer adamw', { optimizer: 'adamw' }],
  ['--learning-rate 1e-3', { learning_rate: 1e-3 }],
  ['--weight-decay 1e-4', { weight_decay: 1e-4 }],
  ['--scheduler cosine', { scheduler: 'cosine' }],
  ['--scheduler step', { scheduler: 'step' }],
  ['--scheduler none', { scheduler: 'none' }],
  ['--early-stopping-patience 10', { early_stopping_patience: 10 }],
  ['--seed 42', { seed: 42 }],
  ['--lr 0.0005', { learning_rate: 5e-4 }],
  ['--freeze-ratio 0.7', { freeze_ratio: 0.7 }],
  ['--img-size 160', { image_size: 160 }],
  ['--model-name mobilenet_v3_small', { backbone: 'mobilenet_v3_small' }],
  ['--model resnet50', { backbone: 'resnet50' }],
  ['--workers 2', { num_workers: 2 }],
  ['--patience 3', { early_stopping_patience: 3 }],
  ['--min-lr 1e-7', { minimum_learning_rate: 1e-7 }],
  ['--momentum 0.9', { momentum: 0.9 }],
  ['--num-epochs 3', { epochs: 3 }],
  ['--wd 0.1', { weight_decay: 0.1 }],
]
test.each(SPELLED)('%s is read', (line, expected) => expect(parse(...line.split(' '))).toEqual(expected))

test('every other spelling is tried here, and none is in the list of options', () => {
  const tried = SPELLED.map(([line]) => line).join(' ')
  for (const { flag } of ALIASES) expect(tried).toContain(`${flag} `)
  const help = command().helpInformation()
  for (const { flag } of ALIASES) expect(help).not.toMatch(new RegExp(`^  ${flag} `, 'm'))
})

test('another spelling refuses by its own name, and two that disagree are refused', () => {
  expect(() => parse('--lr', 'fast')).toThrow('--lr expects a number from 0 to 10, but "fast" came.')
  expect(() => parse('--lr', '0.1', '--learning-rate', '0.2')).toThrow('--lr and --learning-rate are the same setting, but say 0.1 and 0.2.')
  expect(parse('--lr', '0.1', '--learning-rate', '0.1')).toEqual({ learning_rate: 0.1 })
  expect(() => parse('--no-pretrained', '--weights', 'imagenet')).toThrow('--no-pretrained and --weights are the same setting')
  expect(() => parse('--pretrained', '--weights', 'none')).toThrow('--pretrained and --weights are the same setting')
})

test('--fast is a preset', () => {
  expect(chosenPreset({ fast: true })).toBe('guide-a-fast')
  expect(chosenPreset({})).toBeNull()
  expect(() => chosenPreset({ fast: true, preset: 'best' })).toThrow('--fast means --preset guide-a-fast')
})

test('the folders of the guides are the pictures, and where the run is made', () => {
  expect(chosenData(undefined, { dataPath: 'd' })).toBe('d')
  expect(chosenData('d', {})).toBe('d')
  expect(() => chosenData('a', { dataPath: 'b' })).toThrow('The pictures are a and, by --data-path, b.')
  expect(chosenParent({ checkpointDir: 'c' })).toBe('c')
  expect(chosenParent({ outputPath: 'c', checkpointDir: 'c', logDir: 'l' })).toBe('c')
  expect(chosenParent({ logDir: 'l' })).toBeNull()
  expect(() => chosenParent({ outputPath: 'a', checkpointDir: 'b' })).toThrow('name different folders')
  expect(() => chosenParent({ outputPath: 'a', out: 'b' })).toThrow('only one of them can hold')
})

const SET: [string[], object][] = [
  [['--set', 'augmentation.rotation=30'], { 'augmentation.rotation': 30 }],
  [['--set', 'augmentation.scale=0.8,1.2'], { 'augmentation.scale': [0.8, 1.2] }],
  [['--set', 'augmentation.scale=[0.8, 1.2]'], { 'augmentation.scale': [0.8, 1.2] }],
  [['--set', 'augmentation={rotation: 1, hue: 0.1}'], { 'augmentation.rotation': 1, 'augmentation.hue': 0.1 }],
  [['--set', 'stages.2.learning_rate=1e-4', '--set', 'stages.1.freeze=all'], { 'stages.2.learning_rate': 1e-4, 'stages.1.freeze': 'all' }],
  [['--set', 'gradient_clipping=null'], { gradient_clipping: null }],
  [['--set', 'class-weights={ant: 1, bee: 2}'], { class_weights: { ant: 1, bee: 2 } }],
  [['--stage-epochs', '2,4,4'], { 'stages.1.epochs': 2, 'stages.2.epochs': 4, 'stages.3.epochs': 4 }],
  [['--class-weights', 'ant=1,bee=2.5'], { class_weights: { ant: 1, bee: 2.5 } }],
  [['--class-weights', '1,2.5'], { class_weights: [1, 2.5] }],
  [['--class-weights', 'balanced'], { class_weights: 'balanced' }],
  [['--focal-alpha', '0.25'], { focal_alpha: 0.25 }],
  [['--batch-size', 'auto'], { batch_size: 'auto' }],
  [['--gradient-clipping', 'none'], { gradient_clipping: null }],
  [['--freeze', 'conv1,layer1'], { freeze: ['conv1', 'layer1'] }],
  [['--nesterov'], { nesterov: true }],
  [['--augmentation-policy', 'strong', '--ema-decay', '0.99', '--warmup-steps', '100', '--backbone-learning-rate', '1e-5', '--loss', 'focal', '--sampler', 'class_balanced'],
    { augmentation_policy: 'strong', ema_decay: 0.99, warmup_steps: 100, backbone_learning_rate: 1e-5, loss: 'focal', sampler: 'class_balanced' }],
]
test.each(SET)('%j is read', (parameters, expected) => expect(parse(...parameters)).toEqual(expected))

const SET_REFUSED: [string[], string][] = [
  [['--set', 'rotation=30'], 'There is no setting "rotation".'],
  [['--set', 'augmentation.rotaton=30'], 'There is no setting "augmentation.rotaton".'],
  [['--set', 'stages.0.epochs=3'], 'stages are counted from 1'],
  [['--set', 'stages.1.epoch=3'], 'There is no setting "stages.1.epoch".'],
  [['--set', 'epochs=many'], '--set epochs expects a whole number from 1 to 10000, but "many" came.'],
  [['--set', 'augmentation.scale=2,1'], '--set augmentation.scale expected the smaller number first'],
  [['--set', 'epochs'], '--set expects a setting and its value, but "epochs" came.'],
  [['--set', 'epochs=3', '--epochs', '4'], 'epochs is 4 by --epochs and 3 by --set epochs.'],
  [['--stage-epochs', '2,3', '--set', 'stages.1.epochs=4'], 'stages.1.epochs is 2 by --stage-epochs and 4 by --set stages.1.epochs.'],
  [['--stage-epochs', '2,0'], '--stage-epochs expects a whole number from 1 to 10000 for each stage, but "2,0" came.'],
  [['--class-weights', 'heavy'], '--class-weights expects one of none, balanced, effective_number'],
  [['--batch-size', 'Auto'], '--batch-size expects a whole number from 1 to 1024, or auto, but "Auto" came.'],
]
test.each(SET_REFUSED)('%j is refused', (parameters, message) => expect(() => parse(...parameters)).toThrow(message))
