/** Which parameters of a stage share a learning rate, and which of them an optimizer has known for how long. */
import type { PlannedStage } from '../../../shared/domain/stages'
import { networkStages, stageOf } from '../zoo/freeze'
import { freezableLayers, type Network } from '../zoo/network'
import type { GroupAssignment } from '../compile/train-step'

export interface ParameterGroups extends GroupAssignment {
  /** `head`, `backbone`, or with layer decay `layer4`; one for each group. */
  readonly names: readonly string[]
  /** Learning rate at the start of the stage, one for each group. */
  readonly baseRates: readonly number[]
  /** Stage, from 1, in which the optimizer first stepped for the group: its step count begins there. */
  readonly since: readonly number[]
}

export interface GroupingOptions {
  readonly network: Network
  /** Layers that train, stage by stage, up to the one at hand, which is the last. */
  readonly trained: readonly ReadonlySet<string>[]
  readonly stages: readonly PlannedStage[]
  readonly stage: PlannedStage
}

const layerOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'))

/**
 * Everything after the pooling is head. With a layer decay d the last stage of the backbone trains with d times the backbone's rate, the one
 * before with d² times (Howard and Ruder 2018's discriminative rates, counted as in BEiT).
 */
export function parameterGroups({ network, trained, stages, stage }: GroupingOptions): ParameterGroups {
  const pooling = network.layers.findIndex((layer) => layer.name === network.pooling)
  const backbone = new Set(network.layers.slice(0, pooling + 1).map((layer) => layer.name))
  const children = networkStages(network)
  const childOf = childrenByLayer(network)
  const backboneRate = stage.backbone_learning_rate ?? stage.learning_rate
  const isOne = backboneRate === stage.learning_rate && stage.layer_decay === 1

  const groups = new Map<string, { name: string; rate: number; since: number; index: number }>()
  const ofLayer = new Map<string, number>()
  for (const layer of trained[stage.index - 1] ?? []) {
    const isBackbone = backbone.has(layer)
    const child = childOf.get(layer) ?? stageOf(layer)
    const decays = isBackbone && stage.layer_decay < 1
    const rate = isBackbone ? backboneRate * (decays ? stage.layer_decay ** (children.length - children.indexOf(child)) : 1) : stage.learning_rate
    const name = isOne ? 'all' : decays ? child : isBackbone ? 'backbone' : 'head'
    const since = firstStageOf(layer, trained, stages, stage)
    const key = `${name}@${since}`
    const group = groups.get(key) ?? { name, rate, since, index: groups.size }
    groups.set(key, group)
    ofLayer.set(layer, group.index)
  }
  const all = [...groups.values()]
  return {
    count: all.length,
    names: all.map(({ name }) => name),
    baseRates: all.map(({ rate }) => rate),
    since: all.map(({ since }) => since),
    of: (parameter) => ofLayer.get(layerOf(parameter)) ?? 0,
  }
}

/** The child of the backbone that each layer belongs to. A batch norm belongs with its convolution: ResNet's `bn1` and Lite0's `_bn0` are no children of their own. */
function childrenByLayer(network: Network): ReadonlyMap<string, string> {
  const names = freezableLayers(network).flatMap(({ conv, batchNorm }) => [conv, ...(batchNorm === null ? [] : [batchNorm])].map((layer) => [layer.name, stageOf(conv.name)] as const))
  return new Map(names)
}

/** The earliest stage from which the layer has trained without a break, with the optimizer carried over all along. */
function firstStageOf(layer: string, trained: readonly ReadonlySet<string>[], stages: readonly PlannedStage[], stage: PlannedStage): number {
  let since = stage.index
  while (since > 1 && stages[since - 1]?.optimizer_state === 'carry' && trained[since - 2]?.has(layer) === true) since--
  return since
}

/** The rates by group as they are told: groups of one name share it. */
export function namedRates(groups: Pick<ParameterGroups, 'names'>, rates: readonly number[]): Record<string, number> {
  return Object.fromEntries(groups.names.map((name, i) => [name, rates[i] ?? 0]))
}

/** The one rate that a chart of one line shows: the head's, which is the largest where they differ by depth. */
export function mainRate(groups: Pick<ParameterGroups, 'names'>, rates: readonly number[]): number {
  const head = groups.names.findIndex((name) => name === 'head' || name === 'all')
  return rates[Math.max(0, head)] ?? 0
}
