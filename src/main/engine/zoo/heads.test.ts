import { expect, test } from 'vitest'
import type { Layer } from '../layers/layer'
import { networkParameters } from './network'
import { BACKBONES, buildNetwork, findBackbone } from './registry'

function headOf(backbone: string, head: 'linear' | 'mlp' | 'deep', dropout: number | null = null) {
  const network = buildNetwork(findBackbone(backbone), { classes: 12, head, dropout })
  const at = network.layers.findIndex((layer) => layer.name === network.pooling)
  return { layers: network.layers.slice(at + 1), network }
}

const told = (layer: Layer) => {
  if (layer.kind === 'linear') return `Linear(${layer.in}, ${layer.out})`
  if (layer.kind === 'dropout') return `Dropout(${layer.probability})`
  return layer.kind === 'activation' ? layer.activation : layer.kind
}

test('mlp and deep are as the guides have them', () => {
  expect(headOf('resnet50', 'mlp').layers.map(told)).toEqual(['Dropout(0.3)', 'Linear(2048, 512)', 'relu', 'Dropout(0.15)', 'Linear(512, 12)'])
  expect(headOf('resnet18', 'deep').layers.map(told)).toEqual([
    'Dropout(0.5)',
    'Linear(512, 512)',
    'relu',
    'batch_norm',
    'Dropout(0.25)',
    'Linear(512, 128)',
    'relu',
    'batch_norm',
    'Dropout(0.25)',
    'Linear(128, 12)',
  ])
})

test('dropout sets the first; the later ones are half of it', () => {
  expect(headOf('resnet50', 'mlp', 0.4).layers.map(told)).toContain('Dropout(0.2)')
  expect(headOf('resnet50', 'deep', 0).layers.some(({ kind }) => kind === 'dropout')).toBe(false)
})

test('MobileNetV3 keeps its hidden layer under linear; mlp and deep take its place', () => {
  expect(headOf('mobilenet_v3_small', 'linear').layers.map(told)).toEqual(['Linear(576, 1024)', 'hard_swish', 'Dropout(0.2)', 'Linear(1024, 12)'])
  expect(headOf('mobilenet_v3_small', 'mlp').layers.map(told)).toEqual(['Dropout(0.3)', 'Linear(576, 512)', 'relu', 'Dropout(0.15)', 'Linear(512, 12)'])
})

test.each(BACKBONES.map(({ name }) => name))('%s: head parameters lie in the module that a script replaces', (name) => {
  const { headModule, classifier } = findBackbone(name)
  for (const head of ['linear', 'mlp', 'deep'] as const) {
    const { network, layers } = headOf(name, head)
    const heads = new Set(layers.map((layer) => layer.name))
    const parameters = networkParameters(network).filter((spec) => heads.has(spec.name.slice(0, spec.name.lastIndexOf('.'))))
    expect(parameters.length).toBeGreaterThan(0)
    for (const spec of parameters) expect(spec.name).toMatch(new RegExp(`^${headModule}\\.`))
    if (head === 'linear') expect(network.output).toBe(classifier)
    expect(new Set(networkParameters(network).map((spec) => spec.name)).size).toBe(networkParameters(network).length)
  }
})
