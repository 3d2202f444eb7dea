/** The table of backbones. Listing them loads no TensorFlow. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import type { BackboneCard } from '../../../shared/domain/model'
import type { HeadName } from '../../../shared/domain/run-config'
import { ruleOf } from '../layers/rules'
import { type Backbone, defaultWeights } from './backbone'
import { EFFICIENTNETS } from './efficientnet'
import { EFFICIENTNETS_LITE } from './efficientnet-lite'
import { stageOf } from './freeze'
import { HEAD_RULES } from './heads'
import { MOBILENETS_V2 } from './mobilenet-v2'
import { MOBILENETS_V3 } from './mobilenet-v3'
import { freezableLayers, inputShapes, type Network, NetworkBuilder, networkParameters, networkShapes, parameterCount } from './network'
import { RESNETS } from './resnet'
import type { WeightsRow } from './weights-rows'

export const BACKBONES: readonly Backbone[] = [...EFFICIENTNETS_LITE, ...MOBILENETS_V3, ...MOBILENETS_V2, ...EFFICIENTNETS, ...RESNETS]

/** Throws NOT_FOUND naming what there is. */
export function findBackbone(name: string): Backbone {
  const found = BACKBONES.find((backbone) => backbone.name === name)
  if (found !== undefined) return found
  const names = BACKBONES.map((backbone) => backbone.name).join(', ')
  throw new GraftError('NOT_FOUND', `Expected a backbone among ${names}; got ${name}.`, { action: 'Choose one of these; graft models describes them.' })
}

export interface NetworkOptions {
  readonly classes: number
  readonly head?: HeadName
  /** Null: as the head is meant to have it. */
  readonly dropout: number | null
  /** Share of residual branches left out at the last block; null: as published. */
  readonly stochasticDepth?: number | null
}

/** First dropout of a backbone's head where none is asked for. */
export function defaultDropout(backbone: Backbone, head: HeadName): number {
  return HEAD_RULES[head].dropout ?? backbone.dropout ?? 0
}

/** The backbone with a head for some classes. */
export function buildNetwork(backbone: Backbone, { classes, head = 'linear', dropout, stochasticDepth = null }: NetworkOptions): Network {
  const net = new NetworkBuilder()
  const pooled = backbone.writeFeatures(net, { stochasticDepth: stochasticDepth ?? backbone.stochasticDepth })
  const output = HEAD_RULES[head].write(net, pooled, backbone, { classes, dropout: dropout ?? defaultDropout(backbone, head) })
  return net.build(pooled.value, output)
}

/** The published weights that a configuration's `weights` means; null where it means none, or a file. */
export function publishedWeights(backbone: Backbone, weights: string): WeightsRow | null {
  if (weights === 'imagenet') return defaultWeights(backbone)
  return backbone.weights.find((row) => row.name === weights) ?? null
}

/** The folder where weights files are kept or can be put by hand. */
export function weightsDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'weights')
}

export function backboneCards(cacheDirectory: string): BackboneCard[] {
  return BACKBONES.map((backbone) => backboneCard(backbone, cacheDirectory))
}

function backboneCard(backbone: Backbone, cacheDirectory: string): BackboneCard {
  const network = buildNetwork(backbone, { classes: 1000, head: 'linear', dropout: null })
  const shapes = networkShapes(network, 224)
  const cost = (name: string) => {
    const layer = network.layers.find((candidate) => candidate.name === name)
    const output = shapes.get(name)
    if (layer === undefined || output === undefined) return { parameters: 0, macs: 0 }
    const inputs = inputShapes(layer, shapes)
    return { parameters: parameterCount(ruleOf(layer).parameters(layer, inputs)), macs: ruleOf(layer).macs(layer, inputs, output) }
  }
  const place = (fileName: string) => join(weightsDirectory(cacheDirectory), fileName)
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
    preprocessing: { mean: [...backbone.preprocessing.mean], std: [...backbone.preprocessing.std] },
    weights: backbone.weights.map((row) => ({
      ...row,
      isDefault: row === defaultWeights(backbone),
      isPresent: existsSync(place(row.fileName)),
      path: place(row.fileName),
    })),
  }
}
