import { expect, test } from 'vitest'
import { augmentationSchema } from '../../shared/domain/augmentation'
import type { HostTensor } from '../engine/formats/tensor-map'
import { randomWeights } from '../engine/train/initial-weights'
import { featureKey, type PictureIngredients, prefixFingerprint, type PrefixIngredients } from './feature-key'
import { matrixConfig, TINY } from './resume-matrix.examples'
import { runNetwork } from './run-session'

const config = matrixConfig({ freeze: 'all' })
const { network, cut } = runNetwork(config, 3, 1, TINY)
const weights = randomWeights(network, 1)

const PREFIX: PrefixIngredients = { prefix: 'a1', imageSize: 32, preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }, computedBy: 'TensorFlow 2.15, 2 threads' }
const PICTURES: PictureIngredients = { contents: 'b2', keys: [3, 1, 2] }
const DRAWN = { augmentation: augmentationSchema.parse({ rotation: 10 }), seed: 7 }

const PREFIX_CHANGES: [string, Partial<PrefixIngredients>][] = [
  ['the weights', { prefix: 'a2' }],
  ['the image size', { imageSize: 64 }],
  ['the mean', { preprocessing: { ...PREFIX.preprocessing, mean: [0.5, 0.5, 0.4] } }],
  ['the spread', { preprocessing: { ...PREFIX.preprocessing, std: [0.25, 0.25, 0.2] } }],
  ['what computes', { computedBy: 'TensorFlow 2.15, 4 threads' }],
]

test.each(PREFIX_CHANGES)('another key for both kinds of view when %s is another', (_, change) => {
  for (const view of [0, 1]) expect(featureKey({ ...PREFIX, ...change }, PICTURES, view, DRAWN)).not.toBe(featureKey(PREFIX, PICTURES, view, DRAWN))
})

test('other pictures have another key; the numbers that augmentation is drawn by matter to augmented views alone', () => {
  for (const view of [0, 1]) expect(featureKey(PREFIX, { ...PICTURES, contents: 'b3' }, view, DRAWN)).not.toBe(featureKey(PREFIX, PICTURES, view, DRAWN))
  const keys = [1, 2, 3]
  expect(featureKey(PREFIX, { ...PICTURES, keys }, 1, DRAWN)).not.toBe(featureKey(PREFIX, PICTURES, 1, DRAWN))
  expect(featureKey(PREFIX, { ...PICTURES, keys }, 0, DRAWN)).toBe(featureKey(PREFIX, PICTURES, 0, DRAWN))
})

test('augmentation, seed and number matter to augmented views, not to the plain one', () => {
  const changed = { augmentation: augmentationSchema.parse({ rotation: 11 }), seed: 8 }
  const all = [
    featureKey(PREFIX, PICTURES, 0, DRAWN),
    featureKey(PREFIX, PICTURES, 1, DRAWN),
    featureKey(PREFIX, PICTURES, 2, DRAWN),
    featureKey(PREFIX, PICTURES, 1, { ...DRAWN, augmentation: changed.augmentation }),
    featureKey(PREFIX, PICTURES, 1, { ...DRAWN, seed: changed.seed }),
  ]
  expect(new Set(all).size).toBe(all.length)
  expect(featureKey(PREFIX, PICTURES, 0, changed)).toBe(all[0])
})

test('every augmentation there is changes the key of an augmented view', () => {
  const plain = DRAWN.augmentation
  const key = featureKey(PREFIX, PICTURES, 1, DRAWN)
  for (const name of Object.keys(plain)) {
    expect(featureKey(PREFIX, PICTURES, 1, { ...DRAWN, augmentation: { ...plain, [name]: 'another' } }), name).not.toBe(key)
  }
  const turned = Object.fromEntries(Object.entries(plain).reverse()) as unknown as typeof plain
  expect(featureKey(PREFIX, PICTURES, 1, { ...DRAWN, augmentation: turned })).toBe(key)
})

test('one bit of any weight or statistic before the cut is another prefix; what comes after it is not', () => {
  const prefix = prefixFingerprint('tiny', network, cut, weights)
  let changes = 0
  for (const [name, tensor] of weights) {
    const data = tensor.data.slice()
    new Uint8Array(data.buffer)[0]! ^= 1
    const other = new Map<string, HostTensor>([...weights, [name, { ...tensor, data }]])
    const isSame = prefixFingerprint('tiny', network, cut, other) === prefix
    expect(isSame, name).toBe(name.startsWith('fc.'))
    if (!isSame) changes++
  }
  expect(changes).toBeGreaterThan(10)
  expect([...weights.keys()].some((name) => name.includes('running_var'))).toBe(true)
})

test('another network, another cut, or a layer of another kind is another prefix', () => {
  const earlier = runNetwork(matrixConfig({ freeze: 'ratio', freeze_ratio: 0.5 }), 3, 1, TINY).cut
  const relu6 = { ...network, layers: network.layers.map((layer) => (layer.kind === 'activation' && layer.activation === 'hard_swish' ? { ...layer, activation: 'relu6' as const } : layer)) }
  const all = [
    prefixFingerprint('tiny', network, cut, weights),
    prefixFingerprint('other', network, cut, weights),
    prefixFingerprint('tiny', network, earlier === cut || earlier === 'input' ? 'layer1.1' : earlier, weights),
    prefixFingerprint('tiny', relu6, cut, weights),
  ]
  expect(new Set(all).size).toBe(all.length)
})

test('optimizer averages and the head’s size do not matter', () => {
  const wider = runNetwork(config, 5, 1, TINY)
  expect(wider.cut).toBe(cut)
  const more = new Map([...weights, ['average/conv1.weight', { shape: [1], data: Float32Array.of(1) }] as const])
  expect(prefixFingerprint('tiny', wider.network, cut, more)).toBe(prefixFingerprint('tiny', network, cut, weights))
})
