/** Finds, checks and reads the weights a run starts from. Nothing is fetched here. */
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { RunConfig } from '../../shared/domain/run-config'
import { shown, shownList } from '../../shared/domain/shown'
import { type ModelMetadata, readModelMetadata } from '../engine/formats/model-metadata'
import { onUnitScale, vectorWords } from '../engine/formats/normalisation'
import { readCheckpointFile } from '../engine/formats/weights-file'
import { type PretrainedWeights, pretrainedWeights, randomWeights } from '../engine/train/initial-weights'
import type { Backbone, Preprocessing } from '../engine/zoo/backbone'
import { type Network, networkParameters } from '../engine/zoo/network'
import { withKnownHead } from '../engine/zoo/recognise'
import { cacheDirectory } from '../storage/paths'
import { HEAD_RULES } from '../engine/zoo/heads'
import { BACKBONES, buildNetwork, publishedWeights, weightsDirectory } from '../engine/zoo/registry'
import type { WeightsRow } from '../engine/zoo/weights-rows'
import { readBeside, readModelBytes, type SaidBeside } from './model-file'

/** Where the file of published weights is kept. */
export function weightsPath(row: WeightsRow): string {
  return join(weightsDirectory(cacheDirectory()), row.fileName)
}

async function readBytes(path: string, backbone: Backbone, row: WeightsRow | null): Promise<Uint8Array> {
  try {
    return await readModelBytes(path)
  } catch (error) {
    if (row === null || !(error instanceof GraftError) || error.code !== 'NOT_FOUND') throw error
    const source = row.url === null ? 'Run npm start once; set-up brings it' : `Fetch it with graft models ${backbone.name} --fetch --weights ${row.name}, or download ${row.url} and put it there`
    throw new GraftError('NOT_FOUND', `The ImageNet weights of ${backbone.title} are not on this machine: expected ${path}.`, {
      action: `${source}, choose efficientnet_lite0, whose weights come with Graft, or start from random weights with --weights none.`,
    })
  }
}

/** Refuses a file that is not the published one. */
function checkDigest(digest: string, path: string, backbone: Backbone, { sha256Prefix, name, url }: WeightsRow): void {
  if (digest.startsWith(sha256Prefix)) return
  throw new GraftError('MISMATCH', `${path} is not the published file: its sha256 starts with ${digest.slice(0, 8)}, expected ${sha256Prefix.slice(0, 8)}.`, {
    action:
      url === null
        ? 'Delete the file, then run npm start, which brings it again; a file of your own is used with --weights PATH.'
        : `Fetch it with graft models ${backbone.name} --fetch --weights ${name}, which replaces the file; a file of your own is used with --weights PATH.`,
  })
}

export interface StartingWeights extends PretrainedWeights {
  /** Of the file; null: a random start. */
  readonly sha256: string | null
  /** How the pictures that they learned from were normalised; null: as the backbone says. */
  readonly preprocessing: Preprocessing | null
  /** Sentences for the run's log. */
  readonly notes: readonly string[]
}

/**
 * Weights for every parameter of `network`, in PyTorch's layout. A file of one's own brings its head along where it is known to be for the
 * same classes in the same order; published weights are for other classes.
 */
export async function startingWeights(backbone: Backbone, network: Network, config: RunConfig, classes: readonly string[]): Promise<StartingWeights> {
  if (config.weights === 'none') return { weights: randomWeights(network, config.seed), headKept: false, sha256: null, preprocessing: null, notes: [] }
  const row = publishedWeights(backbone, config.weights)
  const path = row === null ? config.weights : weightsPath(row)
  const bytes = await readBytes(path, backbone, row)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (row !== null) checkDigest(sha256, path, backbone, row)
  const fileName = basename(path)
  const file = readCheckpointFile(bytes, fileName)
  const options = { fresh: HEAD_RULES[config.head].fresh(backbone), seed: config.seed, fileName, candidates: () => otherNetworks(backbone) }
  if (row !== null) return { ...pretrainedWeights(network, file.tensors, { ...options, keepsHead: false }), sha256, preprocessing: null, notes: file.notes }
  const own = withKnownHead(backbone, file.tensors)
  const said = readModelMetadata(file.metadata)
  const beside = await readBeside(path, backbone.name, own.classes)
  const known = said.classLists.find((list) => list.length === own.classes) ?? beside?.classes ?? null
  const isForThese = known !== null && known.length === classes.length && known.every((name, index) => name === classes[index])
  const start = pretrainedWeights(network, own.tensors, { ...options, keepsHead: isForThese })
  const fits = own.head === config.head && own.classes === classes.length
  const preprocessing = otherNormalisation(backbone, said, beside)
  const notes = [...file.notes, ...own.notes, headNote({ fileName, headKept: start.headKept, fits, known, isForThese, path })]
  if (preprocessing !== null) notes.push(normalisationNote(backbone, preprocessing, fileName))
  return { ...start, sha256, preprocessing, notes }
}

interface HeadStart {
  readonly fileName: string
  readonly path: string
  readonly headKept: boolean
  /** The file's head has the layers and outputs that are wanted. */
  readonly fits: boolean
  readonly known: readonly string[] | null
  readonly isForThese: boolean
}

function headNote({ fileName, path, headKept, fits, known, isForThese }: HeadStart): string {
  const name = shown(fileName)
  if (headKept) return `The head of ${name} fits these classes and is trained on`
  if (known !== null && !isForThese) return `The head of ${name} is for ${shownList(known)}, so a fresh one is put in its place`
  if (!fits) return `${name} has no head that fits, so a fresh one is put in its place`
  // In another order than these it would be wrong without a sign of it.
  return `The head of ${name} has as many outputs as there are classes; for which classes is not known, so a fresh one is put in its place. graft import ${shown(path)} --labels NAMES names them: train on from the run that it makes`
}

/** The normalisation that a file says, or what lies beside it, where it is not the backbone's own. */
function otherNormalisation(backbone: Backbone, said: ModelMetadata, beside: SaidBeside | null): Preprocessing | null {
  const fromFile = said.mean === null || said.std === null ? null : onUnitScale(said.mean, said.std)
  const theirs = fromFile ?? beside?.preprocessing ?? null
  if (theirs === null) return null
  const { mean, std } = backbone.preprocessing
  const isSame = (a: readonly number[], b: readonly number[]): boolean => a.every((value, index) => Math.abs(value - (b[index] ?? NaN)) < 1e-3)
  return isSame(theirs.mean, mean) && isSame(theirs.std, std) ? null : { mean: three(theirs.mean), std: three(theirs.std) }
}

const three = (values: readonly number[]): [number, number, number] => [values[0] ?? NaN, values[1] ?? NaN, values[2] ?? NaN]

function normalisationNote({ preprocessing: own }: Backbone, { mean, std }: Preprocessing, fileName: string): string {
  return `${shown(fileName)} was trained on pictures normalised by mean ${vectorWords(mean)} and standard deviation ${vectorWords(std)}; this run goes on so, not by the backbone’s own, mean ${vectorWords(own.mean)} and standard deviation ${vectorWords(own.std)}`
}

/** For a file that does not fit: which other network it may be for. */
function otherNetworks(backbone: Backbone) {
  const others = BACKBONES.filter((other) => other !== backbone)
  return others.map((other) => ({ name: other.name, tensors: networkParameters(buildNetwork(other, { classes: 1000, dropout: null })) }))
}
