/** Which layers keep their weights, and where the frozen prefix of a network can be cut off and run ahead. */
import type { Layer } from '../layers/layer'
import { freezableLayers, type Network, networkShapes } from './network'

/** The number of frozen layers for a freeze ratio: the first ⌊r·N⌋. The small addition undoes rounding such as .7·10 = 6.999…. */
export function frozenLayerCount(network: Network, freezeRatio: number): number {
  return Math.floor(freezeRatio * freezableLayers(network).length + 1e-9)
}

/** Names of all layers with parameters that are frozen: convolutions and their batch norms. */
export function frozenNames(network: Network, frozenLayers: number): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { conv, batchNorm } of freezableLayers(network).slice(0, frozenLayers)) {
    names.add(conv.name)
    if (batchNorm !== null) names.add(batchNorm.name)
  }
  return names
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
