import { expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { readGolden } from '../golden/compare'
import { type Freezing, frozenLayersOf, frozenNames, networkStages } from './freeze'
import { networkParameters, parameterCount } from './network'
import { buildNetwork, findBackbone } from './registry'

/** What PyTorch counts when torchvision's networks with two classes are frozen alike; made by scripts/golden/make-freezing.py. */
const golden = readGolden<Record<string, { layers: number; ratios: [number, number, number][]; stage: number }>>('freezing.json')

function frozenAndTrainable(name: string, freezing: Partial<Freezing>) {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: 2, dropout: null })
  const frozenLayers = frozenLayersOf(backbone, network, { freeze: 'ratio', freeze_ratio: DEFAULT_RUN_CONFIG.freeze_ratio, ...freezing })
  const frozen = frozenNames(frozenLayers)
  const trained = networkParameters(network).filter((spec) => !frozen.has(spec.name.slice(0, spec.name.lastIndexOf('.'))))
  return { names: frozenLayers.map(({ conv }) => conv.name), trainable: parameterCount(trained) }
}

test.each(Object.keys(golden))('%s: trainable parameters as PyTorch counts them, by ratio and by stage', (name) => {
  for (const [ratio, frozen, trainable] of golden[name]?.ratios ?? []) {
    const ours = frozenAndTrainable(name, { freeze_ratio: ratio })
    expect(ours.names).toHaveLength(frozen)
    expect(ours.trainable).toBe(trainable)
  }
  expect(frozenAndTrainable(name, { freeze: 'stage' }).trainable).toBe(golden[name]?.stage)
})

test('Lite0 by stage: stem, blocks and head convolution are the children, 12 of 18 stay frozen', () => {
  const network = buildNetwork(findBackbone('efficientnet_lite0'), { classes: 2, dropout: null })
  expect(networkStages(network)).toHaveLength(18)
  expect(frozenAndTrainable('efficientnet_lite0', { freeze: 'stage' }).names.at(-1)).toBe('_blocks.10._project_conv')
})

test('a list names layers and stages in any order; layers stay in definition order', () => {
  const { names } = frozenAndTrainable('resnet18', { freeze: ['layer4.1.conv2', 'layer1', 'conv1'] })
  expect(names).toEqual(['conv1', 'layer1.0.conv1', 'layer1.0.conv2', 'layer1.1.conv1', 'layer1.1.conv2', 'layer4.1.conv2'])
})

test('a name that there is not is refused with the stages that there are', () => {
  expect(() => frozenAndTrainable('resnet18', { freeze: ['layer1', 'layer7'] })).toThrow(/layer7.*conv1, layer1, layer2, layer3, layer4/)
})
