/**
 * The one graph of a run: augmentation, frozen prefix, training step, evaluation, and all state in and out. TensorFlow compiles
 * each set of feeds and fetches at its first use, so there are few and they never vary; the batch may.
 */
import { networkParameters, networkShapes } from '../zoo/network'
import type { Preprocessing } from '../zoo/backbone'
import { type Jitter, JITTERS, writeErasing, writeGeometry, writeJitter, writeMix, writeNormalise, writeToUnit } from './augmentation'
import { writeForward } from './forward'
import { attribute, GraphBuilder, type Output, type PlaceholderSpec } from './graph-builder'
import { slotName } from './optimizers'
import { encodeSavedModel } from './saved-model'
import { AVERAGE_SLOT, declareStepVariables, STEP_FEEDS, type StepOptions, type StepSignatures, writeTrainStep } from './train-step'
import { gainsByTurning } from './turning'
import { Variables, type VariableSpec } from './variables'

export interface ProgramOptions extends Omit<StepOptions, 'trained'> {
  readonly preprocessing: Preprocessing
  /** Where the kept prefix ends; 'input' where nothing is kept. */
  readonly cut: string
  /** Layers whose parameters train; null: a program that only evaluates. */
  readonly trained: ReadonlySet<string> | null
}

export interface RunSignature {
  readonly feeds: readonly string[]
  readonly fetches: readonly string[]
}

export interface Program {
  readonly savedModel: Uint8Array
  readonly placeholders: readonly PlaceholderSpec[]
  /** Parameters and running statistics first, then the optimizer's slots, then averages and what is empty between steps. */
  readonly variables: readonly VariableSpec[]
  /** Those that the state is made of, in the order of `stateOut`. */
  readonly stateVariables: readonly VariableSpec[]
  readonly stateIn: { readonly feeds: ReadonlyMap<string, string>; readonly fetch: string }
  readonly stateOut: RunSignature
  /** uint8 [N, side, side, 3] → float32 in 0…1. */
  readonly plain: RunSignature
  /** The same, moved by a transform for each picture [N, 8]: flips, rotation, shift, size and slant in one. */
  readonly geometry: RunSignature
  readonly jitter: Readonly<Record<Jitter, RunSignature>>
  /** Pictures in 0…1 and a box for each [N, 4] → its part covered with the mean colour, which is 0 once normalised. */
  readonly erasing: RunSignature
  /** That colour, of each channel in 0…1. */
  readonly erasingColour: readonly number[]
  /** Pictures in 0…1 and each pixel's own share [side, side, 1] → every picture blended with the one before it. */
  readonly mix: RunSignature
  /** Pictures in 0…1 → the value at the cut. Null where the cut is the input. */
  readonly prefix: RunSignature | null
  /** Value at the cut (pictures in 0…1 where that is the input) → logits. */
  readonly evaluate: RunSignature
  /** The same with targets, weights, rates and random key → loss, logits, gradient norm; the weights change, or with `apply`. */
  readonly train: StepSignatures | null
  /** Pictures are turned half around before the network sees them, and so are its kernels while they are in here. */
  readonly isTurned: boolean
  /** Parameter groups with a learning rate of their own. */
  readonly groupCount: number
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
  ...STEP_FEEDS,
} as const

export function compileProgram(options: ProgramOptions): Program {
  const { network, imageSize, cut } = options
  const graph = new GraphBuilder()
  const variables = new Variables(graph)
  const parameters = networkParameters(network)
  for (const spec of parameters) variables.declare(spec)
  const step: StepOptions | null = options.trained === null ? null : { ...options, trained: options.trained }
  if (step !== null) declareStepVariables(variables, step)

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
  const isTurned = gainsByTurning(network, imageSize)
  const normalised = graph.scoped('normalise', () => {
    const upright = writeNormalise(graph, pictures, options.preprocessing.mean, options.preprocessing.std)
    return isTurned ? turnedAround(graph, upright) : upright
  })
  const averaged = new Set(variables.specs.map(({ name }) => name).filter((name) => name.startsWith(slotName(AVERAGE_SLOT, ''))))
  const parameter = (name: string) => variables.read(averaged.has(slotName(AVERAGE_SLOT, name)) ? slotName(AVERAGE_SLOT, name) : name)
  const inference = { network, imageSize, parameter, trained: new Set<string>(), random: null, isTurned }
  const isCut = cut !== 'input'
  const prefix = isCut ? graph.scoped('prefix', () => writeForward(graph, { ...inference, from: 'input', to: cut, input: normalised })).output.output : null

  const cutShape = networkShapes(network, imageSize).get(cut) ?? []
  const head = isCut ? graph.placeholder(FEEDS.features, 'float32', [-1, ...cutShape]) : normalised
  const headFeed = isCut ? FEEDS.features : FEEDS.pictures
  const evaluated = graph.scoped('evaluate', () => {
    const { output, shape } = writeForward(graph, { ...inference, from: cut, to: network.output, input: head }).output
    return isTurned && shape.length === 3 ? turnedAround(graph, output) : output
  })
  const train = step === null ? null : writeTrainStep(graph, variables, { ...step, isTurned }, head, headFeed)

  const stateIn = variables.stateIn()
  const stateOut = variables.stateOut().map(fetch)
  return {
    savedModel: encodeSavedModel(graph.nodes),
    placeholders: graph.placeholders,
    variables: variables.specs,
    stateVariables: variables.stateSpecs,
    stateIn: { feeds: stateIn.feeds, fetch: fetch(stateIn.fetch) },
    stateOut: { feeds: [], fetches: stateOut },
    plain: { feeds: [FEEDS.pixels], fetches: [fetch(plain)] },
    geometry: { feeds: [FEEDS.pixels, FEEDS.transforms], fetches: [fetch(geometry)] },
    jitter,
    erasing: { feeds: [FEEDS.pictures, FEEDS.boxes], fetches: [fetch(erasing)] },
    erasingColour: options.preprocessing.mean,
    mix: { feeds: [FEEDS.pictures, FEEDS.shares], fetches: [fetch(mix)] },
    prefix: prefix === null ? null : { feeds: [FEEDS.pictures], fetches: [fetch(prefix)] },
    evaluate: { feeds: [headFeed], fetches: [fetch(evaluated)] },
    train,
    isTurned,
    groupCount: options.groups?.count ?? 1,
  }
}

/** Feature maps [N, H, W, C], last pixel first. */
export function turnedAround(graph: GraphBuilder, maps: Output): Output {
  return graph.add('ReverseV2', [maps, graph.int([1, 2])], { T: attribute.type('float32'), Tidx: attribute.type('int32') })
}

export const fetch = (output: Output) => (output.includes(':') ? output : `${output}:0`)
