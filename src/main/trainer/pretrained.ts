/** Finds, checks and reads the weights a run starts from. Nothing is fetched here. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { RunConfig } from '../../shared/domain/run-config'
import type { HostTensor } from '../engine/formats/tensor-map'
import { readWeights } from '../engine/formats/weights-file'
import { pretrainedWeights, randomWeights } from '../engine/train/initial-weights'
import type { Backbone } from '../engine/zoo/backbone'
import type { Network } from '../engine/zoo/network'
import { cacheDirectory } from '../storage/paths'
import { weightsDirectory } from '../engine/zoo/registry'

/** The file that `weights: imagenet` means for a backbone. */
export function imagenetWeightsPath(backbone: Backbone): string {
  return join(weightsDirectory(cacheDirectory()), backbone.weights.fileName)
}

async function readBytes(path: string, backbone: Backbone, isImagenet: boolean): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    if (!isImagenet) throw new GraftError('NOT_FOUND', `Expected a weights file at ${path}; there is none.`, { action: 'Check the path given as weights.' })
    const source = backbone.weights.url === null ? 'Run npm start once; set-up brings it' : `Download ${backbone.weights.url} and put it there`
    throw new GraftError('NOT_FOUND', `The ImageNet weights of ${backbone.title} are not on this machine: expected ${path}.`, {
      action: `${source}, choose efficientnet_lite0, whose weights come with Graft, or start from random weights with --weights none.`,
    })
  }
}

/** Weights for every parameter of `network`, in PyTorch's layout. */
export async function startingWeights(backbone: Backbone, network: Network, config: RunConfig): Promise<Map<string, HostTensor>> {
  if (config.weights === 'none') return randomWeights(network, config.seed)
  const isImagenet = config.weights === 'imagenet'
  const path = isImagenet ? imagenetWeightsPath(backbone) : config.weights
  const bytes = await readBytes(path, backbone, isImagenet)
  if (isImagenet) {
    const digest = createHash('sha256').update(bytes).digest('hex')
    if (!digest.startsWith(backbone.weights.sha256Prefix)) {
      throw new GraftError('MISMATCH', `${path} is not the published file: its sha256 starts with ${digest.slice(0, 8)}, expected ${backbone.weights.sha256Prefix.slice(0, 8)}.`, {
        action: 'Delete the file and fetch it again.',
      })
    }
  }
  return pretrainedWeights(network, readWeights(bytes, basename(path)), { classifier: backbone.classifier, seed: config.seed, fileName: basename(path) })
}
