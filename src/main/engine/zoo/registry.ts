/** The table of backbones. Listing them loads no TensorFlow. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import { ruleOf } from '../layers/rules'
import type { Backbone } from './backbone'
import { EFFICIENTNETS_LITE } from './efficientnet-lite'
import { frozenLayerCount, frozenNames, prefixCut } from './freeze'
import { MOBILENETS_V3 } from './mobilenet-v3'
import { freezableLayers, inputShapes, type Network, networkParameters, networkShapes, parameterCount } from './network'
import { RESNETS } from './resnet'

export const BACKBONES: readonly Backbone[] = [...EFFICIENTNETS_LITE, ...MOBILENETS_V3, ...RESNETS]

/** Throws NOT_FOUND naming what there is. */
export function findBackbone(name: string): Backbone {
  const found = BACKBONES.find((backbone) => backbone.name === name)
  if (found !== undefined) return found
  const names = BACKBONES.map((backbone) => backbone.name).join(', ')
  throw new GraftError('NOT_FOUND', `Expected a backbone among ${names}; got ${name}.`, { action: 'Choose one of these; graft models describes them.' })
}

/** The network with its linear head; `dropout` null means as published. */
export function buildNetwork(backbone: Backbone, options: { classes: number; dropout: number | null }): Network {
  return backbone.build({ classes: options.classes, dropout: options.dropout ?? backbone.dropout ?? 0 })
}

/** The folder where weights files are kept or can be put by hand. */
export function weightsDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'weights')
}

/** The part of the network a layer belongs to, told from its PyTorch name: `layer3`, `features.4`, `_blocks.7`. */
function stageOf(layerName: string): string {
  const parts = layerName.split('.')
  const takesIndex = parts[0] === 'features' || parts[0] === '_blocks'
  return parts.slice(0, takesIndex ? 2 : 1).join('.')
}

export function backboneCards(cacheDirectory: string): BackboneCard[] {
  return BACKBONES.map((backbone) => backboneCard(backbone, cacheDirectory))
}

function backboneCard(backbone: Backbone, cacheDirectory: string): BackboneCard {
  const network = buildNetwork(backbone, { classes: 1000, dropout: null })
  const shapes = networkShapes(network, 224)
  const cost = (name: string) => {
    const layer = network.layers.find((candidate) => candidate.name === name)
    const output = shapes.get(name)
    if (layer === undefined || output === undefined) return { parameters: 0, macs: 0 }
    const inputs = inputShapes(layer, shapes)
    return { parameters: parameterCount(ruleOf(layer).parameters(layer, inputs)), macs: ruleOf(layer).macs(layer, inputs, output) }
  }
  const path = join(weightsDirectory(cacheDirectory), backbone.weights.fileName)
  return {
    name: backbone.name,
    title: backbone.title,
    paper: backbone.paper,
    description: backbone.description,
    parameters: parameterCount(networkParameters(network)),
    macs: network.layers.filter((layer) => layer.kind === 'conv' || layer.kind === 'linear').reduce((sum, layer) => sum + cost(layer.name).macs, 0),
    layers: freezableLayers(network).map(({ conv, batchNorm }) => ({
      name: conv.name,
      stage: stageOf(conv.name),
      parameters: cost(conv.name).parameters + (batchNorm === null ? 0 : cost(batchNorm.name).parameters),
      macs: cost(conv.name).macs,
    })),
    featureChannels: shapes.get(network.pooling)?.[0] ?? 0,
    weights: { name: 'imagenet', ...backbone.weights, isPresent: existsSync(path), path },
  }
}

/** What a freeze ratio means for a network with a head for `classes` classes. */
export function freezePlan(options: { backbone: string; freezeRatio: number; classes: number; imageSize: number }): FreezePlan {
  const network = buildNetwork(findBackbone(options.backbone), { classes: options.classes, dropout: null })
  const frozenLayers = frozenLayerCount(network, options.freezeRatio)
  const frozen = frozenNames(network, frozenLayers)
  const specs = networkParameters(network)
  const isFrozen = (parameter: string) => frozen.has(parameter.slice(0, parameter.lastIndexOf('.')))
  const cut = prefixCut(network, frozen, options.imageSize)
  return {
    backbone: options.backbone,
    layers: freezableLayers(network).length,
    frozenLayers,
    frozenLayerNames: freezableLayers(network)
      .slice(0, frozenLayers)
      .map(({ conv }) => conv.name),
    parameters: parameterCount(specs),
    trainableParameters: parameterCount(specs.filter((spec) => !isFrozen(spec.name))),
    cut: cut === 'input' ? null : cut,
    prefixCached: cut !== 'input',
  }
}
