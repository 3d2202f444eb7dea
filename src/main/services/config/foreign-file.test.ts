import { expect, test } from 'vitest'
import { GraftError } from '../../../shared/domain/error'
import { requireClasses } from './chosen-config'
import { parseConfigText } from './config-file'
import { combineConfig, requireSound } from './run-config'

const PARAMS = `model_name: mobilenet_v3_small
epochs: 5
batch_size: 8
lr: 0.0003
freeze_ratio: 0.8
seed: 7
img_size: 160
classes: ["ant", "bee"]
`

const PIPELINE = `model:
  name: efficientnet-b0
  num_classes: 3
  pretrained: true
  dropout: 0.25
training:
  loss: focal
  learning_rate: 1e-3
  weight_decay: "1e-4"
  batch_size: 64
  epochs: 12
`

const resolved = (text: string) => combineConfig({ preset: null, file: parseConfigText(text, 'p.yaml'), flags: {} })

function failure(work: () => unknown): GraftError {
  try {
    work()
  } catch (error) {
    if (error instanceof GraftError) return error
    throw error
  }
  throw new Error('Nothing was refused')
}

test('a flat params.yaml is read over guide E', () => {
  const { preset, config, origin, expected, notes } = resolved(PARAMS)
  expect(preset).toBe('guide-e')
  expect(config).toMatchObject({ backbone: 'mobilenet_v3_small', epochs: 5, batch_size: 8, learning_rate: 3e-4, freeze: 'ratio', freeze_ratio: 0.8, seed: 7, image_size: 160, weights: 'imagenet1k_v1', scheduler_patience: 3 })
  expect(origin.sources).toMatchObject({ learning_rate: 'file', image_size: 'file', scheduler_patience: 'preset' })
  expect(expected).toEqual({ names: ['ant', 'bee'], count: 2, place: 'p.yaml, line 8, column 10' })
  expect(notes).toEqual([])
})

test('sections model and training are read over guide D', () => {
  const { preset, config, origin, expected } = resolved(PIPELINE)
  expect(preset).toBe('guide-d')
  expect(config).toMatchObject({ backbone: 'efficientnet_b0', weights: 'imagenet', dropout: 0.25, loss: 'focal', learning_rate: 1e-3, weight_decay: 1e-4, batch_size: 64, epochs: 12, scheduler: 'plateau', scheduler_patience: 5 })
  expect(origin.sources).toMatchObject({ backbone: 'file', weights: 'file', loss: 'file' })
  expect(expected).toEqual({ names: null, count: 3, place: 'p.yaml, line 3, column 16' })
})

test('words of PyTorch are known, a random start and frozen features too', () => {
  const { config } = resolved('model: {name: MobileNetV2, pretrained: false, freeze_backbone: false}\ntraining: {loss: CrossEntropyLoss, optimizer: AdamW, scheduler: ReduceLROnPlateau, num_epochs: 3, patience: 2}\n')
  expect(config).toMatchObject({ backbone: 'mobilenet_v2', weights: 'none', freeze: 'none', loss: 'cross_entropy', optimizer: 'adamw', scheduler: 'plateau', epochs: 3, early_stopping_patience: 2 })
})

test('sections of other steps of a pipeline are left out, and that is said', () => {
  const { notes, config } = resolved(`preprocess:\n  blur: 0.5\n${PARAMS}evaluate:\n  split: val\n`)
  expect(notes).toEqual([expect.stringMatching(/^p\.yaml, line 1, column 1: the section "preprocess" is not about a training/), expect.stringMatching(/^p\.yaml, line 11, column 1: the section "evaluate"/)])
  expect(config.epochs).toBe(5)
})

test('a section data beside them gives settings and classes; which folder, the command line says', () => {
  const { notes, config, expected } = resolved('data:\n  root: /pictures\n  image_size: 160\n  batch_size: 8\n  val_ratio: 0.2\n  classes: [ant, bee]\nmodel:\n  name: resnet18\n')
  expect(config).toMatchObject({ backbone: 'resnet18', image_size: 160, batch_size: 8, val_ratio: 0.2 })
  expect(expected).toEqual({ names: ['ant', 'bee'], count: 2, place: 'p.yaml, line 6, column 12' })
  expect(notes).toEqual(['p.yaml, line 2, column 3: data.root is left out: the pictures are those of the folder that you name.'])
  expect(resolved('dataset: pictures/\ntraining: {epochs: 3}\n').notes).toEqual(['p.yaml, line 1, column 1: dataset is left out: the pictures are those of the folder that you name.'])
})

