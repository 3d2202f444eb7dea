/**
 * What each training step is fed: the kept output of the frozen prefix where there is one, else the pictures themselves,
 * augmented. Both are asked for in the same way.
 */
import type { RunConfig } from '../../../shared/domain/run-config'
import type { Network } from '../zoo/network'
import { networkShapes } from '../zoo/network'
import type { NetworkSession } from '../runtime/network-session'
import type { DeviceTensor, Feed } from '../runtime/session'
import { drawBatch } from './augmentation-draw'
import { FeatureStore } from './feature-store'
import { type Mix, mixShares } from './mix'
import { type PictureSource, readPictures } from './picture-source'
import { drawCrop, type PictureSize } from './random-rectangles'

/** Pictures the prefix is run on at once: as fast as larger batches, and small in memory. */
const PREFIX_BATCH = 32

export interface HeadsOptions {
  readonly session: NetworkSession
  readonly network: Network
  readonly cut: string
  readonly config: RunConfig
  /** Features beyond this many bytes go to files in `featureDirectory`. */
  readonly featureBudgetBytes: number
  readonly featureDirectory: string
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
    const storeOptions = { memoryBudgetBytes: options.featureBudgetBytes, directory: options.featureDirectory }
    this.shape = shape
    this.store = options.cut === 'input' ? null : new FeatureStore(shape.reduce((a, b) => a * b, 1), storeOptions)
  }

  /** Runs the prefix on all pictures of a view that is not kept yet. `view` 0 is the plain one. */
  async prepare(view: number, onProgress: (done: number, total: number) => Promise<void>): Promise<void> {
    if (this.store === null || this.store.has(String(view))) return
    const { count } = this.source
    const room = this.store.add(String(view), count)
    for (let first = 0; first < count; first += PREFIX_BATCH) {
      const indices = Array.from({ length: Math.min(PREFIX_BATCH, count - first) }, (_, i) => first + i)
      const { session } = this.options
      room.write(first, session.read(session.features(await this.pictures(indices, view))))
      await onProgress(first + indices.length, count)
    }
    room.done()
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
