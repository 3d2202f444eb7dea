/** Tells from a file's tensors which backbone and head they are, whatever the script that saved them called its head. */
import { GraftError } from '../../../shared/domain/error'
import { HEADS, type HeadName } from '../../../shared/domain/run-config'
import { shown, shownList } from '../../../shared/domain/shown'
import { formatDifferences, tensorDifferences } from '../formats/tensor-differences'
import type { HostTensor, TensorMap } from '../formats/tensor-map'
import type { ParameterSpec } from '../layers/layer'
import type { Backbone } from './backbone'
import { type Network, networkParameters } from './network'
import { BACKBONES, buildNetwork } from './registry'

export interface RecognisedModel {
  readonly backbone: Backbone
  readonly head: HeadName
  readonly classes: number
  /** Under this network's names, nothing else. */
  readonly tensors: TensorMap
  /** What was taken off, converted, passed over or assumed, in sentences. */
  readonly notes: readonly string[]
}

const moduleOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'))
const isCounter = (name: string) => name.endsWith('.num_batches_tracked')
const fits = (file: TensorMap, { name, shape }: Pick<ParameterSpec, 'name' | 'shape'>) => file.get(name)?.shape.join() === shape.join()

/** A network's parameters before and after its pooling. */
function splitAtPooling(network: Network): { features: ParameterSpec[]; head: ParameterSpec[] } {
  const at = network.layers.findIndex(({ name }) => name === network.pooling)
  const inHead = new Set(network.layers.slice(at).map(({ name }) => name))
  const specs = networkParameters(network)
  return { features: specs.filter(({ name }) => !inHead.has(moduleOf(name))), head: specs.filter(({ name }) => inHead.has(moduleOf(name))) }
}

/** Parameters of a file by module, the modules as PyTorch counts them: `fc.9` comes before `fc.10`. */
function byModule(entries: readonly (readonly [string, HostTensor])[]): [string, Map<string, HostTensor>][] {
  const modules = new Map<string, Map<string, HostTensor>>()
  for (const [name, tensor] of entries) {
    const module = moduleOf(name)
    modules.set(module, (modules.get(module) ?? new Map<string, HostTensor>()).set(name.slice(module.length + 1), tensor))
  }
  return [...modules].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
}

/** The file's head under the network's names, or null where it is another: told by the shapes of its layers in order. */
function renamedHead(expected: readonly ParameterSpec[], entries: readonly (readonly [string, HostTensor])[]): [string, HostTensor][] | null {
  const given = byModule(entries)
  const modules = [...new Set(expected.map(({ name }) => moduleOf(name)))]
  if (modules.length !== given.length || expected.length !== entries.length) return null
  const renamed: [string, HostTensor][] = []
  for (const { name, shape } of expected) {
    const tensor = given[modules.indexOf(moduleOf(name))]?.[1].get(name.slice(moduleOf(name).length + 1))
    if (tensor?.shape.join() !== shape.join()) return null
    renamed.push([name, tensor])
  }
  return renamed
}

/** What a state dict does not hold and a head's rule adds. */
const ASSUMED: Readonly<Partial<Record<HeadName, string>>> = {
  mlp: 'ReLU',
  deep: 'ReLU before each batch norm',
}

/** The head that the tensors after a backbone make up; null where it is none that Graft has. */
function recogniseHead(backbone: Backbone, file: TensorMap): RecognisedModel | null {
  const { features } = splitAtPooling(buildNetwork(backbone, { classes: 2, dropout: 0 }))
  const names = new Set(features.map(({ name }) => name))
  const rest = [...file].filter(([name]) => !names.has(name) && !isCounter(name))
  // The last layer's bias: one number a class.
  const outputs = byModule(rest).at(-1)?.[1].get('bias')?.shape[0] ?? 0
  if (outputs < 1) return null
  for (const head of HEADS) {
    const network = buildNetwork(backbone, { classes: outputs, head, dropout: 0 })
    const renamed = renamedHead(splitAtPooling(network).head, rest)
    if (renamed === null) continue
    const kept = features.map(({ name }): [string, HostTensor] => [name, file.get(name) as HostTensor])
    const between = ASSUMED[head]
    const notes = between === undefined ? [] : [`The file does not say what lies between the head’s layers: ${between} is taken, and dropout while it trains. With another activation its answers would be wrong; pictures show it.`]
    const last = renamed.at(-1)?.[0] ?? ''
    const inLast = (name: string): boolean => outputs === 1 && moduleOf(name) === moduleOf(last)
    const tensors = new Map([...kept, ...renamed.map(([name, tensor]): [string, HostTensor] => [name, inLast(name) ? withZeroFirst(tensor) : tensor])])
    if (outputs > 1) return { backbone, head, classes: outputs, tensors, notes }
    return { backbone, head, classes: 2, tensors, notes: [...notes, ONE_OUTPUT] }
  }
  return null
}

