/** A training step's graph, cut block by block: what has to be fetched to run it up to a block, or back down to one. */
import protobuf from 'protobufjs'
import type { Program } from '../../engine/compile/program'
import { layersBetween } from '../../engine/compile/forward'
import type { Network } from '../../engine/zoo/network'

/** Consecutive layers that are timed together. */
export interface StepBlock {
  readonly name: string
  readonly layers: number
  /** Values that leave the blocks up to this one: forward, up to here. */
  readonly forward: readonly string[]
  /** Gradients that leave the blocks from this one on: all of forward, and backward down to here. Empty where nothing in it or before it trains. */
  readonly backward: readonly string[]
}

export interface StepParts {
  /** In the order of computation. */
  readonly blocks: readonly StepBlock[]
  /** The loss's gradient: all of forward, and the loss. */
  readonly loss: readonly string[]
}

/** Fields of tensorflow/core/framework/{graph,node_def}.proto and protobuf/{saved_model,meta_graph}.proto; a reader passes over the others. */
const PROTO = `
syntax = "proto3";
message Node { string name = 1; repeated string input = 3; }
message Graph { repeated Node node = 1; }
message MetaGraph { Graph graph_def = 2; }
message SavedModel { repeated MetaGraph meta_graphs = 2; }
`
interface Node {
  name: string
  input: string[]
}

function nodesOf(savedModel: Uint8Array): Node[] {
  const type = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('SavedModel')
  const { meta_graphs: [graph] } = type.toObject(type.decode(savedModel), { arrays: true }) as { meta_graphs: { graph_def: { node: Node[] } }[] } // prettier-ignore
  return graph?.graph_def.node ?? []
}

/** `features.3.1` of `features.3.1.block.0.0`, `features.0` of `features.0.1`, `layer1.0` of `layer1.0.bn1`; of names without a number, as of a stem, null. */
function numberedBlock(base: string): string | null {
  const [named, rest] = base.split('.block.')
  if (named !== undefined && rest !== undefined) return named
  const [first = '', second = ''] = base.split('.')
  return /^\d+$/.test(second) ? `${first}.${second}` : null
}

/** The block of every layer after `from`, by the name before the layer's first slash; neighbours together where there are more than `most`. */
export function blocksOf(network: Network, from: string, most = Infinity): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>()
  const after = layersBetween(network, from, network.output)
  const head = new Set(network.layers.slice(network.layers.findIndex(({ name }) => name === network.pooling) + 1).map(({ name }) => name))
  let unnumbered: string | null = null
  for (const { name } of after) {
    const base = name.split('/')[0] ?? name
    if (blocks.has(base)) continue
    const numbered = numberedBlock(base)
    if (head.has(name)) blocks.set(base, base.split('.')[0] ?? base)
    else if (numbered !== null) blocks.set(base, numbered)
    else blocks.set(base, (unnumbered ??= base))
    if (numbered !== null) unnumbered = null
  }
  const together = joined([...new Set(blocks.values())], most)
  return new Map([...blocks].map(([base, name]) => [base, together.get(name) ?? name]))
}

/** Runs of neighbours, as even as can be: their common name by each name. */
function joined(names: readonly string[], most: number): ReadonlyMap<string, string> {
  const runs = Math.min(most, names.length)
  const groups = Array.from({ length: runs }, (_, i) => names.slice(Math.round((i * names.length) / runs), Math.round(((i + 1) * names.length) / runs)))
  return new Map(groups.flatMap((group) => group.map((name) => [name, group.length === 1 ? name : `${group[0] ?? ''} to ${group.at(-1) ?? ''}`] as const)))
}

/**
 * @param from the value that the step begins with: 'input' or a layer's name
 * @param most blocks at most
 */
export function stepParts(program: Program, network: Network, from: string, most = Infinity): StepParts {
  const blockOfLayer = blocksOf(network, from, most)
  const names = [...new Set(blockOfLayer.values())]
  const placeOf = new Map(names.map((name, place) => [name, place]))
  /** Nodes are scoped by their layer's name, gradients once more. */
  const placed = (node: string, scope: string): number | null => {
    if (!node.startsWith(scope)) return null
    const base = (node.slice(scope.length).split('/')[0] ?? '').replace(/^x_/, '_')
    const block = blockOfLayer.get(base)
    return block === undefined ? null : (placeOf.get(block) ?? null)
  }
  const forwardPlace = (node: string) => placed(node, 'train/')
  const backwardPlace = (node: string) => placed(node, 'train/gradient/')
  const isLoss = (node: string) => node.startsWith('train/loss/')

  /** Each value that one node reads of another. */
  const edges = nodesOf(program.savedModel).flatMap(({ name, input }) => input.filter((each) => !each.startsWith('^')).map((value) => ({ reader: name, value, writer: value.split(':')[0] ?? value })))
  const leaving = (isInside: (node: string) => boolean, counts: (reader: string) => boolean = () => true) => {
    const values = edges.filter(({ reader, writer }) => isInside(writer) && !isInside(reader) && counts(reader)).map(({ value }) => value)
    return [...new Set(values)].map((value) => (value.includes(':') ? value : `${value}:0`))
  }
  const at = (place: number | null, isWithin: (place: number) => boolean) => place !== null && isWithin(place)
  const blocks = names.map((name, place): StepBlock => {
    const isForward = (node: string) => at(forwardPlace(node), (other) => other <= place)
    const isBackward = (node: string) => at(backwardPlace(node), (other) => other >= place)
    return {
      name,
      layers: layersBetween(network, from, network.output).filter((layer) => blockOfLayer.get(layer.name.split('/')[0] ?? '') === name).length,
      forward: leaving(isForward, (reader) => forwardPlace(reader) !== null || isLoss(reader)),
      backward: edges.some(({ reader }) => backwardPlace(reader) === place) ? leaving(isBackward) : [],
    }
  })
  return { blocks, loss: leaving(isLoss, (reader) => backwardPlace(reader) !== null) }
}
