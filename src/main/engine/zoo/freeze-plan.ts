/** What a choice of freezing means for a network with its head, layer by layer and stage by stage. Nothing is run. */
import type { FreezePlan, FreezePlanQuestion, PlanStage } from '../../../shared/domain/model'
import { OPTIMIZER_RULES } from '../compile/optimizers'
import type { Shape } from '../layers/layer'
import { ruleOf } from '../layers/rules'
import { frozenLayersOf, frozenNames, prefixCut, stageOf } from './freeze'
import { freezableLayers, inputShapes, type Network, networkParameters, networkShapes, parameterCount } from './network'
import { buildNetwork, defaultDropout, findBackbone } from './registry'

type PlanLayer = FreezePlan['rows'][number]

const FLOAT_BYTES = 4
const sizeOf = (shape: Shape) => shape.reduce((a, b) => a * b, 1)
const layerOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'))
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** The plan of a question. @throws GraftError NOT_FOUND for an unknown backbone, BAD_INPUT for an unknown layer or stage */
export function freezePlan(question: FreezePlanQuestion): FreezePlan {
  const { imageSize, batchSize } = question
  const backbone = findBackbone(question.backbone)
  const network = buildNetwork(backbone, { classes: question.classes, head: question.head, dropout: null })
  const shapes = networkShapes(network, imageSize)
  const frozenLayers = frozenLayersOf(backbone, network, question)
  const frozen = frozenNames(frozenLayers)
  const specs = networkParameters(network)
  const cut = prefixCut(network, frozen, imageSize)
  const places = new Map(network.layers.map(({ name }, i) => [name, i]))
  const cutPlace = places.get(cut) ?? -1
  const costs = new Map(network.layers.map((layer) => [layer.name, costOf(network, shapes, layer.name)]))
  const costOfLayer = (name: string) => costs.get(name) ?? { parameters: 0, macs: 0 }

  const rows = freezableLayers(network).map(({ conv, batchNorm }): PlanLayer => {
    const { parameters, macs } = costOfLayer(conv.name)
    return {
      name: conv.name,
      stage: stageOf(conv.name),
      parameters: parameters + (batchNorm === null ? 0 : costOfLayer(batchNorm.name).parameters),
      macs,
      shape: [...(shapes.get(conv.name) ?? [])],
      isFrozen: frozen.has(conv.name),
      runs: (places.get(conv.name) ?? 0) <= cutPlace ? 'once' : 'each_step',
    }
  })
  const parameters = parameterCount(specs)
  const trainableParameters = parameterCount(specs.filter((spec) => !frozen.has(layerOf(spec.name))))
  const keptShape = cut === 'input' ? null : [...(shapes.get(cut) ?? [])]
  const headLayers = network.layers.slice((places.get(network.pooling) ?? 0) + 1)
  return {
    backbone: question.backbone,
    layers: rows.length,
    frozenLayers: frozenLayers.length,
    frozenLayerNames: frozenLayers.map(({ conv }) => conv.name),
    parameters,
    trainableParameters,
    cut: cut === 'input' ? null : cut,
    prefixCached: cut !== 'input',
    rows,
    stages: stagesOf(rows),
    head: {
      name: question.head,
      parameters: sum(headLayers.map(({ name }) => costOfLayer(name).parameters)),
      macs: sum(headLayers.map(({ name }) => costOfLayer(name).macs)),
      dropout: defaultDropout(backbone, question.head),
    },
    macs: macsOf(network, frozen, cutPlace, (name) => costOfLayer(name).macs),
    kept: keptShape === null ? null : { shape: keptShape, bytes: FLOAT_BYTES * sizeOf(keptShape) },
    memory: {
      weights: FLOAT_BYTES * sum(specs.map((spec) => sizeOf(spec.shape))),
      optimizer: FLOAT_BYTES * OPTIMIZER_RULES[question.optimizer].slots.length * trainableParameters,
      gradients: FLOAT_BYTES * trainableParameters,
      activations: FLOAT_BYTES * batchSize * activationSize(network, shapes, frozen, cutPlace),
    },
  }
}

function costOf(network: Network, shapes: ReadonlyMap<string, Shape>, name: string): { parameters: number; macs: number } {
  const layer = network.layers.find((candidate) => candidate.name === name)
  const output = shapes.get(name)
  if (layer === undefined || output === undefined) return { parameters: 0, macs: 0 }
  const inputs = inputShapes(layer, shapes)
  // Only products count, as they are counted in papers: a batch norm is folded away, an activation is next to nothing.
  const macs = layer.kind === 'conv' || layer.kind === 'linear' ? ruleOf(layer).macs(layer, inputs, output) : 0
  return { parameters: parameterCount(ruleOf(layer).parameters(layer, inputs)), macs }
}

/** Layers of one stage together, in order. */
function stagesOf(rows: readonly PlanLayer[]): PlanStage[] {
  const stages: PlanStage[] = []
  for (const [i, row] of rows.entries()) {
    let stage = stages.at(-1)
    if (stage?.name !== row.stage) {
      stage = { name: row.stage, first: i, layers: 0, frozenLayers: 0, parameters: 0, trainableParameters: 0, macs: 0, shape: row.shape }
      stages.push(stage)
    }
    stage.layers++
    stage.frozenLayers += row.isFrozen ? 1 : 0
    stage.parameters += row.parameters
    stage.trainableParameters += row.isFrozen ? 0 : row.parameters
    stage.macs += row.macs
    // A squeeze gives channels alone; the stage's value is a map.
    if (row.shape.length === 3) stage.shape = row.shape
  }
  return stages
}

/** A gradient by the weights costs a forward again, and one by the input another, where something before it trains. */
function macsOf(network: Network, frozen: ReadonlySet<string>, cutPlace: number, macs: (name: string) => number): FreezePlan['macs'] {
  const result = { total: 0, once: 0, step: 0 }
  let trainsBefore = false
  for (const [i, { name, kind }] of network.layers.entries()) {
    const cost = macs(name)
    result.total += cost
    if (i <= cutPlace) {
      result.once += cost
      continue
    }
    const trains = (kind === 'conv' || kind === 'batch_norm' || kind === 'linear') && !frozen.has(name)
    result.step += cost * (1 + (trains ? 1 : 0) + (trainsBefore ? 1 : 0))
    trainsBefore ||= trains
  }
  return result
}

/** Numbers of one picture that a step keeps for its gradients: every value from the first layer that trains on. Before it, the two largest in turn. */
function activationSize(network: Network, shapes: ReadonlyMap<string, Shape>, frozen: ReadonlySet<string>, cutPlace: number): number {
  const values = network.layers.map((layer) => ({ layer, size: sizeOf(shapes.get(layer.name) ?? []) })).slice(cutPlace + 1)
  const hasParameters = (kind: string) => kind === 'conv' || kind === 'batch_norm' || kind === 'linear'
  const first = values.findIndex(({ layer }) => hasParameters(layer.kind) && !frozen.has(layer.name))
  const before = values.slice(0, Math.max(0, first)).map(({ size }) => size).sort((a, b) => b - a) // prettier-ignore
  return Math.max(sum(values.slice(Math.max(0, first)).map(({ size }) => size)), sum(before.slice(0, 2)))
}
