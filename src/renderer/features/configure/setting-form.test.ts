import { expect, test } from 'vitest'
import type { RunRecord } from '../../../shared/domain/run'
import { runConfigSchema } from '../../../shared/domain/run-config'
import { comparableRun, openWords, ownStages } from './setting-form'

const record = (part: Partial<RunRecord>) => ({ origin: 'trained', status: 'completed', dataset_root: '/oaks', backbone: 'resnet18', name: 'oak', resolved: { batch_size: 24 }, ...part }) as unknown as RunRecord

test('an open value says what it means, and what it became in the newest run on the same pictures', () => {
  const config = runConfigSchema.parse({ batch_size: 'auto', backbone: 'resnet18' })
  expect(openWords({ config, lastRun: null }, 'batch_size')).toBe('the largest that fits in memory, up to 64: measured at the start')
  const runs = [record({ status: 'training', name: 'live' }), record({ dataset_root: '/elms', name: 'elm' }), record({}), record({ name: 'older', resolved: { batch_size: 8 } })]
  const lastRun = comparableRun(runs, '/oaks', 'resnet18')
  expect(openWords({ config, lastRun }, 'batch_size')).toBe('the largest that fits in memory, up to 64: measured at the start · measured: 24 in oak')
  expect(openWords({ config, lastRun }, 'learning_rate')).toBeNull()
  expect(comparableRun(runs, '/oaks', 'resnet50')).toBeNull()
})

test('a setting of the run says which stages do not go by it', () => {
  const config = runConfigSchema.parse({ stages: [{ name: 'Head', freeze: 'all', learning_rate: 1e-3 }, { freeze: 'none' }] })
  expect(ownStages(config, 'freeze')).toEqual({ words: 'Every stage has its own', isAll: true })
  expect(ownStages(config, 'learning_rate')).toEqual({ words: 'Head has its own', isAll: false })
  expect(ownStages(config, 'scheduler')).toBeNull()
  expect(ownStages(config, 'batch_size')).toBeNull()
})
