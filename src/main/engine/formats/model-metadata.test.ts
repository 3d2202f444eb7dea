import { expect, test } from 'vitest'
import { readModelMetadata } from './model-metadata'

test.each([
  ['a list', { class_names: ['ant', 'bee'] }],
  ['ImageFolder’s class_to_idx', { class_to_idx: { bee: 1, ant: 0 } }],
  ['idx_to_class', { idx_to_class: { '0': 'ant', '1': 'bee' } }],
  ['nested in the script’s settings', { config: { classes: ['ant', 'bee'] } }],
  ['under a name of the script’s own', { my_label_map: { ant: 0, bee: 1 } }],
  ['two levels down', { config: { dataset: { class_names: ['ant', 'bee'] } } }],
  ['the same list twice', { classes: ['ant', 'bee'], idx_to_class: { '0': 'ant', '1': 'bee' } }],
  ['JSON in a safetensors header', { classes: '["ant","bee"]' }],
])('class names: %s', (_, metadata) => {
  expect(readModelMetadata(metadata).classLists).toEqual([['ant', 'bee']])
})

test.each([
  ['a number of classes', { classes: 2 }],
  ['indices with a gap', { idx_to_class: { '0': 'ant', '2': 'bee' } }],
  ['nothing', {}],
])('class names are not made up from %s', (_, metadata) => {
  expect(readModelMetadata(metadata).classLists).toEqual([])
})

test('a guide’s checkpoint', () => {
  const read = readModelMetadata({ epoch: 7, val_f1: 0.91, model_name: 'resnet50', num_classes: 12, img_size: [224, 224], optimizer: { lr: 1 } })
  expect(read).toMatchObject({ epoch: 7, imageSize: 224, classLists: [], mean: null, notes: [] })
  expect([...read.metrics]).toEqual([['val_f1', 0.91]])
})

test('sizes and epochs that cannot be are passed over', () => {
  expect(readModelMetadata({ epoch: -1, image_size: 'large', img_size: 3, mean: [0.5, 0.5] })).toMatchObject({ epoch: null, imageSize: null, mean: null })
})

test('every list of class names is given, the most usual name first', () => {
  const read = readModelMetadata({ class_to_idx: { ant: 0, bee: 1, wasp: 2 }, class_names: ['ant', 'bee'], meta: { classnames: ['x'] } })
  expect(read.classLists).toEqual([['ant', 'bee'], ['ant', 'bee', 'wasp'], ['x']])
})

test.each([
  [[3, 224, 224], 224, 0],
  [[224, 224, 3], 224, 0],
  [[1, 3, 96, 96], 96, 0],
  [[64, 48], 48, 1],
  [[3, 64, 48], 48, 1],
] as const)('input_size %j is %i, with %i notes', (input_size, imageSize, notes) => {
  const read = readModelMetadata({ input_size })
  expect(read.imageSize).toBe(imageSize)
  expect(read.notes).toHaveLength(notes)
})

test('one number of normalisation stands for all three, and it is found where scripts nest it', () => {
  expect(readModelMetadata({ config: { normalization: { mean: [0.5], std: 0.25 } } })).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] })
})
