/**
 * What each training step is fed: the kept output of the frozen prefix where there is one, else the pictures themselves,
 * augmented. Both are asked for in the same way.
 */
import type { RunConfig } from '../../../shared/domain/run-config'
import type { Network } from '../zoo/network'
import { networkShapes } from '../zoo/network'
import type { NetworkSession } from '../runtime/network-session'
import { type PrefixRunner, SessionPrefix } from '../runtime/prefix-runner'
import type { DeviceTensor, Feed } from '../runtime/session'
import { drawBatch } from './augmentation-draw'
import { FeatureStore, type KeptViews } from './feature-store'
import { type Mix, mixShares } from './mix'
import { type PictureSource, readPictures } from './picture-source'
import { drawCrop, type PictureSize } from './random-rectangles'

/** Pictures the prefix is run on at once: as fast as larger batches, and small in memory. */
export const PREFIX_BATCH = 16

export interface HeadsOptions {
  readonly session: NetworkSession
  /** What runs the prefix; the session where left out. */
  readonly prefix?: PrefixRunner
  readonly network: Network
  readonly cut: string
  readonly config: RunConfig
  /** Features beyond this many bytes go to files in `featureDirectory`. */
  readonly featureBudgetBytes: number
  readonly featureDirectory: string
  /** The source's features that outlive the run; none where left out. */
  readonly kept?: KeptViews | undefined
}

export class Heads {
  private readonly store: FeatureStore | null
  /** Of the value at the cut. */
  private readonly shape: readonly number[]

  constructor(
    private readonly source: PictureSource,
    private readonly options: HeadsOptions,
  ) {
    const shape = networkShapes(options.network, options.config.image_size).get(options.cut) ?? []
    const storeOptions = { memoryBudgetBytes: options.featureBudgetBytes, directory: options.featureDirectory, kept: options.kept }
    this.shape = shape
    this.store = options.cut === 'input' ? null : new FeatureStore(shape.reduce((a, b) => a * b, 1), storeOptions)
  }

  /** Runs the prefix on all pictures of a view that is not kept yet. `view` 0 is the plain one. */
  async prepare(view: number, onProgress: (done: number, total: number) => Promise<void>): Promise<void> {
    if (this.store === null || this.store.has(String(view))) return
    const { count } = this.source
    const room = this.store.add(String(view), count)
    const prefix = this.options.prefix ?? new SessionPrefix(this.options.session)
    const batchFrom = (first: number) => this.pictures(Array.from({ length: Math.min(PREFIX_BATCH, count - first) }, (_, i) => first + i), view)
    // The pictures of the next batch are made while this one's features are computed.
    let next = count === 0 ? null : batchFrom(0)
    try {
      for (let first = 0; next !== null; first += PREFIX_BATCH) {
        const pictures: Feed = await next
        next = first + PREFIX_BATCH < count ? batchFrom(first + PREFIX_BATCH) : null
        // Until it is awaited, an error of the next batch is nobody's.
        next?.catch(() => undefined)
        room.write(first, await prefix.run(pictures))
        await onProgress(Math.min(first + PREFIX_BATCH, count), count)
      }
      room.done()
    } finally {
      const left: Feed | null = (await next?.catch(() => null)) ?? null
      if (left !== null && 'id' in left) this.options.session.release(left)
    }
  }

  /** The feed of a batch; call `release` when the step is over. Pictures can only be mixed where nothing frozen runs ahead of the step. */
  async batch(indices: readonly number[], view: number, mix: Mix | null = null): Promise<{ feed: Feed; release: () => void }> {
    if (this.store !== null) {
      if (mix !== null) throw new Error('Pictures cannot be mixed behind a frozen part that ran ahead')
      return { feed: { shape: [indices.length, ...this.shape], data: this.store.rows(String(view), indices) }, release: () => undefined }
    }
    const { session, config } = this.options
    const side = config.image_size
    const whole = await this.pictures(indices, view)
    const pictures = mix === null ? whole : session.mix(whole, { shape: [side, side, 1], data: mixShares(mix, side) })
    return {
      feed: pictures,
      release: () => {
        session.release(pictures)
      },
    }
  }

  close(): void {
    this.store?.close()
  }

  private async pictures(indices: readonly number[], view: number): Promise<DeviceTensor> {
    const { session, config } = this.options
    const { seed, augmentation, image_size: side } = config
    if (view === 0) return session.pictures(await readPictures(this.source, indices, side), null)
    const pictureKeys = indices.map((index) => this.source.keys[index] ?? 0)
    const choose = (row: number, size: PictureSize) => drawCrop(augmentation, seed, pictureKeys[row] ?? 0, view, size)
    const pixels = await readPictures(this.source, indices, side, augmentation.random_resized_crop ? choose : null)
    return session.pictures(pixels, drawBatch(augmentation, { seed, pictureKeys, view, side }))
  }
}
