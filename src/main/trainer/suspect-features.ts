/**
 * What a backbone that knows nothing of this dataset sees in each of its pictures. The run's best backbone has learned from most of these labels, wrong ones too, so what it
 * sees agrees with them; the published weights that it began with have never met any.
 */
import type { Manifest, ManifestEntry } from '../../shared/domain/dataset'
import type { RunConfig } from '../../shared/domain/run-config'
import { throwIfCancelled } from '../dataset/cancellation'
import { compileHeatmaps } from '../engine/compile/heatmap'
import { HeatmapSession } from '../engine/runtime/heatmap-session'
import type { Rows } from '../engine/train/logistic-regression'
import { buildNetwork } from '../engine/zoo/registry'
import { FeatureCache } from '../storage/feature-cache'
import { featureCacheDirectory } from '../storage/paths'
import { type JobContext, yieldToMessages } from './jobs/context'
import { unitLength } from './nearest-pictures'
import { loadPictures } from './pictures'
import { startingWeights } from './pretrained'
import { featuresKey, type Looker } from './suspects-key'

const BATCH = 32
export interface LookedAt {
  /** Those that could be read, in the manifest's order. */
  readonly entries: readonly ManifestEntry[]
  /** Pooled features at unit length. */
  readonly rows: Rows
}

/** Features of all pictures, kept with the other features of the cache where all of them could be read. */
export async function seenPictures(manifest: Manifest, looker: Looker, config: RunConfig, context: JobContext): Promise<LookedAt> {
  const { signal } = context.control
  const { backbone, row, imageSize } = looker
  const { preprocessing } = backbone
  const network = buildNetwork(backbone, { classes: Math.max(2, manifest.classes.length), dropout: null })
  const program = compileHeatmaps({ network, imageSize, preprocessing })
  const size = program.mapShape[2]
  const shape = { key: featuresKey(looker, manifest.pictures), count: manifest.pictures.length, size }
  const cache = new FeatureCache(featureCacheDirectory())
  const kept = cache.open(shape)
  if (kept !== null) {
    try {
      const values = new Float32Array(shape.count * size)
      kept.read(0, values)
      return { entries: manifest.pictures, rows: { values: Float64Array.from(values), count: shape.count, size } }
    } finally {
      kept.close()
    }
  }
  const onProgress = (done: number, total: number) => {
    context.progress('Reading the pictures', done, total)
  }
  const { store, setAside } = await loadPictures(manifest, { imageSize, workers: null, signal, onProgress })
  const gone = new Set(setAside.map(({ path }) => path))
  const entries = manifest.pictures.filter(({ path }) => !gone.has(path))
  const { weights } = await startingWeights(backbone, network, { ...config, backbone: backbone.name, weights: row.name, head: 'linear' }, manifest.classes)
  const session = new HeatmapSession(program, weights)
  const file = gone.size === 0 ? cache.create(shape) : null
  const values = new Float64Array(entries.length * size)
  try {
    const area = imageSize * imageSize * 3
    for (let first = 0; first < entries.length; first += BATCH) {
      const count = Math.min(BATCH, entries.length - first)
      const pixels = new Uint8Array(count * area)
      for (let i = 0; i < count; i++) await store.read(store.indexOf(entries[first + i]?.path ?? ''), pixels, i * area)
      const { pooled } = session.answer(pixels, count)
      for (let i = 0; i < count; i++) {
        const features = unitLength(pooled.slice(i * size, (i + 1) * size))
        values.set(features, (first + i) * size)
        file?.write(first + i, features)
      }
      context.progress('Looking at the pictures', first + count, entries.length)
      await yieldToMessages()
      throwIfCancelled(signal)
    }
    file?.publish()
  } finally {
    file?.close()
    session.close()
  }
  return { entries, rows: { values, count: entries.length, size } }
}
