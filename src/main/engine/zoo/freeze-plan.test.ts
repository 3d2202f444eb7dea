import { expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG, type HeadName, type RunConfig } from '../../../shared/domain/run-config'
import { freezePlan } from './freeze-plan'
import { BACKBONES } from './registry'

const plan = (backbone: string, freezing: Partial<Pick<RunConfig, 'freeze' | 'freeze_ratio'>> = {}, head: HeadName = 'linear') =>
  freezePlan({ backbone, head, freeze: 'ratio', freeze_ratio: 1, classes: 2, imageSize: 224, batchSize: 16, optimizer: DEFAULT_RUN_CONFIG.optimizer, ...freezing })

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

test('the freeze plan counts as PyTorch would', () => {
  const { trainableParameters, parameters } = plan('resnet18')
  expect(trainableParameters).toBe(512 * 2 + 2)
  expect(parameters).toBe(11_689_512 - 1000 * 513 + 1026)
})

test.each(BACKBONES.map(({ name }) => name))('%s: layers, stages and head add up to the whole', (name) => {
  for (const freezing of [{ freeze_ratio: 0 }, { freeze_ratio: 0.7 }, { freeze: 'stage' as const }, { freeze_ratio: 1 }]) {
    const { rows, stages, head, parameters, trainableParameters, macs, layers, frozenLayers } = plan(name, freezing)
    expect(sum(rows.map((row) => row.parameters)) + head.parameters).toBe(parameters)
    expect(sum(stages.map((stage) => stage.parameters)) + head.parameters).toBe(parameters)
    expect(sum(stages.map((stage) => stage.trainableParameters)) + head.parameters).toBe(trainableParameters)
    expect(sum(stages.map((stage) => stage.layers))).toBe(layers)
    expect(sum(stages.map((stage) => stage.frozenLayers))).toBe(frozenLayers)
    expect(sum(rows.map((row) => row.macs)) + head.macs).toBe(macs.total)
    expect(macs.once).toBe(sum(rows.filter(({ runs }) => runs === 'once').map((row) => row.macs)))
  }
})

test('stages of ResNet-18 with the map that each gives', () => {
  const { stages } = plan('resnet18', { freeze: 'stage' })
  expect(stages.map(({ name, shape, frozenLayers, layers }) => [name, shape.join('×'), frozenLayers === layers])).toEqual([
    ['conv1', '112×112×64', true],
    ['layer1', '56×56×64', true],
    ['layer2', '28×28×128', true],
    ['layer3', '14×14×256', false],
    ['layer4', '7×7×512', false],
  ])
})

test('what is kept runs once; frozen layers after the cut run in each step', () => {
  const { rows, cut, kept } = plan('efficientnet_lite0', { freeze_ratio: 0.7 })
  expect(cut).toBe('_blocks.10._bn2/add')
  expect(kept).toEqual({ shape: [14, 14, 112], bytes: 4 * 14 * 14 * 112 })
  expect(rows.filter(({ isFrozen }) => isFrozen)).toHaveLength(34)
  expect(rows.filter(({ isFrozen, runs }) => isFrozen && runs === 'each_step').map(({ name }) => name)).toEqual(['_blocks.11._expand_conv'])
})

test('a step over the whole network costs a forward, as much for the weights, and as much for the values but the first', () => {
  const { macs, rows } = plan('resnet18', { freeze_ratio: 0 })
  expect(macs.once).toBe(0)
  expect(macs.step).toBe(3 * macs.total - (rows[0]?.macs ?? 0))
  // With all of it kept only the head's own products are left.
  const frozen = plan('resnet18')
  expect(frozen.macs.step).toBe(2 * frozen.head.macs)
})

test('a list freezes what it names, wherever that is', () => {
  const { stages, rows, prefixCached } = plan('resnet18', { freeze: ['layer2', 'conv1'] })
  expect(stages.filter(({ frozenLayers }) => frozenLayers > 0).map(({ name }) => name)).toEqual(['conv1', 'layer2'])
  expect(rows.find(({ name }) => name === 'layer2.0.conv1')?.runs).toBe('each_step')
  expect(prefixCached).toBe(false)
})

test('deeper heads count their own parameters', () => {
  const mlp = plan('resnet18', {}, 'mlp')
  expect(mlp.trainableParameters).toBe(512 * 512 + 512 + 512 * 2 + 2)
  expect(mlp.head.dropout).toBe(0.3)
  const deep = plan('resnet18', {}, 'deep')
  expect(deep.trainableParameters).toBe(512 * 513 + 2 * 512 + 512 * 128 + 128 + 2 * 128 + 128 * 2 + 2)
})
