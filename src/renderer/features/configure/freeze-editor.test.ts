import { expect, test } from 'vitest'
import type { FreezePlan } from '../../../shared/domain/model'
import { planSentence } from './freeze-editor'
import { handleWords, stageWords } from './network-stages'

const plan = (part: Partial<FreezePlan>) => ({ layers: 49, frozenLayers: 34, kept: { shape: [14, 14, 112], bytes: 87_808 }, ...part }) as FreezePlan

test('a plan in words says what trains and how often the frozen part runs', () => {
  expect(planSentence(plan({}))).toBe('15 of 49 layers train · the frozen part runs once per picture and view, 14×14×112 numbers are kept of each')
  expect(planSentence(plan({ kept: null }))).toBe('15 of 49 layers train · the frozen part runs again in each step')
  expect(planSentence(plan({ kept: null, frozenLayers: 0 }))).toBe('49 of 49 layers train · nothing is kept')
})

test('the handle says where it stands, and a stage what it gives', () => {
  const layers = ['conv1', 'layer1.0.conv1'].map((name) => ({ name, stage: name, parameters: 1, macs: 1 }))
  expect([0, 1, 2].map((position) => handleWords(layers, position))).toEqual([
    '0 of 2 layers frozen: the whole network trains',
    '1 of 2 layers frozen, up to conv1',
    'all 2 layers frozen: only the head trains',
  ])
  expect(stageWords({ name: 'layer3' }, [14, 14, 256])).toBe('layer3 · 14×14 · 256')
  expect(stageWords({ name: 'layer3' }, undefined)).toBe('layer3')
})
