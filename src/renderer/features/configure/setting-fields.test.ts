import { expect, test } from 'vitest'
import { augmentationSchema, DEFAULT_RUN_CONFIG, runConfigSchema } from '../../../shared/domain/run-config'
import { AUGMENT_SETTINGS, AUGMENTATION_SETTINGS, fieldBounds, helpOf, NETWORK_SETTINGS, rangeWords, SCHEDULE_SETTINGS, TRAINING_SETTINGS } from './setting-fields'

test('every setting of a run has its place on the screen', () => {
  const drawnApart = ['backbone', 'weights', 'head', 'freeze', 'freeze_ratio', 'train_ratio', 'val_ratio', 'test_ratio', 'seed', 'augmentation']
  const drawn = [...NETWORK_SETTINGS, ...TRAINING_SETTINGS, ...SCHEDULE_SETTINGS, ...AUGMENT_SETTINGS].map(({ key }) => key)
  expect([...drawn, ...drawnApart].sort()).toEqual(Object.keys(runConfigSchema.shape).sort())
  expect(AUGMENTATION_SETTINGS.map(({ key }) => key).sort()).toEqual(Object.keys(augmentationSchema.shape).sort())
})

test('every setting has a line of help', () => {
  for (const { key } of [...NETWORK_SETTINGS, ...TRAINING_SETTINGS, ...SCHEDULE_SETTINGS, ...AUGMENT_SETTINGS, ...AUGMENTATION_SETTINGS]) expect(helpOf(key), key).not.toBe('')
})

test('bounds are the schema’s', () => {
  expect(fieldBounds('dropout')).toEqual({ low: 0, high: 0.95, isWhole: false, isOptional: true })
  expect(fieldBounds('epochs')).toEqual({ low: 1, high: 10_000, isWhole: true, isOptional: false })
  expect(rangeWords(fieldBounds('epochs'))).toBe('1 to 10,000')
  expect(rangeWords(fieldBounds('early_stopping_patience'))).toBe('0 or more')
  expect(rangeWords(fieldBounds('hue'))).toBe('0 to 0.5')
})

test('a setting without effect says why', () => {
  const momentum = TRAINING_SETTINGS.find(({ key }) => key === 'momentum')
  expect(momentum?.idle?.(DEFAULT_RUN_CONFIG)).toBe('Used with SGD only')
  expect(momentum?.idle?.({ ...DEFAULT_RUN_CONFIG, optimizer: 'sgd' })).toBeNull()
})
