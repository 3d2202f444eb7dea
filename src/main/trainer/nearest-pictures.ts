/**
 * The training pictures that look most alike to a model: by the cosine of the angle between pooled features. Those of all training pictures
 * are computed once a checkpoint and kept with the features of frozen prefixes, under a name of their own.
 */
import { hash } from 'node:crypto'
import type { Manifest, ManifestEntry } from '../../shared/domain/dataset'
import type { Explanations, Neighbour } from '../../shared/domain/explanation'
import { throwIfCancelled } from '../dataset/cancellation'
import { DECODER_VERSION } from '../dataset/decode'
import type { HeatmapSession } from '../engine/runtime/heatmap-session'
import { readPictures } from '../engine/train/picture-source'
import { FeatureCache } from '../storage/feature-cache'
import type { FeatureShape } from '../storage/feature-file'
import { featureCacheDirectory } from '../storage/paths'
import type { OpenedCheckpoint } from './checkpoint-model'
import { type JobContext, yieldToMessages } from './jobs/context'
import { loadPictures, pictureSource } from './pictures'

/** Raise it whenever the same pictures and weights give other features. */
const POOLED_VERSION = 1
/** Pictures that the network is asked about at once. */
const BATCH = 32
/** Kept features that are read at once. */
const BLOCK = 2048

export interface NearestOptions {
  /** For each query. */
  readonly count: number
  readonly manifest: Manifest
  readonly checkpoint: OpenedCheckpoint
  readonly session: HeatmapSession
  /** False: only where the features are kept already. */
  readonly mayCompute: boolean
  readonly context: JobContext
}

/** A picture; without features it has no neighbours. */
export interface NearestQuery {
  /** Where it is one of the run's pictures: then it is not compared with itself. */
  readonly ownPath: string | null
  /** At unit length. */
  readonly features: Float32Array | null
}

export interface Nearest {
  readonly missing: Explanations['neighboursMissing']
  /** For each query, the most alike first. */
  readonly neighbours: readonly (Neighbour[] | null)[]
}

export async function nearestPictures(queries: readonly NearestQuery[], options: NearestOptions): Promise<Nearest> {
  const { manifest, checkpoint, session, context } = options
  const entries = manifest.pictures.filter(({ split }) => split === 'train')
  const none = queries.map(() => null)
  if (entries.length === 0) return { missing: 'no training pictures', neighbours: none }
  const size = session.program.mapShape[2]
  const shape: FeatureShape = { key: keyOf(checkpoint, entries), count: entries.length, size }
  const cache = new FeatureCache(featureCacheDirectory())
  const kept = cache.open(shape)
  if (kept === null && !options.mayCompute) return { missing: 'busy', neighbours: none }
  const search = new Search(queries, entries, options.count, size)
  if (kept === null) {
    const usable = await compute(search, shape, cache, options)
    return usable === 0 ? { missing: 'unreadable', neighbours: none } : { missing: null, neighbours: search.neighbours() }
  }
  try {
    for (let first = 0; first < entries.length; first += BLOCK) {
      const rows = new Float32Array(Math.min(BLOCK, entries.length - first) * size)
      kept.read(first, rows)
      search.compare(first, rows)
      context.progress('Comparing with the training pictures', Math.min(entries.length, first + BLOCK), entries.length)
      await yieldToMessages()
      throwIfCancelled(context.control.signal)
    }
  } finally {
    kept.close()
  }
  return { missing: null, neighbours: search.neighbours() }
}

/** All that the features depend on: weights bit for bit, what pictures are made into, and the pictures. */
function keyOf({ state, preprocessing, weightsHash }: OpenedCheckpoint, entries: readonly ManifestEntry[]): string {
  const pictures = hash('sha256', entries.map(({ sha256 }) => sha256).join('\n'))
  return hash('sha256', JSON.stringify(['pooled', POOLED_VERSION, DECODER_VERSION, state.backbone, weightsHash, state.image_size, preprocessing.mean, preprocessing.std, pictures]))
}

/** Asks the network about every training picture, compares, and keeps the features where all could be read. Returns how many could. */
async function compute(search: Search, shape: FeatureShape, cache: FeatureCache, { manifest, checkpoint, session, context }: NearestOptions): Promise<number> {
  const { signal } = context.control
  const side = checkpoint.state.image_size
  const only = { ...manifest, pictures: manifest.pictures.filter(({ split }) => split === 'train') }
  const onProgress = (done: number, total: number) => {
    context.progress('Reading the training pictures', done, total)
  }
  const { store, setAside } = await loadPictures(only, { imageSize: side, workers: null, signal, onProgress })
  const gone = new Set(setAside.map(({ path }) => path))
  const places = only.pictures.flatMap(({ path }, place) => (gone.has(path) ? [] : [place]))
  const source = pictureSource({ ...only, pictures: only.pictures.filter(({ path }) => !gone.has(path)) }, store, 'train')
  const file = gone.size === 0 ? cache.create(shape) : null
  try {
    for (let first = 0; first < source.count; first += BATCH) {
      const count = Math.min(BATCH, source.count - first)
      const { data } = await readPictures(source, Array.from({ length: count }, (_, i) => first + i), side)
      const { pooled } = session.answer(data, count)
      for (let row = 0; row < count; row++) {
        const features = unitLength(pooled.subarray(row * shape.size, (row + 1) * shape.size))
        search.compare(places[first + row] ?? 0, features)
        file?.write(first + row, features)
      }
      context.progress('Comparing with the training pictures', first + count, source.count)
      await yieldToMessages()
      throwIfCancelled(signal)
    }
    file?.publish()
  } finally {
    file?.close()
  }
  return source.count
}

/** The vector divided by its length, in place; zeros stay. */
export function unitLength(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares)
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length
  return vector
}

/** Keeps the best few of each query while the training pictures go by. */
class Search {
  private readonly best: { place: number; similarity: number }[][]

  constructor(
    private readonly queries: readonly NearestQuery[],
    private readonly entries: readonly ManifestEntry[],
    private readonly count: number,
    private readonly size: number,
  ) {
    this.best = queries.map(() => [])
  }

  /** @param rows features at unit length of the pictures from `first` on */
  compare(first: number, rows: Float32Array): void {
    this.queries.forEach(({ ownPath, features }, q) => {
      const best = this.best[q]
      if (features === null || best === undefined) return
      for (let row = 0; row * this.size < rows.length; row++) {
        const place = first + row
        let similarity = 0
        for (let i = 0, at = row * this.size; i < this.size; i++, at++) similarity += (features[i] as number) * (rows[at] as number)
        const worst = best.at(-1)
        if (best.length >= this.count && worst !== undefined && similarity <= worst.similarity) continue
        if (this.entries[place]?.path === ownPath) continue
        const at = best.findIndex((other) => other.similarity < similarity)
        best.splice(at < 0 ? best.length : at, 0, { place, similarity })
        if (best.length > this.count) best.pop()
      }
    })
  }

  neighbours(): (Neighbour[] | null)[] {
    return this.best.map((best, q) => {
      if (this.queries[q]?.features === null) return null
      return best.map(({ place, similarity }) => ({ path: this.entries[place]?.path ?? '', classIndex: this.entries[place]?.classIndex ?? 0, similarity: Math.min(1, similarity) }))
    })
  }
}
