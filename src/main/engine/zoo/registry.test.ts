import { expect, test } from 'vitest'
import { prefixCut, frozenLayerCount, frozenNames } from './freeze'
import { freezableLayers, networkParameters, networkShapes, parameterCount } from './network'
import { BACKBONES, buildNetwork, findBackbone } from './registry'

/** Parameter counts as torchvision's documentation (and, for Lite0, its weights file) gives them; layers as the requirement counts them. */
const PUBLISHED = {
  resnet18: { parameters: 11_689_512, layers: 20, features: 512 },
  resnet34: { parameters: 21_797_672, layers: 36, features: 512 },
  resnet50: { parameters: 25_557_032, layers: 53, features: 2048 },
  resnet101: { parameters: 44_549_160, layers: 104, features: 2048 },
  mobilenet_v2: { parameters: 3_504_872, layers: 52, features: 1280 },
  mobilenet_v3_small: { parameters: 2_542_856, layers: 52, features: 576 },
  mobilenet_v3_large: { parameters: 5_483_032, layers: 62, features: 960 },
  efficientnet_b0: { parameters: 5_288_548, layers: 81, features: 1280 },
  efficientnet_b1: { parameters: 7_794_184, layers: 115, features: 1280 },
  efficientnet_b2: { parameters: 9_109_994, layers: 115, features: 1408 },
  efficientnet_b3: { parameters: 12_233_232, layers: 130, features: 1536 },
  efficientnet_lite0: { parameters: 4_652_008, layers: 49, features: 1280 },
}

test.each(BACKBONES.map((backbone) => backbone.name))('%s has the published size', (name) => {
  const network = buildNetwork(findBackbone(name), { classes: 1000, dropout: null })
  const published = PUBLISHED[name as keyof typeof PUBLISHED]
  expect(parameterCount(networkParameters(network))).toBe(published.parameters)
  expect(freezableLayers(network)).toHaveLength(published.layers)
  expect(networkShapes(network, 224).get(network.pooling)).toEqual([published.features])
})

test.each(BACKBONES.map((backbone) => backbone.name))('%s: with the whole backbone frozen, the cut is at the pooled features', (name) => {
  const network = buildNetwork(findBackbone(name), { classes: 2, dropout: null })
  expect(prefixCut(network, frozenNames(freezableLayers(network)), 224)).toBe(network.pooling)
  expect(prefixCut(network, frozenNames([]), 224)).toBe('input')
})

test('a cut lies where one value small enough to keep crosses', () => {
  const network = buildNetwork(findBackbone('efficientnet_lite0'), { classes: 2, dropout: null })
  // 34 of 49 layers: the stem, blocks 0 to 10 and the expansion of block 11, whose 14×14×672 values are larger than the picture.
  const frozen = frozenNames(freezableLayers(network).slice(0, 34))
  expect(frozenLayerCount(network, 0.7)).toBe(34)
  expect(prefixCut(network, frozen, 224)).toBe('_blocks.10._bn2/add')
  // 38 layers end inside block 12, whose shortcut also crosses: back to its start.
  expect(prefixCut(network, frozenNames(freezableLayers(network).slice(0, 38)), 224)).toBe('_blocks.11._bn2')
})

test('a large cut is not kept', () => {
  const network = buildNetwork(findBackbone('resnet18'), { classes: 2, dropout: null })
  expect(prefixCut(network, frozenNames(freezableLayers(network).slice(0, 14)), 224)).toBe('input')
})

test('an unknown backbone is refused by name', () => {
  expect(() => findBackbone('resnet19')).toThrow(/resnet18/)
})