test('Graft’s own settings may stand beside theirs', () => {
  const { config } = resolved(`${PARAMS}augmentation:\n  rotation: 3\noptimizer: sgd\n`)
  expect(config).toMatchObject({ optimizer: 'sgd', augmentation: { rotation: 3, horizontal_flip: 0.5 } })
})

const REFUSED: [string, string, string][] = [
  ['model_name: resnet18\nlr: fast', 'p.yaml, line 2, column 5: lr expects a number from 0 to 10, but "fast" came.', 'Correct'],
  ['model_name: resnet18\nlr: 0.1\nlearning_rate: 0.2', 'p.yaml, line 3, column 1: learning_rate is learning_rate, which p.yaml, line 2, column 1 says already.', 'Say it once.'],
  ['model_name: resnet18\nfreezeratio: 0.1', 'p.yaml, line 2, column 1: "freezeratio" is nothing that Graft knows.', 'Did you mean freeze_ratio?'],
  ['model_name: resnet18\nblur_sigma_of_lens: 3', 'p.yaml, line 2, column 1: "blur_sigma_of_lens" is nothing', 'Take it out'],
  ['model_name: resnet18\ntrainer:\n  lr: 3', 'p.yaml, line 2, column 1: "trainer" is nothing', 'Take it out'],
  ['model_name: resnet18\nclasses: ant', 'p.yaml, line 2, column 10: classes expects the names of two or more classes.', 'Write them as a list'],
  ['model_name: resnet18\nclasses: [ant, ant]', 'p.yaml, line 2, column 10: classes names "ant" twice.', 'Name each class once.'],
  ['model:\n  name: resnet18\n  hidden: 3', 'p.yaml, line 3, column 3: "model.hidden" is nothing', 'Take it out'],
  ['model:\n  pretrained: 1', 'p.yaml, line 2, column 15: model.pretrained expects true or false.', 'Write true or false.'],
  ['model:\n  num_classes: many', 'p.yaml, line 2, column 16: model.num_classes expects a whole number of 2 or more.', 'Give the number'],
  ['training:\n  loss: hinge', 'p.yaml, line 2, column 9: training.loss expects one of cross_entropy, focal, but "hinge" came.', 'Correct'],
  ['training:\n  batch_sise: 3', 'p.yaml, line 2, column 3: "training.batch_sise" is nothing', 'Did you mean batch_size?'],
  ['data:\n  fold: 3\nmodel:\n  name: resnet18', 'p.yaml, line 2, column 3: "data.fold" is nothing', 'Take it out'],
  ['training:\n  scheduler: {factor: 0.5}', 'p.yaml, line 2, column 14: training.scheduler expects one of none, cosine, step, plateau, but a section came.', 'Correct'],
]
test.each(REFUSED)('%j is refused with its place', (text, message, action) => {
  const error = failure(() => parseConfigText(text, 'p.yaml'))
  expect(error.message.slice(0, message.length)).toBe(message)
  expect(error.action?.slice(0, action.length)).toBe(action)
})

test('a mixture that cannot hold is refused at the key of the file', () => {
  const error = failure(() => requireSound(resolved('model_name: resnet18\nscheduler: cosine\nscheduler_patience: 3'), null))
  expect(error.message).toContain('p.yaml, line 3, column 1: scheduler_patience 3 has no effect')
  const foreign = failure(() => requireSound(combineConfig({ preset: 'best', file: parseConfigText('model_name: resnet18\nlr: 0.1', 'p.yaml'), flags: {} }), null))
  expect(foreign.message).toContain('p.yaml, line 2, column 1: learning_rate 0.1 has no effect: every stage has its own')
})

test.each<[string[], string, string]>([
  [['ant', 'bea'], 'p.yaml, line 8, column 10: there is no class "bee"', 'Did you mean bea?'],
  [['ant', 'bee', 'cat'], 'p.yaml, line 8, column 10: cat is a class of the pictures, but not of the file.', 'Add it'],
])('classes %j are held against the file', (classes, message, action) => {
  const error = failure(() => requireClasses(resolved(PARAMS).expected, classes))
  expect(error.message.slice(0, message.length)).toBe(message)
  expect(error.action?.slice(0, action.length)).toBe(action)
})

test('the number of classes is held against the pictures', () => {
  expect(failure(() => requireClasses(resolved(PIPELINE).expected, ['a', 'b'])).message).toContain('p.yaml, line 3, column 16: 3 classes were expected, but the pictures have 2.')
  requireClasses(resolved(PIPELINE).expected, ['a', 'b', 'c'])
  requireClasses(resolved(PARAMS).expected, ['ant', 'bee'])
})
