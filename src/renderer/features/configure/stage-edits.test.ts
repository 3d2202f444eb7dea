import { expect, test } from 'vitest'
import { PRESET_CONFIGS } from '../../../shared/domain/presets'
import { DEFAULT_RUN_CONFIG, runConfigSchema } from '../../../shared/domain/run-config'
import { stageSchema, totalEpochs } from '../../../shared/domain/stages'
import { inThree, ownKeys, withAnother, withCopy, withEpochs, withFreezing, withMoved, withoutStage, withValue } from './stage-edits'

const THREE = [1, 2, 3].map((epochs) => stageSchema.parse({ name: `s${epochs}`, epochs, freeze: 'all' }))
const names = (stages: readonly { name: string | null }[]): (string | null)[] => stages.map(({ name }) => name)

test('a stage is added after the run’s own training, and after the last', () => {
  const [own, added] = withAnother(DEFAULT_RUN_CONFIG)
  expect(own).toEqual(stageSchema.parse({ epochs: DEFAULT_RUN_CONFIG.epochs }))
  expect(added).toMatchObject({ freeze: 'none', learning_rate: 5e-5 })
  expect(withAnother(runConfigSchema.parse({ stages: THREE }))).toHaveLength(4)
})

test('three stages share the epochs out and are those of the presets', () => {
  const stages = inThree({ ...DEFAULT_RUN_CONFIG, epochs: 25 })
  expect(stages).toEqual(PRESET_CONFIGS.best.stages)
  expect(totalEpochs({ epochs: 0, stages: inThree({ ...DEFAULT_RUN_CONFIG, epochs: 4 }) })).toBe(4)
  expect(inThree({ ...DEFAULT_RUN_CONFIG, epochs: 1 }).map(({ epochs }) => epochs)).toEqual([1, 1, 1])
})

test('stages are moved, copied and removed', () => {
  expect(names(withMoved(THREE, 0, 2))).toEqual(['s2', 's3', 's1'])
  expect(names(withMoved(THREE, 2, -1))).toEqual(['s3', 's1', 's2'])
  expect(names(withMoved(THREE, 1, 9))).toEqual(['s1', 's3', 's2'])
  expect(names(withCopy(THREE, 1))).toEqual(['s1', 's2', 's2 again', 's3'])
  expect(names(withoutStage(THREE, 0))).toEqual(['s2', 's3'])
})

test('a value of its own is given and taken back', () => {
  const own = withValue(THREE, 1, 'learning_rate', 1e-3)
  expect(own[1]?.learning_rate).toBe(1e-3)
  expect(ownKeys(withValue(own, 1, 'learning_rate', undefined)[1] ?? THREE[0]!).has('learning_rate')).toBe(false)
  // The same for all is something else than the run's.
  expect(withValue(THREE, 1, 'backbone_learning_rate', null)[1]?.backbone_learning_rate).toBeNull()
})

test('a ratio goes where it means nothing', () => {
  const half = withFreezing(THREE, 0, { freeze: 'ratio', freeze_ratio: 0.5 })
  expect(half[0]).toMatchObject({ freeze: 'ratio', freeze_ratio: 0.5 })
  expect(withFreezing(half, 0, { freeze_ratio: 0.7 })[0]).toMatchObject({ freeze: 'ratio', freeze_ratio: 0.7 })
  expect(ownKeys(withFreezing(half, 0, { freeze: 'none' })[0]!).has('freeze_ratio')).toBe(false)
  expect([...ownKeys(withFreezing(half, 0, undefined)[0]!)].filter((key) => key.startsWith('freeze'))).toEqual([])
})

test('typed epochs are shared out, to the epoch', () => {
  for (const epochs of [3, 7, 40, 41]) expect(withEpochs(THREE, epochs).reduce((sum, stage) => sum + stage.epochs, 0), String(epochs)).toBe(epochs)
})
