/**
 * Where a network looked: Grad-CAM (Selvaraju et al. 2017) as a graph of its own, in inference form. One run gives the last feature maps,
 * the pooled features and the logits of a batch; another weighs those maps for any classes of any of its pictures, which costs no pass
 * through the backbone.
 */
import { mapShape } from '../layers/layer'
import type { Preprocessing } from '../zoo/backbone'
import { type Network, networkParameters, networkShapes } from '../zoo/network'
import { writeNormalise, writeToUnit } from './augmentation'
import { writeForward } from './forward'
import { attribute, GraphBuilder, type Output } from './graph-builder'
import { fetch, type Program, type RunSignature, turnedAround } from './program'
import { encodeSavedModel } from './saved-model'
import { gainsByTurning } from './turning'
import { Variables } from './variables'

export interface HeatmapProgram extends Pick<Program, 'savedModel' | 'placeholders' | 'variables' | 'stateIn' | 'isTurned'> {
  /** uint8 [N, side, side, 3] → the last feature maps [N, H, W, C], their means [N, C], logits [N, classes]. */
  readonly answer: RunSignature
  /** Those maps, for each heatmap its picture [M] and its class [M, classes] as one-hot → heatmaps [M, H, W], upright, not below 0. */
  readonly heatmaps: RunSignature
  /** Height, width and channels of the last feature maps. */
  readonly mapShape: readonly [number, number, number]
  readonly classes: number
}

export const HEATMAP_FEEDS = { pixels: 'pixels', maps: 'maps', pictures: 'pictures', classes: 'classes' } as const

/** The last value with a place in the picture: what the global pooling reads. */
export function lastMap(network: Network): string {
  const pooling = network.layers.find(({ name }) => name === network.pooling)
  const [map] = pooling?.inputs ?? []
  if (map === undefined) throw new Error('The network has no global pooling')
  return map
}

export function compileHeatmaps(options: { network: Network; imageSize: number; preprocessing: Preprocessing }): HeatmapProgram {
  const { network, imageSize, preprocessing } = options
  const graph = new GraphBuilder()
  const variables = new Variables(graph)
  for (const spec of networkParameters(network)) variables.declare(spec)
  const shapes = networkShapes(network, imageSize)
  const map = lastMap(network)
  const pooling = network.layers.find(({ name }) => name === network.pooling)
  if (pooling === undefined) throw new Error('The network has no global pooling')
  const shape = mapShape(shapes.get(map) ?? [], pooling)
  const classes = shapes.get(network.output)?.[0] ?? 0

  const pixels = graph.placeholder(HEATMAP_FEEDS.pixels, 'uint8', [-1, imageSize, imageSize, 3])
  const maps = graph.placeholder(HEATMAP_FEEDS.maps, 'float32', [-1, ...shape])
  const pictures = graph.placeholder(HEATMAP_FEEDS.pictures, 'int32', [-1])
  const chosen = graph.placeholder(HEATMAP_FEEDS.classes, 'float32', [-1, classes])

  const isTurned = gainsByTurning(network, imageSize)
  const parameter = (name: string) => variables.read(name)
  const inference = { network, imageSize, parameter, trained: new Set<string>(), random: null, isTurned }
  const upright = writeNormalise(graph, writeToUnit(graph, pixels), preprocessing.mean, preprocessing.std)
  const input = isTurned ? turnedAround(graph, upright) : upright
  const last = graph.scoped('backbone', () => writeForward(graph, { ...inference, from: 'input', to: map, input })).output.output
  const pooled = graph.scoped('pooling', () => writeForward(graph, { ...inference, from: map, to: network.pooling, input: last })).output.output
  const logits = graph.scoped('head', () => writeForward(graph, { ...inference, from: network.pooling, to: network.output, input: pooled })).output.output
  const heatmaps = graph.scoped('heatmaps', () => {
    const activations = gatherRows(graph, maps, pictures)
    const head = writeForward(graph, { ...inference, from: map, to: network.output, input: activations, wantsInputGradient: true })
    head.backward(chosen)
    const importance = graph.reduce('Mean', head.inputGradient(), [1, 2], true)
    const weighed = graph.float32('Relu', [graph.reduce('Sum', graph.mul(activations, importance), [3], true)])
    return graph.reshape(isTurned ? turnedAround(graph, weighed) : weighed, [-1, shape[0], shape[1]])
  })

  const stateIn = variables.stateIn()
  return {
    savedModel: encodeSavedModel(graph.nodes),
    placeholders: graph.placeholders,
    variables: variables.specs,
    stateIn: { feeds: stateIn.feeds, fetch: fetch(stateIn.fetch) },
    isTurned,
    answer: { feeds: [HEATMAP_FEEDS.pixels], fetches: [last, pooled, logits].map(fetch) },
    heatmaps: { feeds: [HEATMAP_FEEDS.maps, HEATMAP_FEEDS.pictures, HEATMAP_FEEDS.classes], fetches: [fetch(heatmaps)] },
    mapShape: shape,
    classes,
  }
}

/** Row i of the result is row `rows[i]` of a value [N, …]. */
function gatherRows(graph: GraphBuilder, value: Output, rows: Output): Output {
  const int = attribute.type('int32')
  return graph.add('GatherV2', [value, rows, graph.int(0)], { Tparams: attribute.type('float32'), Tindices: int, Taxis: int, batch_dims: attribute.int(0) })
}
