import { expect, test } from 'vitest'
import { presetConfig } from '../../state/draft'
import { settingRows } from './setting-rows'

test('each setting says where it came from, and an open one what it became', () => {
  const config = { ...presetConfig('best'), batch_size: 'auto' as const, dropout: null, momentum: 0.5 }
  const rows = new Map(settingRows(config, { preset: 'best', resolved: { batch_size: 32, weights: 'imagenet1k_v1' } }).map((row) => [row.path, row]))
  expect(rows.get('batch_size')).toEqual({ path: 'batch_size', label: 'Batch size', value: 'auto', source: 'measured', became: '32' })
  expect(rows.get('weights')).toMatchObject({ value: 'imagenet', became: 'imagenet1k_v1' })
  expect(rows.get('optimizer')).toMatchObject({ value: 'AdamW', source: 'preset', became: null })
  expect(rows.get('momentum')).toMatchObject({ value: '0.5', source: 'changed' })
  expect(rows.get('beta1')).toMatchObject({ source: 'default' })
  expect(rows.get('dropout')).toMatchObject({ value: 'open' })
  expect(rows.get('stages.2.learning_rate')).toMatchObject({ label: 'Stage 2: learning rate', value: '0.0001', source: 'preset' })
  expect(rows.get('augmentation.rotation')?.label).toBe('Rotation')
})
