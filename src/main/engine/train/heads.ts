/**
 * What each training step is fed: the kept output of the frozen prefix where there is one, else the pictures themselves,
 * augmented. Both are asked for in the same way.
 */
import type { RunConfig } from '../../../shared/domain/run-config'
import type { Network } from '../zoo/network'
import { networkShapes } from '../zoo/network'
import type { NetworkSession } from '../runtime/network-session'
import { type PrefixRunner, SessionPrefix } from '../runtime/prefix-runner'
import type { Feed, HostFeed } from '../runtime/session'
import { augmentationPool } from './augmentation-pool'
import { PREFIX_BATCH } from './batches'
import { FeatureStore, type KeptViews } from './feature-store'
import { type Mix, mixShares } from './mix'
import { NO_CLOCK, type PhaseClock } from './phase-clock'
import { type PictureSource, readPictures } from './picture-source'
import { drawCrop, type PictureSize } from './random-rectangles'

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
  readonly clock?: PhaseClock | undefined
}

interface MadePictures {
  /** [N, side, side, 3]: float32 in 0…1 and augmented, or uint8 and plain. */
  readonly host: HostFeed
  /** When they have been used. */
  readonly release: () => void
}

/** What the prefix is fed. A tensor of the session's is released by whoever runs it. */
interface FedPictures {
  readonly feed: Feed
  readonly release: () => void
}

/** Pictures of a batch that are on their way. */
interface Begun<T> {
  /** Fulfilled once they have been read and only other threads are at work on them, or it has failed. */
  readonly handedOver: Promise<void>
  readonly made: Promise<T>
}
export type LoadedPictures = Begun<MadePictures>

function begun<T>(make: (onHandedOver: () => void) => Promise<T>): Begun<T> {
  let onHandedOver = () => {}
  const handedOver = new Promise<void>((resolve) => {
    onHandedOver = resolve
  })
  const made = make(onHandedOver)
  // Until it is awaited, its error is nobody's.
  made.then(onHandedOver, onHandedOver)
  return { handedOver, made }
}

/** Kept features are read when they are asked for. */
const NOTHING_LOADED: LoadedPictures = {
  handedOver: Promise.resolve(),
  made: Promise.resolve({ host: { shape: [0], data: new Uint8Array(0) }, release: () => undefined }),
}

export class Heads {
  private readonly store: FeatureStore | null
  /** Of the value at the cut. */
  private readonly shape: readonly number[]
  private readonly clock: PhaseClock
  /** Memory of batches that the prefix is done with. */
  private copies: Float32Array[] = []

  constructor(
    private readonly source: PictureSource,
    private readonly options: HeadsOptions,
  ) {
    const shape = networkShapes(options.network, options.config.image_size).get(options.cut) ?? []
    const storeOptions = { memoryBudgetBytes: options.featureBudgetBytes, directory: options.featureDirectory, kept: options.kept }
    this.shape = shape
    this.clock = options.clock ?? NO_CLOCK
    this.store = options.cut === 'input' ? null : new FeatureStore(shape.reduce((a, b) => a * b, 1), storeOptions)
  }

  /** Runs the prefix on all pictures of a view that is not kept yet. `view` 0 is the plain one. */
  async prepare(view: number, onProgress: (done: number, total: number) => Promise<void>): Promise<void> {
    const { store, clock } = this
    if (store === null || clock.within('kept_features', () => store.has(String(view)))) return
    // A second time where what was computed before can be read no more.
    while (!(await this.fill(store, view, onProgress)));
  }

