/** A run's network, compiled for one of its stages: freezing, cut, parameter groups, loss, optimizer. */
import { mixesPictures } from '../../shared/domain/augmentation'
import { type ComputePrecision, resolvedViews, type RunConfig } from '../../shared/domain/run-config'
import { type PlannedStage, plannedStages } from '../../shared/domain/stages'
import { compileProgram, type Program } from '../engine/compile/program'
import { type ParameterGroups, parameterGroups } from '../engine/train/parameter-groups'
import type { Backbone, Preprocessing } from '../engine/zoo/backbone'
import { type Freezing, frozenLayersOf, frozenNames, prefixCut } from '../engine/zoo/freeze'
import type { FreezableLayer, Network } from '../engine/zoo/network'
import { networkParameters, parameterCount } from '../engine/zoo/network'
import { buildNetwork, defaultDropout, findBackbone } from '../engine/zoo/registry'

export interface RunNetwork {
  readonly backbone: Backbone
  readonly network: Network
  readonly dropout: number
  readonly stage: PlannedStage
  readonly frozenLayers: number
  /** Where the kept prefix ends; 'input' where nothing is kept. */
  readonly cut: string
  /** Layers whose parameters train. */
  readonly trained: ReadonlySet<string>
  /** Frozen batch norms that follow the pictures all the same. */
  readonly batchNormalised: ReadonlySet<string>
  readonly trainsBatchNorm: boolean
  readonly groups: ParameterGroups
  /** Different augmented views of each picture in the stage; 0: the plain one alone. */
  readonly views: number
  readonly parameters: number
  readonly trainableParameters: number
}

/** The network as it trains in a stage, the first where none is given. */
export function runNetwork(config: RunConfig, classes: number, stageIndex = 1, backbone = findBackbone(config.backbone)): RunNetwork {
  const dropout = config.dropout ?? defaultDropout(backbone, config.head)
  const network = buildNetwork(backbone, { classes, head: config.head, dropout })
  const stages = plannedStages(config)
  const stage = stages[stageIndex - 1]
  if (stage === undefined) throw new Error(`The run has ${stages.length} stages, not ${stageIndex}`)
  const freezing = stages.slice(0, stageIndex).map((each) => freezingOf(backbone, network, each))
  const { frozenLayers, frozen, trained } = freezing.at(-1) ?? freezingOf(backbone, network, stage)
  const batchNorms = network.layers.filter((layer) => layer.kind === 'batch_norm')
  const batchNormalised = new Set(config.frozen_batch_norm === 'update' ? batchNorms.map(({ name }) => name).filter((name) => frozen.has(name)) : [])
  // What mixes pictures, or moves statistics in the frozen part, has to be seen by it in every step.
  const runsAhead = batchNormalised.size === 0 && !(config.augment && mixesPictures(config.augmentation))
  const cut = runsAhead ? prefixCut(network, frozen, config.image_size) : 'input'
  const specs = networkParameters(network)
  return {
    backbone,
    network,
    dropout,
    stage,
    frozenLayers: frozenLayers.length,
    cut,
    trained,
    batchNormalised,
    trainsBatchNorm: batchNorms.some(({ name }) => trained.has(name) || batchNormalised.has(name)),
    groups: parameterGroups({ network, trained: freezing.map((each) => each.trained), stages, stage }),
    views: stageViews(config, stage, cut),
    parameters: parameterCount(specs),
    trainableParameters: parameterCount(specs.filter((spec) => trained.has(spec.name.slice(0, spec.name.lastIndexOf('.'))))),
  }
}

interface StageFreezing {
  readonly frozenLayers: readonly FreezableLayer[]
  readonly frozen: ReadonlySet<string>
  readonly trained: ReadonlySet<string>
}

function freezingOf(backbone: Backbone, network: Network, freezing: Freezing): StageFreezing {
  const frozenLayers = frozenLayersOf(backbone, network, freezing)
  const frozen = frozenNames(frozenLayers)
  const withParameters = network.layers.filter((layer) => layer.kind === 'conv' || layer.kind === 'batch_norm' || layer.kind === 'linear')
  return { frozenLayers, frozen, trained: new Set(withParameters.filter((layer) => !frozen.has(layer.name)).map((layer) => layer.name)) }
}

/** Where nothing runs ahead a new view costs no more than an old one, so every epoch has its own. */
function stageViews(config: RunConfig, stage: PlannedStage, cut: string): number {
  if (!config.augment) return 0
  return cut === 'input' && config.views === null ? stage.epochs : resolvedViews(config, stage.epochs)
}

export interface CompileOptions {
  /** Of the weights the run starts from; null: the backbone's own. */
  readonly preprocessing?: Preprocessing | null
  /** What the training step's feature maps are computed in; float32 where left out. */
  readonly precision?: ComputePrecision
  /** Several passes make up a step. */
  readonly accumulates?: boolean
}

export function compileRun(run: RunNetwork, config: RunConfig, { preprocessing = null, accumulates = config.accumulation_steps > 1, precision = 'float32' }: CompileOptions = {}): Program {
  return compileProgram({
    network: run.network,
    imageSize: config.image_size,
    preprocessing: preprocessing ?? run.backbone.preprocessing,
    cut: run.cut,
    trained: run.trained,
    batchNormalised: run.batchNormalised,
    optimizer: config.optimizer,
    optimizerSettings: { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov, beta1: config.beta1, beta2: config.beta2 },
    groups: run.groups,
    decays: decayedParameters(run.network, config),
    loss: { kind: config.loss, gamma: config.focal_gamma },
    gradientClipping: config.gradient_clipping,
    averages: config.ema_decay !== null,
    accumulates,
    precision,
  })
}

/** Weight decay pulls at everything, or at the weights of convolutions and linear layers alone. */
function decayedParameters(network: Network, config: RunConfig): (parameter: string) => boolean {
  if (config.weight_decay_on === 'all') return () => true
  const batchNorms = new Set(network.layers.filter((layer) => layer.kind === 'batch_norm').map(({ name }) => name))
  return (parameter) => parameter.endsWith('.weight') && !batchNorms.has(parameter.slice(0, -'.weight'.length))
}
