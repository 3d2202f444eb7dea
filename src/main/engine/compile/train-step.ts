/**
 * One optimizer step as graph nodes: forward, loss, gradients, clipping, every update, the running average of the weights. Gradients of
 * several passes may be gathered first; then a step is that many runs of `pass` and one of `apply`.
 */
import type { ComputePrecision, LossName } from '../../../shared/domain/run-config'
import { type Network, networkParameters, networkShapes } from '../zoo/network'
import { writeForward } from './forward'
import { attribute, type GraphBuilder, type Output } from './graph-builder'
import { LOSS_RULES } from './loss'
import { OPTIMIZER_RULES, type OptimizerName, type OptimizerSettings, type ScalarInputs, slotName } from './optimizers'
import type { Variables } from './variables'

/** Parameters that share a learning rate. */
export interface GroupAssignment {
  readonly count: number
  /** Group, from 0, of a parameter by its name. */
  of(parameter: string): number
}

export interface StepOptions {
  readonly network: Network
  readonly imageSize: number
  /** Value that the step starts from. */
  readonly cut: string
  /** Layers whose parameters train. */
  readonly trained: ReadonlySet<string>
  /** Frozen batch norms that follow the pictures; none where left out. */
  readonly batchNormalised?: ReadonlySet<string>
  readonly optimizer: OptimizerName
  readonly optimizerSettings: OptimizerSettings
  /** One group where left out. */
  readonly groups?: GroupAssignment
  /** Whether weight decay pulls at a parameter; at all where left out. */
  readonly decays?: (parameter: string) => boolean
  /** Cross-entropy where left out. */
  readonly loss?: { readonly kind: LossName; readonly gamma: number }
  /** Largest global norm of the gradients; null or left out: not clipped. */
  readonly gradientClipping?: number | null
  /** Keep a running average of the weights, which evaluation then reads. */
  readonly averages?: boolean
  /** The value at the cut is turned half around, and so are the kernels. */
  readonly isTurned?: boolean
  /** What the layers compute in; float32 where left out. */
  readonly precision?: ComputePrecision
  /** Gather the gradients of several passes. */
  readonly accumulates?: boolean
}

export interface StepSignature {
  readonly feeds: readonly string[]
  readonly fetches: readonly string[]
}

export interface StepSignatures {
  /** Loss, logits and gradient norm. Without `apply` the weights change in it. */
  readonly pass: StepSignature
  /** Gradient norm; the weights change. Null where every pass is a step. */
  readonly apply: StepSignature | null
}

export const STEP_FEEDS = {
  targets: 'targets',
  weights: 'weights',
  learningRate: 'learning_rate',
  epsilon: 'epsilon',
  decay: 'decay',
  averageDecay: 'average_decay',
  randomKey: 'random_key',
  randomCounter: 'random_counter',
} as const

/** Slot that holds the running average of a parameter or statistic. */
export const AVERAGE_SLOT = 'average'
const GATHERED_SLOT = 'gathered'

const FLOAT = attribute.type('float32')
const fetch = (output: Output) => (output.includes(':') ? output : `${output}:0`)
const layerOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'))

/** Declares what a step needs beside the parameters themselves: slots, gathered gradients, averages. */
export function declareStepVariables(variables: Variables, options: StepOptions): void {
  const parameters = networkParameters(options.network)
  const isMoved = (name: string) => options.trained.has(layerOf(name)) || (options.batchNormalised?.has(layerOf(name)) ?? false)
  const trained = parameters.filter((spec) => spec.isTrained && options.trained.has(layerOf(spec.name)))
  for (const slot of OPTIMIZER_RULES[options.optimizer].slots) {
    for (const { name, shape, layout } of trained) variables.declare({ name: slotName(slot, name), shape, layout })
  }
  if (options.averages === true) {
    for (const { name, shape, layout } of parameters.filter((spec) => isMoved(spec.name))) variables.declare({ name: slotName(AVERAGE_SLOT, name), shape, layout })
  }
  if (options.accumulates === true) {
    for (const { name, shape, layout } of trained) variables.declare({ name: slotName(GATHERED_SLOT, name), shape, layout, isTransient: true })
  }
}