  /** False where what was written is lost on the way. */
  private async fill(store: FeatureStore, view: number, onProgress: (done: number, total: number) => Promise<void>): Promise<boolean> {
    const { clock } = this
    const { count } = this.source
    const room = clock.within('kept_features', () => store.add(String(view), count))
    const { session, prefix = new SessionPrefix(session) } = this.options
    const preparing = view === 0 ? 'pictures' : 'augmentation'
    const batchFrom = (first: number) => begun((onHandedOver) => this.pictures(Array.from({ length: Math.min(PREFIX_BATCH, count - first) }, (_, i) => first + i), view, onHandedOver))
    // The pictures of the next batch are made while this one's features are computed.
    let next = count === 0 ? null : batchFrom(0)
    try {
      for (let first = 0; next !== null; first += PREFIX_BATCH) {
        const { made } = next
        const { feed, release } = await clock.within(preparing, () => made)
        next = first + PREFIX_BATCH < count ? batchFrom(first + PREFIX_BATCH) : null
        // From here on the main thread may be blocked.
        const handedOver = next?.handedOver
        await clock.within('pictures', () => handedOver)
        const features = await clock.computing('features', session, `prefix ${Math.min(PREFIX_BATCH, count - first)}`, () => prefix.run(feed))
        release()
        if (!clock.within('kept_features', () => room.write(first, features))) return false
        await onProgress(Math.min(first + PREFIX_BATCH, count), count)
      }
      clock.within('kept_features', () => {
        room.done()
      })
      return true
    } finally {
      this.copies = []
      const left = (await next?.made.catch(() => null)) ?? null
      if (left !== null && 'id' in left.feed) this.options.session.release(left.feed)
    }
  }

  /**
   * Begins to read and augment the pictures of a batch, for `batch`: where it is asked for before the step ahead of it, other threads are
   * at it meanwhile. What is not used after all is to be abandoned.
   */
  load(indices: readonly number[], view: number): LoadedPictures {
    if (this.store !== null) return NOTHING_LOADED
    return begun((onHandedOver) => this.make(indices, view, onHandedOver))
  }

  /** The feed of a batch; call `release` when the step is over. Pictures can only be mixed where nothing frozen runs ahead of the step. */
  async batch(indices: readonly number[], view: number, mix: Mix | null = null, loaded = this.load(indices, view)): Promise<{ feed: Feed; release: () => void }> {
    const { store, clock } = this
    if (store !== null) {
      if (mix !== null) throw new Error('Pictures cannot be mixed behind a frozen part that ran ahead')
      return { feed: { shape: [indices.length, ...this.shape], data: clock.within('kept_features', () => store.rows(String(view), indices)) }, release: () => undefined }
    }
    const { session, config } = this.options
    const side = config.image_size
    const { host, release } = await clock.within('pictures', () => loaded.made)
    const whole: Feed = host.data instanceof Uint8Array ? clock.within('pictures', () => session.pictures(host, null)) : host
    const pictures = mix === null ? whole : clock.within('augmentation', () => session.mix(whole, { shape: [side, side, 1], data: mixShares(mix, side) }))
    return {
      feed: pictures,
      release: () => {
        if ('id' in pictures) session.release(pictures)
        release()
      },
    }
  }

  close(): void {
    this.store?.close()
  }

  /** Pictures in memory that no other thread sees; `release` once they have been used. */
  private async pictures(indices: readonly number[], view: number, onHandedOver: () => void): Promise<FedPictures> {
    const { host, release } = await this.make(indices, view, onHandedOver)
    if (host.data instanceof Uint8Array) return { feed: this.options.session.pictures(host, null), release: () => undefined }
    // ONNX Runtime takes no memory that threads share.
    const copy = this.takeCopy(host.data.length)
    copy.set(host.data)
    release()
    return { feed: { shape: host.shape, data: copy }, release: () => { this.copies.push(copy) } } // prettier-ignore
  }

  /** Megabytes that were new for each batch would have the collector look through all memory every few batches. */
  private takeCopy(length: number): Float32Array {
    const kept = this.copies.findIndex((copy) => copy.length === length)
    return this.copies.splice(kept, kept < 0 ? 0 : 1)[0] ?? new Float32Array(length)
  }

  private async make(indices: readonly number[], view: number, onHandedOver = () => {}): Promise<MadePictures> {
    const { session, config } = this.options
    const { seed, augmentation, image_size: side } = config
    if (view === 0) return { host: await readPictures(this.source, indices, side), release: () => undefined }
    const pool = augmentationPool()
    const room = pool.takeRoom(indices.length, side)
    const pictureKeys = indices.map((index) => this.source.keys[index] ?? 0)
    const choose = (row: number, size: PictureSize) => drawCrop(augmentation, seed, pictureKeys[row] ?? 0, view, size)
    const { shape } = await readPictures(this.source, indices, side, augmentation.random_resized_crop ? choose : null, room.pixels)
    const augmented = pool.augment(room, { augmentation, seed, pictureKeys, view, side }, session.program.erasingColour)
    onHandedOver()
    await augmented
    return { host: { shape, data: room.pictures }, release: () => { pool.giveBack(room) } } // prettier-ignore
  }
}
