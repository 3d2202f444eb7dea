/** Finds, checks and reads the weights a run starts from. Nothing is fetched here. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { RunConfig } from '../../shared/domain/run-config'
import { readModelMetadata } from '../engine/formats/model-metadata'
import { readCheckpointFile } from '../engine/formats/weights-file'
import { type PretrainedWeights, pretrainedWeights, randomWeights } from '../engine/train/initial-weights'
import type { Backbone } from '../engine/zoo/backbone'
import { type Network, networkParameters } from '../engine/zoo/network'
import { withKnownHead } from '../engine/zoo/recognise'
import { cacheDirectory } from '../storage/paths'
import { HEAD_RULES } from '../engine/zoo/heads'
import { BACKBONES, buildNetwork, publishedWeights, weightsDirectory } from '../engine/zoo/registry'
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
    const source = row.url === null ? 'Run npm start once; set-up brings it' : `Fetch it with graft models ${backbone.name} --fetch --weights ${row.name}, or download ${row.url} and put it there`
    throw new GraftError('NOT_FOUND', `The ImageNet weights of ${backbone.title} are not on this machine: expected ${path}.`, {
      action: `${source}, choose efficientnet_lite0, whose weights come with Graft, or start from random weights with --weights none.`,
    })
  }
}

/** Refuses a file that is not the published one. */
function checkDigest(bytes: Uint8Array, path: string, backbone: Backbone, { sha256Prefix, name, url }: WeightsRow): void {
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (digest.startsWith(sha256Prefix)) return
  throw new GraftError('MISMATCH', `${path} is not the published file: its sha256 starts with ${digest.slice(0, 8)}, expected ${sha256Prefix.slice(0, 8)}.`, {
    action:
      url === null
        ? 'Delete the file, then run npm start, which brings it again; a file of your own is used with --weights PATH.'
        : `Fetch it with graft models ${backbone.name} --fetch --weights ${name}, which replaces the file; a file of your own is used with --weights PATH.`,
  })
}

export interface StartingWeights extends PretrainedWeights {
  /** Sentences for the run's log. */
  readonly notes: readonly string[]
}

/**
 * Weights for every parameter of `network`, in PyTorch's layout. A file of one's own brings its head along where it fits and
 * is for the same classes; published weights are for other classes.
 */
export async function startingWeights(backbone: Backbone, network: Network, config: RunConfig, classes: readonly string[]): Promise<StartingWeights> {
  if (config.weights === 'none') return { weights: randomWeights(network, config.seed), headKept: false, notes: [] }
  const row = publishedWeights(backbone, config.weights)
  const path = row === null ? config.weights : weightsPath(row)
  const bytes = await readBytes(path, backbone, row)
  if (row !== null) checkDigest(bytes, path, backbone, row)
  const fileName = basename(path)
  const file = readCheckpointFile(bytes, fileName)
  const known = row === null ? readModelMetadata(file.metadata).classes : null
  const isForOthers = known !== null && known.join('\n') !== classes.join('\n')
  const tensors = row === null ? withKnownHead(backbone, file.tensors) : file.tensors
  const start = pretrainedWeights(network, tensors, {
    fresh: HEAD_RULES[config.head].fresh(backbone),
    keepsHead: row === null && !isForOthers,
    seed: config.seed,
    fileName,
    candidates: () => otherNetworks(backbone),
  })
  return { ...start, notes: [...file.notes, ...headNotes(start.headKept, row === null, isForOthers ? known : null, fileName)] }
}

function headNotes(headKept: boolean, isOwn: boolean, otherClasses: readonly string[] | null, fileName: string): string[] {
  if (headKept) return [`The head of ${fileName} fits these classes and is trained on`]
  if (otherClasses !== null) return [`The head of ${fileName} is for ${otherClasses.join(', ')}, so a fresh one is put in its place`]
  return isOwn ? [`${fileName} has no head that fits, so a fresh one is put in its place`] : []
}

/** For a file that does not fit: which other network it may be for. */
function otherNetworks(backbone: Backbone) {
  const others = BACKBONES.filter((other) => other !== backbone)
  return others.map((other) => ({ name: other.name, tensors: networkParameters(buildNetwork(other, { classes: 1000, dropout: null })) }))
}