const ONE_OUTPUT =
  'The head has one output z, as for BCEWithLogitsLoss: it was made two, 0 and z, which gives the same probabilities. The first class is the one that training called 0, the second is 1.'

/** [0, z] in place of z: softmax([0, z]) is (1 − sigmoid(z), sigmoid(z)). */
function withZeroFirst({ shape, data }: HostTensor): HostTensor {
  const both = new Float32Array(2 * data.length)
  both.set(data, data.length)
  return { shape: [2, ...shape.slice(1)], data: both }
}

/** Each backbone with the parameters before its head. */
function candidateFeatures(candidates: readonly Backbone[]): { backbone: Backbone; features: ParameterSpec[] }[] {
  return candidates.map((backbone) => ({ backbone, features: splitAtPooling(buildNetwork(backbone, { classes: 2, dropout: 0 })).features }))
}

/** The backbone of which the file holds every tensor; the largest where one is the beginning of another. */
function recogniseBackbone(file: TensorMap, candidates: readonly Backbone[]): Backbone | null {
  const fitting = candidateFeatures(candidates)
    .filter(({ features }) => features.every((spec) => fits(file, spec)))
    .sort((a, b) => b.features.length - a.features.length)
  return fitting[0]?.backbone ?? null
}

/** Copies that training keeps beside the model. */
const COPY = /ema|teacher|averag|momentum|target/i

interface Unwrapped {
  /** Without the prefix; null where no backbone fits under one. */
  readonly backbone: Backbone | null
  readonly tensors: TensorMap
  readonly notes: readonly string[]
}

/**
 * Takes off what a wrapping module (a LightningModule's `model.`, an `encoder.`) puts before a backbone's names. What lies outside is its
 * head where it has weights, and else no part of the network.
 */
function unwrapped(file: TensorMap, candidates: readonly Backbone[]): Unwrapped {
  const plain = recogniseBackbone(file, candidates)
  if (plain !== null) return { backbone: plain, tensors: file, notes: [] }
  const found = candidateFeatures(candidates)
    .map(({ backbone, features }) => ({ backbone, size: features.length, prefixes: fittingPrefixes(file, features) }))
    .filter(({ prefixes }) => prefixes.length > 0)
    .sort((a, b) => b.size - a.size)[0]
  if (found === undefined) return { backbone: null, tensors: file, notes: [] }
  const { backbone, prefixes } = found
  const prefix = prefixes.find((each) => !COPY.test(each)) ?? prefixes[0] ?? ''
  const others = prefixes.filter((each) => each !== prefix && !prefix.startsWith(each))
  const entries = [...file].filter(([name]) => !others.some((other) => name.startsWith(other)))
  const inside = entries.filter(([name]) => name.startsWith(prefix)).map(([name, tensor]) => [name.slice(prefix.length), tensor] as const)
  const outside = entries.filter(([name]) => !name.startsWith(prefix) && !isCounter(name))
  const outerLayers = outside.filter(([name, { shape }]) => name.endsWith('.weight') && shape.length >= 2)
  const outerModules = new Set(outerLayers.map(([name]) => name.split('.')[0] ?? ''))
  const isHead = ([name]: readonly [string, HostTensor]): boolean => outerModules.has(name.split('.')[0] ?? '')
  const passedOver = outside.filter((entry) => !isHead(entry)).map(([name]) => name)
  const notes = [`"${shown(prefix)}" was taken off the front of the names: a ${backbone.title} fits wholly under it.`]
  if (outerLayers.length > 0) notes.push(`Its head is taken from outside "${shown(prefix)}": ${shownList([...outerModules])}.`)
  if (others.length > 0) notes.push(`The file holds the same network under ${shownList(others)} too, which was passed over.`)
  if (passedOver.length > 0) notes.push(`No part of the network and passed over: ${shownList(passedOver)}.`)
  return { backbone, tensors: new Map([...inside, ...outside.filter(isHead)]), notes }
}

