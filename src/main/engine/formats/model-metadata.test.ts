import { expect, test } from 'vitest'
import { readModelMetadata } from './model-metadata'

test.each([
  ['a list', { class_names: ['ant', 'bee'] }],
  ['ImageFolder’s class_to_idx', { class_to_idx: { bee: 1, ant: 0 } }],
  ['idx_to_class', { idx_to_class: { '0': 'ant', '1': 'bee' } }],
  ['nested in the script’s settings', { config: { classes: ['ant', 'bee'] } }],
  ['JSON in a safetensors header', { classes: '["ant","bee"]' }],
])('class names: %s', (_, metadata) => {
  expect(readModelMetadata(metadata).classes).toEqual(['ant', 'bee'])
})

test.each([
  ['a number of classes', { classes: 2 }],
  ['indices with a gap', { idx_to_class: { '0': 'ant', '2': 'bee' } }],
  ['nothing', {}],
])('class names are not made up from %s', (_, metadata) => {
  expect(readModelMetadata(metadata).classes).toBeNull()
})

test('a guide’s checkpoint', () => {
  const read = readModelMetadata({ epoch: 7, val_f1: 0.91, model_name: 'resnet50', num_classes: 12, img_size: [224, 224], optimizer: { lr: 1 } })
  expect(read).toMatchObject({ epoch: 7, imageSize: 224, classes: null, mean: null })
  expect([...read.metrics]).toEqual([['val_f1', 0.91]])
})

test('sizes and epochs that cannot be are passed over', () => {
  expect(readModelMetadata({ epoch: -1, image_size: 'large', img_size: 3, mean: [0.5, 0.5] })).toMatchObject({ epoch: null, imageSize: null, mean: null })
})
