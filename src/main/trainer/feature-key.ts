/** Names the features of a set of pictures and a view after everything that they depend on, so that they may be used again. */
import { createHash, hash } from 'node:crypto'
import type { RunConfig } from '../../shared/domain/run-config'
import type { TensorMap } from '../engine/formats/tensor-map'
import { PREFIX_BATCH } from '../engine/train/batches'
import type { Preprocessing } from '../engine/zoo/backbone'
import { type Network, networkParameters } from '../engine/zoo/network'

/** Raise it whenever the same ingredients give other features: another augmentation, another way to fold or to crop. */
const FEATURES_VERSION = 1

/** What all views of a stage's pictures have in common. */
export interface PrefixIngredients {
  /** Of `prefixFingerprint`. */
  readonly prefix: string
  readonly imageSize: number
  readonly preprocessing: Preprocessing
  /** What runs the prefix, and what else its last bits depend on: versions, threads, precision, processor. */
  readonly computedBy: string
}

export interface PictureIngredients {
  /** `PictureSource.contents`, and the numbers that augmentation is drawn by. */
  readonly contents: string
  readonly keys: readonly number[]
}

/** sha256 in hexadecimal digits. `view` 0 is the plain one: what augments does not matter to it. */
export function featureKey(prefix: PrefixIngredients, pictures: PictureIngredients, view: number, { augmentation, seed }: Pick<RunConfig, 'augmentation' | 'seed'>): string {
  const { imageSize, preprocessing, computedBy } = prefix
  const common = [FEATURES_VERSION, PREFIX_BATCH, prefix.prefix, imageSize, preprocessing.mean, preprocessing.std, computedBy, pictures.contents]
  return hash('sha256', JSON.stringify(view === 0 ? common : [...common, view, seed, inOrder(augmentation), pictures.keys]))
}

/** The same settings give the same text, in whatever order they were written. */
const inOrder = (settings: object) => Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))

/** sha256 of the layers up to the cut and of their weights, bit for bit. */
export function prefixFingerprint(backbone: string, network: Network, cut: string, weights: TensorMap): string {
  const layers = network.layers.slice(0, network.layers.findIndex(({ name }) => name === cut) + 1)
  const hasher = createHash('sha256').update(JSON.stringify([backbone, cut, layers]))
  for (const { name, shape } of networkParameters({ ...network, layers })) {
    const data = weights.get(name)?.data
    hasher.update(JSON.stringify([name, shape, data !== undefined]))
    if (data !== undefined) hasher.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hasher.digest('hex')
}
