/** Finds, checks and reads the weights a run starts from. Nothing is fetched here. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { RunConfig } from '../../shared/domain/run-config'
import { readWeights } from '../engine/formats/weights-file'
import { type PretrainedWeights, pretrainedWeights, randomWeights } from '../engine/train/initial-weights'
import type { Backbone } from '../engine/zoo/backbone'
import type { Network } from '../engine/zoo/network'
import { cacheDirectory } from '../storage/paths'
import { HEAD_RULES } from '../engine/zoo/heads'
import { publishedWeights, weightsDirectory } from '../engine/zoo/registry'
import type { WeightsRow } from '../engine/zoo/weights-rows'

/** Where the file of published weights is kept. */
export function weightsPath(row: WeightsRow): string {
  return join(weightsDirectory(cacheDirectory()), row.fileName)
}

async function readBytes(path: string, backbone: Backbone, row: WeightsRow | null): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    if (row === null) throw new GraftError('NOT_FOUND', `Expected a weights file at ${path}; there is none.`, { action: 'Check the path given as weights.' })
    const source = row.url === null ? 'Run npm start once; set-up brings it' : `Fetch it with graft models ${backbone.name} --fetch, or download ${row.url} and put it there`
    throw new GraftError('NOT_FOUND', `The ImageNet weights of ${backbone.title} are not on this machine: expected ${path}.`, {
      action: `${source}, choose efficientnet_lite0, whose weights come with Graft, or start from random weights with --weights none.`,
    })
  }
}

/** Refuses a file that is not the published one. */
function checkDigest(bytes: Uint8Array, path: string, { sha256Prefix }: WeightsRow): void {
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (digest.startsWith(sha256Prefix)) return
  throw new GraftError('MISMATCH', `${path} is not the published file: its sha256 starts with ${digest.slice(0, 8)}, expected ${sha256Prefix.slice(0, 8)}.`, {
    action: 'Delete the file and fetch it again.',
  })
}

/**
 * Weights for every parameter of `network`, in PyTorch's layout. A file of one's own may bring its head along, where it fits;
 * published weights are for other classes.
 */
export async function startingWeights(backbone: Backbone, network: Network, config: RunConfig): Promise<PretrainedWeights> {
  if (config.weights === 'none') return { weights: randomWeights(network, config.seed), headKept: false }
  const row = publishedWeights(backbone, config.weights)
  const path = row === null ? config.weights : weightsPath(row)
  const bytes = await readBytes(path, backbone, row)
  if (row !== null) checkDigest(bytes, path, row)
  const fileName = basename(path)
  const fresh = HEAD_RULES[config.head].fresh(backbone)
  return pretrainedWeights(network, readWeights(bytes, fileName), { fresh, keepsHead: row === null, seed: config.seed, fileName })
}
