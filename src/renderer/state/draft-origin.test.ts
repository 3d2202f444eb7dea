import { expect, test } from 'vitest'
import { configProblems } from '../../shared/domain/config-problems'
import { layerConfig } from '../../shared/domain/config-layers'
import type { DatasetSummary } from '../../shared/domain/dataset'
import { PRESET_CONFIGS, PRESETS } from '../../shared/domain/presets'
import { stageSchema } from '../../shared/domain/stages'
import type { Draft } from './draft'
import { draftRequest, hindrance, originOf } from './draft-origin'

const DATASET = {
  layout: 'folder-per-class',
  classes: [{ name: 'oak' }, { name: 'ash' }],
  ratios: { train: 0.6, val: 0.2, test: 0.2 },
  seed: 7,
} as unknown as DatasetSummary

const draft = (preset: Draft['preset'], changes: Draft['changes'] = {}) => ({ preset, changes })

/** What the main process would refuse of a request. */
function refused(chosen: ReturnType<typeof draft>): string[] {
  const { config, sources, replaced } = layerConfig([
    { source: 'preset', values: PRESET_CONFIGS[chosen.preset] },
    { source: 'flag', values: draftRequest(chosen, DATASET) },
  ])
  const origin = { sources, replaced, restated: new Set<string>(), isWholeFile: false }
  return configProblems(config, origin, { classes: ['oak', 'ash'], givenSplits: [] }).filter(({ severity }) => severity === 'error').map(({ path }) => path) // prettier-ignore
}

test('each value says where it came from', () => {
  const { sourceOf } = originOf(draft('best', { dropout: 0.4, augmentation: { rotation: 45 } }), null)
  const paths = ['dropout', 'optimizer', 'momentum', 'stages.2.freeze', 'augmentation.rotation', 'augmentation.hue', 'epochs']
  expect(paths.map(sourceOf)).toEqual(['changed', 'preset', 'default', 'preset', 'changed', 'default', 'preset'])
  const { sourceOf: withPolicy } = originOf(draft('best', { augmentation_policy: 'medium', augmentation: { rotation: 45 } }), null)
  expect(['augmentation_policy', 'augmentation.rotation', 'augmentation.hue'].map(withPolicy)).toEqual(['changed', 'changed', 'policy'])
  expect(originOf(draft('best', { stages: [] }), null).sourceOf('stages')).toBe('changed')
})

test('every preset alone starts', () => {
  for (const preset of PRESETS) expect(refused(draft(preset)), preset).toEqual([])
})

test('what has no effect is said, left out of what is sent, and nothing else is', () => {
  const chosen = draft('best', {
    momentum: 0.5,
    dropout: 0.4,
    augmentation: { crop_scale: [0.5, 1], rotation: 20 },
    stages: [stageSchema.parse({ epochs: 2, freeze: 'all', backbone_learning_rate: 1e-5, learning_rate: 1e-3 })],
  })
  expect(originOf(chosen, DATASET).problems.map(({ path }) => path).sort()).toEqual(['augmentation.crop_scale', 'momentum', 'stages.1.backbone_learning_rate']) // prettier-ignore
  expect(hindrance(chosen, DATASET)).toBeNull()
  expect(refused(chosen)).toEqual([])
  const request = draftRequest(chosen, DATASET)
  expect(request).toMatchObject({ dropout: 0.4, augmentation: { rotation: 20 }, seed: 7, train_ratio: 0.6, stages: [{ learning_rate: 1e-3 }] })
  expect(request).not.toHaveProperty('momentum')
})

test('typed epochs that the stages contradict are neither kept nor dropped in silence', () => {
  const chosen = draft('best', { epochs: 40 })
  expect(hindrance(chosen, DATASET)).toMatchObject({ path: 'epochs', value: 40 })
  expect(refused(chosen)).toEqual(['epochs'])
})

test('weights for classes that there are not keep a run from starting', () => {
  expect(hindrance(draft('fast', { class_weights: { oak: 1, elm: 2 } }), DATASET)?.path).toBe('class_weights.elm')
  expect(hindrance(draft('fast', { class_weights: { oak: 1, ash: 2 } }), DATASET)).toBeNull()
})

test('a split that the folders give is not asked for', () => {
  expect(draftRequest(draft('fast'), { ...DATASET, layout: 'split-folders' } as unknown as DatasetSummary)).toEqual({ seed: 7 })
})
