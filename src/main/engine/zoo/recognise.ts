/** Tells from a file's tensors which backbone and head they are, whatever the script that saved them called its head. */
import { GraftError } from '../../../shared/domain/error'
import { HEADS, type HeadName } from '../../../shared/domain/run-config'
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
}

const moduleOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf('.'))
const isCounter = (name: string) => name.endsWith('.num_batches_tracked')
const fits = (file: TensorMap, { name, shape }: ParameterSpec) => file.get(name)?.shape.join() === shape.join()

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

/** The head that the tensors after a backbone make up; null where it is none that Graft has. */
function recogniseHead(backbone: Backbone, file: TensorMap): RecognisedModel | null {
  const { features } = splitAtPooling(buildNetwork(backbone, { classes: 2, dropout: 0 }))
  const names = new Set(features.map(({ name }) => name))
  const rest = [...file].filter(([name]) => !names.has(name) && !isCounter(name))
  // The last layer's bias: one number a class.
  const classes = byModule(rest).at(-1)?.[1].get('bias')?.shape[0] ?? 0
  if (classes < 1) return null
  for (const head of HEADS) {
    const renamed = renamedHead(splitAtPooling(buildNetwork(backbone, { classes, head, dropout: 0 })).head, rest)
    if (renamed === null) continue
    const kept = features.map(({ name }): [string, HostTensor] => [name, file.get(name) as HostTensor])
    return { backbone, head, classes, tensors: new Map([...kept, ...renamed]) }
  }
  return null
}

/** The backbone of which the file holds every tensor; the largest where one is the beginning of another. */
function recogniseBackbone(file: TensorMap, candidates: readonly Backbone[]): Backbone | null {
  const fitting = candidates
    .map((backbone) => ({ backbone, features: splitAtPooling(buildNetwork(backbone, { classes: 2, dropout: 0 })).features }))
    .filter(({ features }) => features.every((spec) => fits(file, spec)))
    .sort((a, b) => b.features.length - a.features.length)
  return fitting[0]?.backbone ?? null
}

/**
 * @param fileName for messages
 * @param wanted the backbone that it is said to be; null: to be found out
 * @throws GraftError MISMATCH with a table of the differences to what comes nearest
 */
export function recogniseModel(file: TensorMap, fileName: string, wanted: Backbone | null): RecognisedModel {
  const backbone = recogniseBackbone(file, wanted === null ? BACKBONES : [wanted])
  const model = backbone === null ? null : recogniseHead(backbone, file)
  if (model !== null) return model
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
      : `${fileName} is a ${backbone.title}, but its head is none of ${HEADS.join(', ')}.`,
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

/** A file's tensors with its head under this backbone's names, where that can be told; else as they are. */
export function withKnownHead(backbone: Backbone, file: TensorMap): TensorMap {
  return recogniseBackbone(file, [backbone]) === null ? file : (recogniseHead(backbone, file)?.tensors ?? file)
}