/** The prefixes under which the file holds every one of the tensors. */
function fittingPrefixes(file: TensorMap, features: readonly ParameterSpec[]): string[] {
  const first = features[0]?.name ?? ''
  const prefixes = [...file.keys()].filter((name) => name.endsWith(`.${first}`)).map((name) => name.slice(0, -first.length))
  return prefixes.filter((prefix) => features.every(({ name, shape }) => fits(file, { name: prefix + name, shape })))
}

/**
 * @param fileName for messages
 * @param wanted the backbone that it is said to be; null: to be found out
 * @throws GraftError MISMATCH with a table of the differences to what comes nearest
 */
export function recogniseModel(given: TensorMap, fileName: string, wanted: Backbone | null): RecognisedModel {
  const { backbone, tensors: file, notes } = unwrapped(given, wanted === null ? BACKBONES : [wanted])
  const model = backbone === null ? null : recogniseHead(backbone, file)
  if (model !== null) return { ...model, notes: [...notes, ...model.notes] }
  const nearest = backbone ?? wanted ?? nearestBackbone(file)
  const expected = networkParameters(buildNetwork(nearest, { classes: classesOf(file), dropout: 0 }))
  const candidates = BACKBONES.filter((other) => other !== nearest).map((other) => ({
    name: other.name,
    tensors: networkParameters(buildNetwork(other, { classes: 1000, dropout: null })),
  }))
  const table = formatDifferences(tensorDifferences(expected, file, { classifier: nearest.classifier, candidates }))
  throw new GraftError(
    'MISMATCH',
    backbone === null
      ? `${fileName} holds none of Graft’s networks${hasAny(nearest, file) ? `; it comes nearest to ${nearest.title}` : ''}.`
      : `${fileName} is a ${backbone.title}, but its head is none of ${HEADS.join(', ')}.${notes.length > 0 ? ` ${notes.join(' ')}` : ''}`,
    { action: `Save a model of one of these networks: ${BACKBONES.map(({ name }) => name).join(', ')}.\n${table}`, detail: table },
  )
}

const countFitting = (backbone: Backbone, file: TensorMap) => networkParameters(buildNetwork(backbone, { classes: 2, dropout: 0 })).filter((spec) => fits(file, spec)).length
const hasAny = (backbone: Backbone, file: TensorMap) => countFitting(backbone, file) > 0

/** The one with most tensors in common. */
function nearestBackbone(file: TensorMap): Backbone {
  return BACKBONES.reduce((best, backbone) => (countFitting(backbone, file) > countFitting(best, file) ? backbone : best))
}

function classesOf(file: TensorMap): number {
  return byModule([...file]).at(-1)?.[1].get('bias')?.shape[0] ?? 1000
}

export interface KnownHead {
  readonly tensors: TensorMap
  readonly notes: readonly string[]
  /** Null where it cannot be told. */
  readonly head: HeadName | null
  readonly classes: number | null
}

/** A file's tensors under this backbone's names, its head too, where that can be told; else as they are. */
export function withKnownHead(wanted: Backbone, given: TensorMap): KnownHead {
  const { backbone, tensors, notes } = unwrapped(given, [wanted])
  const model = backbone === null ? null : recogniseHead(backbone, tensors)
  if (model === null) return { tensors, notes, head: null, classes: null }
  return { tensors: model.tensors, notes: [...notes, ...model.notes], head: model.head, classes: model.classes }
}
