import { expect, test } from 'vitest'
import { augmentationSchema, DEFAULT_RUN_CONFIG, runConfigSchema } from '../../../shared/domain/run-config'
import { STAGE_SETTINGS } from '../../../shared/domain/stages'
import { fieldBounds, helpOf, rangeWords, valueWords } from './setting-fields'
import { AUGMENTATION_SETTINGS, labelOf, RUN_SETTINGS, settingAt } from './setting-tables'
import { STAGE_FIELDS } from './stage-edits'

test('every setting of a run has its place on the screen', () => {
  const drawnApart = ['backbone', 'weights', 'head', 'freeze', 'freeze_ratio', 'stages', 'class_weights', 'focal_alpha', 'train_ratio', 'val_ratio', 'test_ratio', 'seed', 'augmentation_policy', 'augmentation']
  const drawn = RUN_SETTINGS.map(({ key }) => key)
  expect([...drawn, ...drawnApart].sort()).toEqual(Object.keys(runConfigSchema.shape).sort())
  expect(AUGMENTATION_SETTINGS.map(({ key }) => key).sort()).toEqual(Object.keys(augmentationSchema.shape).sort())
})

test('every setting that a stage may have of its own has its place in the stage', () => {
  const drawnApart = ['freeze', 'freeze_ratio']
  expect([...STAGE_FIELDS.map(({ key }) => key), ...drawnApart].sort()).toEqual([...STAGE_SETTINGS].sort())
})

test('every setting has a line of help and a name', () => {
  for (const { key } of [...RUN_SETTINGS, ...AUGMENTATION_SETTINGS, ...STAGE_FIELDS]) {
    expect(helpOf(key), key).not.toBe('')
  }
  for (const key of Object.keys(runConfigSchema.shape).filter((name) => name !== 'augmentation')) expect(labelOf(key), key).not.toBe(key)
  expect(labelOf('stages.2.learning_rate')).toBe('Stage 2: learning rate')
})

test('bounds are the schema’s', () => {
  expect(fieldBounds('dropout')).toEqual({ low: 0, high: 0.95, isWhole: false, isOptional: true })
  expect(fieldBounds('epochs')).toEqual({ low: 1, high: 10_000, isWhole: true, isOptional: false })
  expect(fieldBounds('batch_size')).toEqual({ low: 1, high: 1024, isWhole: true, isOptional: false })
  expect(fieldBounds('crop_scale')).toEqual({ low: 0.01, high: 1, isWhole: false, isOptional: false })
  expect(fieldBounds('class_weights')).toMatchObject({ low: 0 })
  expect(rangeWords(fieldBounds('epochs'))).toBe('1 to 10,000')
  expect(rangeWords(fieldBounds('early_stopping_patience'))).toBe('0 or more')
  expect(rangeWords(fieldBounds('hue'))).toBe('0 to 0.5')
  expect(rangeWords(fieldBounds('ema_decay'))).toBe('above 0, below 1')
  expect(rangeWords(fieldBounds('gradient_clipping'))).toBe('above 0, at most 1,000,000')
})

test('a setting without effect says why', () => {
  const momentum = settingAt('momentum')
  expect(momentum?.idle?.(DEFAULT_RUN_CONFIG)).toBe('Used with SGD only')
  expect(momentum?.idle?.({ ...DEFAULT_RUN_CONFIG, optimizer: 'sgd' })).toBeNull()
  expect(settingAt('augmentation.crop_scale')?.idle?.(DEFAULT_RUN_CONFIG)).toBe('Random crops are off')
  const staged = runConfigSchema.parse({ scheduler: 'none', stages: [{ scheduler: 'step' }] })
  expect(settingAt('scheduler_gamma')?.idle?.(staged)).toBeNull()
})

test('values are put as a person reads them', () => {
  expect(valueWords(settingAt('optimizer'), 'adamw')).toBe('AdamW')
  expect(valueWords(settingAt('augmentation.scale'), [0.9, 1.1])).toBe('0.9 – 1.1')
  expect(valueWords(settingAt('batch_size'), 'auto')).toBe('auto')
  expect(valueWords(settingAt('views'), null)).toBe('by itself')
})
