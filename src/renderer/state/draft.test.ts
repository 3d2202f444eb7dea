import { beforeEach, expect, test } from 'vitest'
import { POLICY_AUGMENTATIONS } from '../../shared/domain/augmentation'
import { PRESET_CONFIGS } from '../../shared/domain/presets'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { choosePolicy, choosePreset, draftConfig, draftFrom, draftFromModel, resetAugmentation, resetSetting, setAugmentation, setSetting, setStages, useDraft } from './draft'

beforeEach(() => useDraft.setState({ preset: 'balanced', changes: {}, name: '', copiedFrom: null }))

test('a draft without changes is its preset over the defaults', () => {
  expect(draftConfig(useDraft.getState(), null)).toEqual({ ...DEFAULT_RUN_CONFIG, ...PRESET_CONFIGS.balanced })
})

test('a value set back to the preset is no change', () => {
  setSetting('epochs', 40)
  expect(useDraft.getState().changes).toEqual({ epochs: 40 })
  setSetting('epochs', 15)
  expect(useDraft.getState().changes).toEqual({})
  setSetting('augmentation', { ...DEFAULT_RUN_CONFIG.augmentation, rotation: 30 })
  resetSetting('augmentation')
  expect(useDraft.getState().changes).toEqual({})
})

test('another preset keeps what was changed by hand, unless it is what that preset says anyway', () => {
  setSetting('epochs', 10)
  setSetting('dropout', 0.5)
  choosePreset('fast')
  expect(useDraft.getState().changes).toEqual({ dropout: 0.5 })
  expect(draftConfig(useDraft.getState(), null)).toMatchObject({ epochs: 10, freeze_ratio: 1, dropout: 0.5 })
})

test('a run that is duplicated comes back with all its settings', () => {
  const config = { ...DEFAULT_RUN_CONFIG, ...PRESET_CONFIGS.fast, learning_rate: 2e-3, views: null }
  draftFrom(config, 'fast', 'oak')
  expect(draftConfig(useDraft.getState(), null)).toEqual(config)
  expect(useDraft.getState()).toMatchObject({ preset: 'fast', name: 'oak copy', copiedFrom: 'oak' })
  draftFrom(config, null, 'x'.repeat(200))
  expect(draftConfig(useDraft.getState(), null)).toEqual(config)
  expect(useDraft.getState().name).toHaveLength(200)
})

test('a model to train on from changes what it is and nothing of how it is trained', () => {
  setSetting('epochs', 40)
  setSetting('freeze', ['features.0'])
  const weights = '/runs/lab/checkpoints/best/weights.safetensors'
  draftFromModel({ backbone: 'resnet18', head: 'mlp', imageSize: 160, weights })
  expect(useDraft.getState().changes).toEqual({ epochs: 40, backbone: 'resnet18', head: 'mlp', image_size: 160, weights })
})

test('a policy sets every amount, a single one comes on top, and without the policy they stay', () => {
  choosePolicy('medium')
  setAugmentation('rotation', 40)
  expect(useDraft.getState().changes).toEqual({ augmentation_policy: 'medium', augmentation: { rotation: 40 } })
  const amounts = draftConfig(useDraft.getState(), null).augmentation
  expect(amounts).toEqual({ ...POLICY_AUGMENTATIONS.medium, rotation: 40 })
  choosePolicy(null)
  expect(draftConfig(useDraft.getState(), null)).toMatchObject({ augmentation_policy: null, augmentation: amounts })
  choosePolicy('medium')
  resetAugmentation('rotation')
  expect(useDraft.getState().changes).toEqual({ augmentation_policy: 'medium' })
})

test('with stages the epochs are theirs together; without them the run keeps as many', () => {
  setSetting('epochs', 40)
  setStages([stageSchema.parse({ epochs: 3 }), stageSchema.parse({ epochs: 4 })])
  expect(draftConfig(useDraft.getState(), null).epochs).toBe(7)
  setStages([], 7)
  expect(draftConfig(useDraft.getState(), null)).toMatchObject({ epochs: 7, stages: [] })
})

test('a run of stages is duplicated as it is', () => {
  const config = { ...draftConfig({ preset: 'guide-c', changes: {} }, null), learning_rate: 2e-3 }
  draftFrom(config, 'guide-c', 'oak')
  expect(useDraft.getState()).toMatchObject({ preset: 'guide-c', changes: { learning_rate: 2e-3 } })
  draftFrom(config, 'balanced', 'oak')
  expect(draftConfig(useDraft.getState(), null)).toEqual(config)
})
