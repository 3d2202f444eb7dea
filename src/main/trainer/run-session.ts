/** A run's network, compiled for its configuration: freezing, cut, optimizer. */
import type { RunConfig } from '../../shared/domain/run-config'
import { compileProgram, type Program } from '../engine/compile/program'
import type { Backbone } from '../engine/zoo/backbone'
import { frozenLayersOf, frozenNames, prefixCut } from '../engine/zoo/freeze'
import { type Network, networkParameters, parameterCount } from '../engine/zoo/network'
import { buildNetwork, defaultDropout, findBackbone } from '../engine/zoo/registry'

export interface RunNetwork {
  readonly backbone: Backbone
  readonly network: Network
  readonly dropout: number
  readonly frozenLayers: number
  /** Where the kept prefix ends; 'input' where nothing is kept. */
  readonly cut: string
  /** Layers whose parameters train. */
  readonly trained: ReadonlySet<string>
  readonly trainsBatchNorm: boolean
  readonly parameters: number
  readonly trainableParameters: number
}

export function runNetwork(config: RunConfig, classes: number): RunNetwork {
  const backbone = findBackbone(config.backbone)
  const dropout = config.dropout ?? defaultDropout(backbone, config.head)
  const network = buildNetwork(backbone, { classes, head: config.head, dropout })
  const frozenLayers = frozenLayersOf(backbone, network, config)
  const frozen = frozenNames(frozenLayers)
  const withParameters = network.layers.filter((layer) => layer.kind === 'conv' || layer.kind === 'batch_norm' || layer.kind === 'linear')
  const trained = new Set(withParameters.filter((layer) => !frozen.has(layer.name)).map((layer) => layer.name))
  const specs = networkParameters(network)
  return {
    backbone,
    network,
    dropout,
    frozenLayers: frozenLayers.length,
    cut: prefixCut(network, frozen, config.image_size),
    trained,
    trainsBatchNorm: network.layers.some((layer) => layer.kind === 'batch_norm' && trained.has(layer.name)),
    parameters: parameterCount(specs),
    trainableParameters: parameterCount(specs.filter((spec) => trained.has(spec.name.slice(0, spec.name.lastIndexOf('.'))))),
  }
}

export function compileRun(run: RunNetwork, config: RunConfig): Program {
  return compileProgram({
    network: run.network,
    imageSize: config.image_size,
    preprocessing: run.backbone.preprocessing,
    cut: run.cut,
    trained: run.trained,
    optimizer: config.optimizer,
    optimizerSettings: { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov },
  })
}
