/** Which layers keep their weights, and where the frozen prefix of a network can be cut off and run ahead. */
import { GraftError } from '../../../shared/domain/error'
import type { RunConfig } from '../../../shared/domain/run-config'
import type { Layer } from '../layers/layer'
import type { Backbone } from './backbone'
import { type FreezableLayer, freezableLayers, type Network, networkShapes } from './network'

/** The part of a run's configuration that says what keeps its weights. */
export type Freezing = Pick<RunConfig, 'freeze' | 'freeze_ratio'>

/** The child of the network that a layer belongs to, told from its PyTorch name: `layer3`, `features.4`, `_blocks.7`. */
export function stageOf(layerName: string): string {
  const parts = layerName.split('.')
  const takesIndex = parts[0] === 'features' || parts[0] === '_blocks'
  return parts.slice(0, takesIndex ? 2 : 1).join('.')
}

/** The backbone's children in order. */
export function networkStages(network: Network): string[] {
  return [...new Set(freezableLayers(network).map(({ conv }) => stageOf(conv.name)))]
}

/** The number of frozen layers for a freeze ratio: the first ⌊r·N⌋. The small addition undoes rounding such as .7·10 = 6.999…. */
export function frozenLayerCount(network: Network, freezeRatio: number): number {
  return Math.floor(freezeRatio * freezableLayers(network).length + 1e-9)
}

/** Stages frozen when freezing by stage: those before the family's first that trains, else the first ⌊.7·n⌋. */
function frozenStages(backbone: Backbone, network: Network): ReadonlySet<string> {
  const stages = networkStages(network)
  const first = backbone.firstTrainedStage
  return new Set(stages.slice(0, first === null ? Math.floor(0.7 * stages.length + 1e-9) : stages.indexOf(first)))
}

/**
 * The layers that keep their weights, in definition order. A list of names may hold layers and whole stages.
 * @throws GraftError BAD_INPUT naming what there is
 */
export function frozenLayersOf(backbone: Backbone, network: Network, { freeze, freeze_ratio }: Freezing): FreezableLayer[] {
  const layers = freezableLayers(network)
  if (freeze === 'all') return layers
  if (freeze === 'none') return []
  if (freeze === 'ratio') return layers.slice(0, frozenLayerCount(network, freeze_ratio))
  const names = freeze === 'stage' ? frozenStages(backbone, network) : new Set(freeze)
  const isNamed = ({ conv }: FreezableLayer) => names.has(conv.name) || names.has(stageOf(conv.name))
  const known = new Set(layers.flatMap(({ conv }) => [conv.name, stageOf(conv.name)]))
  const unknown = [...names].filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new GraftError('BAD_INPUT', `${backbone.title} has no layer or stage named ${unknown.join(', ')}; its stages are ${networkStages(network).join(', ')}.`, {
      action: `graft models ${backbone.name} --layers lists its layers.`,
    })
  }
  return layers.filter(isNamed)
}

/** Names of all layers with parameters that are frozen: convolutions and their batch norms. */
export function frozenNames(layers: readonly FreezableLayer[]): ReadonlySet<string> {
  return new Set(layers.flatMap(({ conv, batchNorm }) => (batchNorm === null ? [conv.name] : [conv.name, batchNorm.name])))
}

const hasParameters = (layer: Layer) => layer.kind === 'conv' || layer.kind === 'batch_norm' || layer.kind === 'linear'

/**
 * Where the frozen prefix ends: the last value that alone connects a wholly frozen beginning of the network with its rest and is
 * no larger than the decoded picture, so that it can be computed once a picture and view, and kept. 'input' where there is none;
 * frozen layers after the cut run again in each step, in inference form. With the whole backbone frozen the cut is the pooling.
 */
export function prefixCut(network: Network, frozen: ReadonlySet<string>, imageSize: number): string {
  let cut = 'input'
  const shapes = networkShapes(network, imageSize)
  const pictureBytes = 3 * imageSize * imageSize
  const index = new Map(network.layers.map((layer, i) => [layer.name, i]))
  const lastReader = new Map<string, number>()
  network.layers.forEach((layer, i) => layer.inputs.forEach((input) => lastReader.set(input, i)))
  for (const [i, layer] of network.layers.entries()) {
    if ((hasParameters(layer) && !frozen.has(layer.name)) || layer.kind === 'dropout') break
    // Every earlier value (the input too) must have been read for the last time by now.
    const crosses = [...lastReader].some(([name, reader]) => name !== layer.name && (index.get(name) ?? -1) < i && reader > i)
    const isNormalisedNext = network.layers[i + 1]?.kind === 'batch_norm' && network.layers[i + 1]?.inputs[0] === layer.name
    const featureBytes = 4 * (shapes.get(layer.name) ?? []).reduce((a, b) => a * b, 1)
    if (!crosses && !isNormalisedNext && featureBytes <= pictureBytes) cut = layer.name
    if (layer.name === network.pooling) break
  }
  return cut
}