/** `head`: the value at the cut, which is fed as `headFeed`. */
export function writeTrainStep(graph: GraphBuilder, variables: Variables, options: StepOptions, head: Output, headFeed: string): StepSignatures {
  const { network } = options
  const classes = networkShapes(network, options.imageSize).get(network.output)?.[0] ?? 0
  const groupCount = options.groups?.count ?? 1
  const targets = graph.placeholder(STEP_FEEDS.targets, 'float32', [-1, classes])
  const weights = graph.placeholder(STEP_FEEDS.weights, 'float32', [-1])
  const learningRates = graph.placeholder(STEP_FEEDS.learningRate, 'float32', [groupCount])
  const epsilons = graph.placeholder(STEP_FEEDS.epsilon, 'float32', [groupCount])
  const decays = graph.placeholder(STEP_FEEDS.decay, 'float32', [groupCount])
  const averageDecay = options.averages === true ? graph.placeholder(STEP_FEEDS.averageDecay, 'float32', []) : null
  const random = { key: graph.placeholder(STEP_FEEDS.randomKey, 'int32', [2]), counter: graph.placeholder(STEP_FEEDS.randomCounter, 'int32', [4]) }
  const passFeeds = [headFeed, STEP_FEEDS.targets, STEP_FEEDS.weights, STEP_FEEDS.randomKey, STEP_FEEDS.randomCounter]
  const stepFeeds = [STEP_FEEDS.learningRate, STEP_FEEDS.epsilon, STEP_FEEDS.decay, ...(averageDecay === null ? [] : [STEP_FEEDS.averageDecay])]

  return graph.scoped('train', () => {
    const forward = writeForward(graph, {
      network,
      imageSize: options.imageSize,
      parameter: (name) => variables.read(name),
      from: options.cut,
      to: network.output,
      input: head,
      trained: options.trained,
      ...(options.batchNormalised === undefined ? {} : { batchNormalised: options.batchNormalised }),
      random,
      isTurned: options.isTurned ?? false,
      precision: options.precision ?? 'float32',
    })
    const logits = forward.output.output
    const { kind, gamma } = options.loss ?? { kind: 'cross_entropy', gamma: 0 }
    const { loss, logitsGradient } = graph.scoped('loss', () => LOSS_RULES[kind](graph, { logits, targets, weights }, { gamma }))
    const gradients = forward.backward(logitsGradient)
    const norm = graph.scoped('gradient_norm', () => writeGlobalNorm(graph, [...gradients.values()]))
    const statistics = [...forward.statistics].map(([name, value]) => variables.assign(name, value))
    const scalars = { learningRates: unpacked(graph, learningRates, groupCount), epsilons: unpacked(graph, epsilons, groupCount), decays: unpacked(graph, decays, groupCount) }

    const update = (given: ReadonlyMap<string, Output>, givenNorm: Output, after: readonly Output[]): Output[] => {
      const clipped = clip(graph, given, givenNorm, options.gradientClipping ?? null)
      const updates = writeUpdates(graph, variables, options, clipped, scalars)
      if (averageDecay === null) return updates
      const moved = [...given.keys(), ...forward.statistics.keys()]
      return [...updates, ...graph.scoped('average', () => writeAverages(graph, variables, moved, averageDecay, [...updates, ...after]))]
    }

    if (options.accumulates !== true) {
      const done = graph.after(loss, [...update(gradients, norm, statistics), ...statistics], 'done')
      return { pass: { feeds: [...passFeeds, ...stepFeeds], fetches: [fetch(done), fetch(logits), fetch(norm)] }, apply: null }
    }
    const gathering = [...gradients].map(([name, gradient]) => variables.assignAdd(slotName(GATHERED_SLOT, name), gradient))
    const passed = graph.after(loss, [...gathering, ...statistics], 'passed')
    const gathered = new Map([...gradients.keys()].map((name) => [name, variables.read(slotName(GATHERED_SLOT, name))]))
    const gatheredNorm = graph.scoped('gathered_norm', () => writeGlobalNorm(graph, [...gathered.values()]))
    const updates = update(gathered, gatheredNorm, [])
    const emptied = [...gathered].map(([name, value]) => {
      const zeros = graph.after(graph.add('ZerosLike', [value], { T: FLOAT }), updates, 'emptied')
      return variables.assign(slotName(GATHERED_SLOT, name), zeros)
    })
    const applied = graph.after(gatheredNorm, [...updates, ...emptied], 'applied')
    return { pass: { feeds: passFeeds, fetches: [fetch(passed), fetch(logits), fetch(norm)] }, apply: { feeds: stepFeeds, fetches: [fetch(applied)] } }
  })
}

