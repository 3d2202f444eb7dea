import { expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../../shared/domain/run-config'
import { plannedStages, stageSchema } from '../../../shared/domain/stages'
import { networkStages } from '../zoo/freeze'
import { networkParameters } from '../zoo/network'
import { buildNetwork, findBackbone } from '../zoo/registry'
import { mainRate, namedRates, parameterGroups } from './parameter-groups'

function groupsOf(backbone: string, given: Partial<RunConfig>) {
  const network = buildNetwork(findBackbone(backbone), { classes: 2, dropout: null })
  const stages = plannedStages({ ...DEFAULT_RUN_CONFIG, ...given })
  const all = new Set(networkParameters(network).map(({ name }) => name.slice(0, name.lastIndexOf('.'))))
  const groups = parameterGroups({ network, trained: stages.map(() => all), stages, stage: stages.at(-1)! })
  return { network, groups, rateOf: (parameter: string) => groups.baseRates[groups.of(parameter)] ?? NaN }
}

test.each([
  ['resnet18', ['conv1.weight', 'bn1.weight'], ['layer4.0.conv1.weight', 'layer4.1.bn2.bias'], 'fc.weight'],
  ['efficientnet_lite0', ['_conv_stem.weight', '_bn0.bias'], ['_conv_head.weight', '_bn1.weight'], '_fc.bias'],
  ['mobilenet_v2', ['features.0.0.weight', 'features.0.1.weight'], ['features.18.0.weight', 'features.18.1.bias'], 'classifier.1.weight'],
])('%s: rates fall from child to child, a batch norm’s with its convolution’s', (backbone, first, last, head) => {
  const { network, groups, rateOf } = groupsOf(backbone, { learning_rate: 1e-2, backbone_learning_rate: 1e-3, layer_decay: 0.5 })
  const children = networkStages(network).length
  for (const parameter of last) expect(rateOf(parameter), parameter).toBeCloseTo(1e-3 * 0.5, 15)
  for (const parameter of first) expect(rateOf(parameter), parameter).toBeCloseTo(1e-3 * 0.5 ** children, 15)
  expect(rateOf(head)).toBe(1e-2)
  expect(groups.count).toBe(children + 1)
  expect(mainRate(groups, groups.baseRates)).toBe(1e-2)
  expect(Object.keys(namedRates(groups, groups.baseRates))).toHaveLength(children + 1)
})

test('one rate for all is one group; two rates are two', () => {
  expect(groupsOf('resnet18', { learning_rate: 1e-3 }).groups).toMatchObject({ names: ['all'], baseRates: [1e-3], since: [1] })
  const two = groupsOf('resnet18', { learning_rate: 1e-3, backbone_learning_rate: 1e-4 })
  expect(two.groups).toMatchObject({ names: ['backbone', 'head'], baseRates: [1e-4, 1e-3] })
  expect(two.rateOf('bn1.weight')).toBe(1e-4)
})

test('an optimizer that is carried on counts a layer’s steps from the stage in which it began to train', () => {
  const network = buildNetwork(findBackbone('resnet18'), { classes: 2, dropout: null })
  const stages = plannedStages({ ...DEFAULT_RUN_CONFIG, stages: ['restart', 'carry', 'carry', 'restart'].map((optimizer_state) => stageSchema.parse({ epochs: 1, optimizer_state })) })
  const trained = [new Set(['fc']), new Set(['layer4.1.conv2', 'fc']), new Set(['layer4.1.conv2', 'layer3.0.conv1', 'fc']), new Set(['fc'])]
  const since = (stage: number, parameter: string) => {
    const groups = parameterGroups({ network, trained: trained.slice(0, stage), stages, stage: stages[stage - 1]! })
    return groups.since[groups.of(parameter)]
  }
  expect([since(1, 'fc.weight'), since(2, 'fc.weight'), since(3, 'fc.weight'), since(4, 'fc.weight')]).toEqual([1, 1, 1, 4])
  expect([since(2, 'layer4.1.conv2.weight'), since(3, 'layer4.1.conv2.weight'), since(3, 'layer3.0.conv1.weight')]).toEqual([2, 2, 3])
})
