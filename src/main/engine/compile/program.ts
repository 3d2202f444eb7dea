/**
 * The one graph of a run: augmentation, frozen prefix, training step, evaluation, and all state in and out. TensorFlow compiles
 * each set of feeds and fetches at its first use, so there are few and they never vary; the batch may.
 */
import type { Network } from '../zoo/network'
import { networkParameters, networkShapes } from '../zoo/network'
import type { Preprocessing } from '../zoo/backbone'
import { type Jitter, JITTERS, writeErasing, writeGeometry, writeJitter, writeMix, writeNormalise, writeToUnit } from './augmentation'
import { writeForward } from './forward'
import { attribute, GraphBuilder, type Output, type PlaceholderSpec } from './graph-builder'
import { writeCrossEntropy } from './loss'
import { OPTIMIZER_RULES, type OptimizerName, type OptimizerSettings, slotName } from './optimizers'
import { encodeSavedModel } from './saved-model'
import { Variables, type VariableSpec } from './variables'

export interface ProgramOptions {
  readonly network: Network
  readonly imageSize: number
  readonly preprocessing: Preprocessing
  /** Where the kept prefix ends; 'input' where nothing is kept. */
  readonly cut: string
  /** Layers whose parameters train; null: a program that only evaluates. */
  readonly trained: ReadonlySet<string> | null
  readonly optimizer: OptimizerName
  readonly optimizerSettings: OptimizerSettings
}

export interface RunSignature {
  readonly feeds: readonly string[]
  readonly fetches: readonly string[]
}

export interface Program {
  readonly savedModel: Uint8Array
  readonly placeholders: readonly PlaceholderSpec[]
  /** Parameters and running statistics first, then the optimizer's slots. */
  readonly variables: readonly VariableSpec[]
  readonly stateIn: { readonly feeds: ReadonlyMap<string, string>; readonly fetch: string }
  readonly stateOut: RunSignature
  /** uint8 [N, side, side, 3] → float32 in 0…1. */
  readonly plain: RunSignature
  /** The same, moved by a transform for each picture [N, 8]: flips, rotation, shift, size and slant in one. */
  readonly geometry: RunSignature
  readonly jitter: Readonly<Record<Jitter, RunSignature>>
  /** Pictures in 0…1 and a box for each [N, 4] → its part covered with the mean colour, which is 0 once normalised. */
  readonly erasing: RunSignature
  /** Pictures in 0…1 and each pixel's own share [side, side, 1] → every picture blended with the one before it. */
  readonly mix: RunSignature
  /** Pictures in 0…1 → the value at the cut. Null where the cut is the input. */
  readonly prefix: RunSignature | null
  /** Value at the cut (pictures in 0…1 where that is the input) → logits. */
  readonly evaluate: RunSignature
  /** The same with targets, weights, rates and random key → loss, logits, gradient norm; the weights change. */
  readonly train: RunSignature | null
}

/** Names of the placeholders that the training loop feeds. */
export const FEEDS = {
  pixels: 'pixels',
  transforms: 'transforms',
  pictures: 'pictures',
  amounts: 'amounts',
  boxes: 'boxes',
  shares: 'shares',
  features: 'features',
  targets: 'targets',
  weights: 'weights',
  learningRate: 'learning_rate',
  epsilon: 'epsilon',
  decay: 'decay',
  randomKey: 'random_key',
  randomCounter: 'random_counter',
} as const

