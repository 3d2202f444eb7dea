import { expect, test } from 'vitest'
import { stageSchema } from '../../../shared/domain/stages'
import { changeRows } from './change-rows'

test('each change says what it was and is, the parts of the augmentation one by one', () => {
  const stages = [stageSchema.parse({ epochs: 2 })]
  const rows = changeRows({ preset: 'balanced', changes: { learning_rate: 1e-3, batch_size: 'auto', freeze: 'all', stages, augmentation: { rotation: 30, scale: [0.9, 1.1] } } })
  expect(rows.map(({ label, words }) => `${label}: ${words}`)).toEqual([
    'Learning rate: 0.0005 → 0.001',
    'Batch size: 16 → auto',
    'Freezing: by ratio → all',
    'Stages: one stage → 1 stage',
    'Rotation: 10 → 30',
    'Size: 1 – 1 → 0.9 – 1.1',
  ])
  expect(changeRows({ preset: 'best', changes: { stages: [...stages, ...stages, ...stages] } })[0]?.words).toBe('3 stages, changed')
})

test('a policy is where amounts are counted from', () => {
  const rows = changeRows({ preset: 'balanced', changes: { augmentation_policy: 'medium', augmentation: { rotation: 40 } } })
  expect(rows.map(({ words }) => words)).toEqual(['by itself → medium', '15 → 40'])
})
