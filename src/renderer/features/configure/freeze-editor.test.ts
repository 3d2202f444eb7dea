import { expect, test } from 'vitest'
import type { FreezePlan } from '../../../shared/domain/model'
import { planSentence, stageLabel, stagesOf } from './freeze-editor'

const layer = (name: string, stage: string) => ({ name, stage, parameters: 10, macs: 10 })
const plan: FreezePlan = {
  backbone: 'efficientnet_lite0',
  layers: 49,
  frozenLayers: 34,
  frozenLayerNames: [],
  parameters: 3_370_000,
  trainableParameters: 2_600_000,
  cut: '_blocks.10',
  prefixCached: true,
}

test('neighbouring layers of a stage are drawn together and know where they begin', () => {
  const stages = stagesOf([layer('a', 's0'), layer('b', 's1'), layer('c', 's1'), layer('d', 's2')])
  expect(stages.map(({ name, first, layers }) => [name, first, layers.length])).toEqual([
    ['s0', 0, 1],
    ['s1', 1, 2],
    ['s2', 3, 1],
  ])
})

test('a stage is called by what tells it apart', () => {
  expect(['_blocks.7', 'features.4', '_conv_stem', 'layer3'].map(stageLabel)).toEqual(['7', '4', 'stem', 'layer3'])
})

test('a plan in words says what trains and how often the frozen part runs', () => {
  expect(planSentence(plan)).toBe('15 of 49 layers train · 2.60 M of 3.37 M parameters · the frozen part runs once per picture and view')
  expect(planSentence({ ...plan, prefixCached: false })).toContain('again in each step')
  expect(planSentence({ ...plan, frozenLayers: 0, trainableParameters: 3_370_000 })).toBe('49 of 49 layers train · 3.37 M of 3.37 M parameters')
})
