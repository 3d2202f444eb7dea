import { expect, test } from 'vitest'
import { POLICY_AUGMENTATIONS } from '../../../shared/domain/augmentation'
import { DEFAULT_RUN_CONFIG, runConfigSchema } from '../../../shared/domain/run-config'
import { augmentationWords, groupKeys, GROUPS } from './group-summaries'

test('every setting but the stages is in one group', () => {
  const keys = GROUPS.flatMap(groupKeys)
  expect([...keys, 'stages'].sort()).toEqual(Object.keys(runConfigSchema.shape).sort())
  expect(new Set(keys).size).toBe(keys.length)
})

test('an augmentation is said by its parts', () => {
  expect(augmentationWords(DEFAULT_RUN_CONFIG)).toBe('flips, turns and shifts, colour')
  expect(augmentationWords({ ...DEFAULT_RUN_CONFIG, augment: false })).toBe('off')
  expect(augmentationWords({ augment: true, augmentation_policy: 'strong', augmentation: POLICY_AUGMENTATIONS.strong })).toBe('strong · flips, turns and shifts, crops, colour, RandAugment, erasing')
})