export function compileProgram(options: ProgramOptions): Program {
  const { network, imageSize, cut } = options
  const graph = new GraphBuilder()
  const variables = new Variables(graph)
  const parameters = networkParameters(network)
  const trainedParameters = parameters.filter((spec) => spec.isTrained && (options.trained?.has(spec.name.slice(0, spec.name.lastIndexOf('.'))) ?? false))
  for (const spec of parameters) variables.declare(spec)
  if (options.trained !== null) {
    for (const slot of OPTIMIZER_RULES[options.optimizer].slots) {
      for (const spec of trainedParameters) variables.declare({ name: slotName(slot, spec.name), shape: spec.shape, layout: spec.layout })
    }
  }

  const pictureShape = [-1, imageSize, imageSize, 3]
  const pixels = graph.placeholder(FEEDS.pixels, 'uint8', pictureShape)
  const transforms = graph.placeholder(FEEDS.transforms, 'float32', [-1, 8])
  const pictures = graph.placeholder(FEEDS.pictures, 'float32', pictureShape)
  const amounts = graph.placeholder(FEEDS.amounts, 'float32', [-1])
  const boxes = graph.placeholder(FEEDS.boxes, 'float32', [-1, 4])
  const shares = graph.placeholder(FEEDS.shares, 'float32', [imageSize, imageSize, 1])
  const plain = graph.scoped('plain', () => writeToUnit(graph, pixels))
  const geometry = graph.scoped('geometry', () => writeGeometry(graph, pixels, transforms, imageSize))
  const jitter = Object.fromEntries(
    JITTERS.map((name) => {
      const output = graph.scoped(name, () => writeJitter(graph, name, pictures, amounts))
      return [name, { feeds: [FEEDS.pictures, FEEDS.amounts], fetches: [fetch(output)] }]
    }),
  ) as unknown as Program['jitter']

  const erasing = graph.scoped('erasing', () => writeErasing(graph, pictures, boxes, options.preprocessing.mean, imageSize))
  const mix = graph.scoped('mix', () => writeMix(graph, pictures, shares))
  const normalised = graph.scoped('normalise', () => writeNormalise(graph, pictures, options.preprocessing.mean, options.preprocessing.std))
  const parameter = (name: string) => variables.read(name)
  const inference = { network, imageSize, parameter, trained: new Set<string>(), random: null }
  const isCut = cut !== 'input'
  const prefix = isCut ? graph.scoped('prefix', () => writeForward(graph, { ...inference, from: 'input', to: cut, input: normalised })).output.output : null

  const cutShape = networkShapes(network, imageSize).get(cut) ?? []
  const head = isCut ? graph.placeholder(FEEDS.features, 'float32', [-1, ...cutShape]) : normalised
  const headFeed = isCut ? FEEDS.features : FEEDS.pictures
  const evaluated = graph.scoped('evaluate', () => writeForward(graph, { ...inference, from: cut, to: network.output, input: head })).output.output
  const train = options.trained === null ? null : writeTrainStep(graph, variables, options, options.trained, head, headFeed)

  const stateIn = variables.stateIn()
  const stateOut = variables.stateOut().map(fetch)
  return {
    savedModel: encodeSavedModel(graph.nodes),
    placeholders: graph.placeholders,
    variables: variables.specs,
    stateIn: { feeds: stateIn.feeds, fetch: fetch(stateIn.fetch) },
    stateOut: { feeds: [], fetches: stateOut },
    plain: { feeds: [FEEDS.pixels], fetches: [fetch(plain)] },
    geometry: { feeds: [FEEDS.pixels, FEEDS.transforms], fetches: [fetch(geometry)] },
    jitter,
    erasing: { feeds: [FEEDS.pictures, FEEDS.boxes], fetches: [fetch(erasing)] },
    mix: { feeds: [FEEDS.pictures, FEEDS.shares], fetches: [fetch(mix)] },
    prefix: prefix === null ? null : { feeds: [FEEDS.pictures], fetches: [fetch(prefix)] },
    evaluate: { feeds: [headFeed], fetches: [fetch(evaluated)] },
    train,
  }
}

const fetch = (output: Output) => (output.includes(':') ? output : `${output}:0`)

/** Forward, loss, gradients, every update: one run is one step. */
function writeTrainStep(
  graph: GraphBuilder,
  variables: Variables,
  options: ProgramOptions,
  trained: ReadonlySet<string>,
  head: Output,
  headFeed: string,
): RunSignature {
  const { network } = options
  const classes = networkShapes(network, options.imageSize).get(network.output)?.[0] ?? 0
  const targets = graph.placeholder(FEEDS.targets, 'float32', [-1, classes])
  const weights = graph.placeholder(FEEDS.weights, 'float32', [-1])
  const scalars = {
    learningRate: graph.placeholder(FEEDS.learningRate, 'float32', []),
    epsilon: graph.placeholder(FEEDS.epsilon, 'float32', []),
    decay: graph.placeholder(FEEDS.decay, 'float32', []),
  }
  const random = { key: graph.placeholder(FEEDS.randomKey, 'int32', [2]), counter: graph.placeholder(FEEDS.randomCounter, 'int32', [4]) }

  return graph.scoped('train', () => {
    const forward = writeForward(graph, {
      network,
      imageSize: options.imageSize,
      parameter: (name) => variables.read(name),
      from: options.cut,
      to: network.output,
      input: head,
      trained,
      random,
    })
    const { loss, logitsGradient } = graph.scoped('loss', () => writeCrossEntropy(graph, forward.output.output, targets, weights))
    const gradients = forward.backward(logitsGradient)
    const norm = graph.scoped('gradient_norm', () => writeGlobalNorm(graph, [...gradients.values()]))
    const rule = OPTIMIZER_RULES[options.optimizer]
    const updates = [...gradients].map(([name, gradient]) =>
      graph.scoped(`update/${name.replace(/^_/, 'x_')}`, () => rule.write(graph, variables, { name, gradient, scalars, settings: options.optimizerSettings })),
    )
    const statistics = [...forward.statistics].map(([name, value]) => variables.assign(name, value))
    const done = graph.after(loss, [...updates, ...statistics], 'done')
    return {
      feeds: [headFeed, FEEDS.targets, FEEDS.weights, FEEDS.learningRate, FEEDS.epsilon, FEEDS.decay, FEEDS.randomKey, FEEDS.randomCounter],
      fetches: [fetch(done), fetch(forward.output.output), fetch(norm)],
    }
  })
}

/** √Σ‖g‖² over all gradients: NaN or infinite as soon as any gradient is. */
function writeGlobalNorm(graph: GraphBuilder, gradients: readonly Output[]): Output {
  const halves = gradients.map((gradient) => graph.add('L2Loss', [gradient], { T: attribute.type('float32') }))
  return graph.float32('Sqrt', [graph.mul(graph.sum(halves), graph.float(2))])
}