interface UnpackedScalars {
  readonly learningRates: readonly Output[]
  readonly epsilons: readonly Output[]
  readonly decays: readonly Output[]
}

/** The numbers of a vector, one output each. */
function unpacked(graph: GraphBuilder, vector: Output, count: number): Output[] {
  const node = graph.add('Unpack', [vector], { T: FLOAT, num: attribute.int(count), axis: attribute.int(0) })
  return Array.from({ length: count }, (_, i) => (i === 0 ? node : `${node}:${i}`))
}

function writeUpdates(graph: GraphBuilder, variables: Variables, options: StepOptions, gradients: ReadonlyMap<string, Output>, scalars: UnpackedScalars): Output[] {
  const { optimizerSettings, groups } = options
  const rule = OPTIMIZER_RULES[options.optimizer]
  return [...gradients].map(([name, gradient]) => {
    const group = groups?.of(name) ?? 0
    const own: ScalarInputs = { learningRate: scalars.learningRates[group] ?? '', epsilon: scalars.epsilons[group] ?? '', decay: scalars.decays[group] ?? '' }
    const isDecayed = options.decays?.(name) ?? true
    const settings = isDecayed ? optimizerSettings : { ...optimizerSettings, weightDecay: 0 }
    return graph.scoped(`update/${name.replace(/^_/, 'x_')}`, () => rule.write(graph, variables, { name, gradient, scalars: own, settings }))
  })
}

/** √Σ‖g‖² over all gradients: NaN or infinite as soon as any gradient is. */
function writeGlobalNorm(graph: GraphBuilder, gradients: readonly Output[]): Output {
  const halves = gradients.map((gradient) => graph.add('L2Loss', [gradient], { T: FLOAT }))
  return graph.float32('Sqrt', [graph.mul(graph.sum(halves), graph.float(2))])
}

/** torch.nn.utils.clip_grad_norm_: all gradients times min(1, largest / (norm + 1e-6)). */
function clip(graph: GraphBuilder, gradients: ReadonlyMap<string, Output>, norm: Output, largest: number | null): ReadonlyMap<string, Output> {
  if (largest === null) return gradients
  const share = graph.float32('RealDiv', [graph.float(largest), graph.plus(norm, graph.float(1e-6))])
  const factor = graph.float32('Minimum', [share, graph.float(1)])
  return new Map([...gradients].map(([name, gradient]) => [name, graph.mul(gradient, factor)]))
}

/** average ← average + (1 − d)·(value − average), as torch's AveragedModel does with get_ema_multi_avg_fn and its buffers. */
function writeAverages(graph: GraphBuilder, variables: Variables, names: readonly string[], decay: Output, after: readonly Output[]): Output[] {
  const share = graph.minus(graph.float(1), decay)
  return names.map((name) => {
    const slot = slotName(AVERAGE_SLOT, name)
    const old = variables.read(slot)
    const difference = graph.minus(variables.readAfter(name, after), old)
    return variables.assign(slot, graph.plus(old, graph.mul(difference, share)))
  })
}
