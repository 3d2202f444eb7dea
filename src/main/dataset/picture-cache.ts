/**
 * Decoded pictures on disk, so that each is decoded once and not once a run.
 *
 * One file a picture, in 256 folders by the first two digits of its key: `v<decoder>/<ab>/<sha256>-<image size>.pixels`. A file
 * is written beside its place and renamed into it, and its checksum is verified when read; so two processes may use one folder,
 * and a file that a crash or a full disk left behind is decoded again, never believed.
 */
import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ManifestEntry, SetAside } from '../../shared/domain/dataset'
import { bytesOfFiles, type CacheFile, leastRecentlyUsed, STALE_MS, tenthOfFree } from '../storage/cache-files'
import { systemCode } from '../storage/storage-error'
import { mostCachedBytes } from './cached-views'
import { forEachInFlight, throttledProgress } from './cancellation'
import type { ProgressListener } from './cancellation'
import { DECODER_VERSION } from './decode'
import type { DecodedPicture } from './decode'
import { fileBytes, isThereSync, readAllParts, readPlain, readPlainSync, unlessGone, unlessRefused, writePictureFile, writePictureFileSync } from './picture-file'
import type { CachedPicture, PlainRead } from './picture-file'
import { toSetAside } from './picture-refused'
import { decodeEntry, PictureStore, verifySource, verifySourceSync } from './picture-store'
import type { WantedPicture } from './picture-store'
import { PictureThreads } from './picture-threads'
import { mayBePlainJpeg } from './plain-jpeg'
import { resizeBilinearAntialiased } from './resize'

export interface PictureCacheOptions {
  /** The cache's own folder; made when it is missing. */
  directory: string
  /** Least recently used files are deleted beyond this; `defaultCacheBytes` when left out. */
  maximumBytes?: number
}

export interface LoadOptions {
  /** Absolute path of the dataset's folder, below which the entries' paths lie. */
  root: string
  /** Pictures in flight; 4 when left out. */
  workers?: number | undefined
  signal?: AbortSignal | undefined
  onProgress?: ProgressListener | undefined
  /** Called once for each picture that cannot be used; the others go on. */
  onSetAside?: ((setAside: SetAside) => void) | undefined
  /** True where parts will be cut out of the pictures: they are then cached in their own shape too. Else `readDecoded` decodes again, once. */
  wantsWhole?: boolean | undefined
  /** Resized pictures are kept in memory when all of them fit in so many bytes; 512 MB when left out. */
  memoryBytes?: number | undefined
}

const SUFFIX = '.pixels'
/** Where more than a fifth of the answers take longer, the disk is asked for several pictures at once and not waited for by the thread. */
const SLOW_ANSWER_MS = 2
const SLOW_ANSWER_COUNTS = 4
const SLOW_AT = 16
/** Reading without a break leaves no time for messages: to stop, for one. */
const BREATH_MS = 15
/** Fewer are decoded before threads have started. */
const FEWEST_FOR_THREADS = 100
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024

/** 20 GB, or a tenth of what is free on the disk where that is less. */
export async function defaultCacheBytes(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true })
  return tenthOfFree(await statfs(directory), 20e9)
}

/** Asks the disk in the way that it is fastest with. */
class Disk {
  private slowness = 0
  private breathedMs = performance.now()

  get isQuick(): boolean {
    return this.slowness < SLOW_AT
  }

  /** Is the picture in the cache, its source being as it was? @throws PictureRefused, the system's error: `verifySource` */
  async isCached(path: string, root: string, entry: ManifestEntry): Promise<boolean> {
    if (!this.isQuick) {
      if ((await unlessRefused(stat(path))) === null) return false
      await verifySource(root, entry)
      return true
    }
    return this.timed(() => {
      if (!isThereSync(path)) return false
      verifySourceSync(root, entry)
      return true
    })
  }

  async read(path: string, target: Uint8Array): Promise<PlainRead> {
    return this.isQuick ? this.timed(() => readPlainSync(path, target)) : await readPlain(path, target)
  }

  /** Lets the thread see to other things where it has not for a while. */
  async breathe(): Promise<void> {
    if (performance.now() - this.breathedMs < BREATH_MS) return
    await setImmediate()
    this.breathedMs = performance.now()
  }

  private timed<T>(work: () => T): T {
    const startedMs = performance.now()
    const result = work()
    const isSlow = performance.now() - startedMs > SLOW_ANSWER_MS
    this.slowness = isSlow ? this.slowness + SLOW_ANSWER_COUNTS : Math.max(0, this.slowness - 1)
    return result
  }
}

export class PictureCache {
  private readonly directory: string
  private maximumBytes: number | undefined
  /** What lies in the folder as far as this process knows; measured when first needed. */
  private knownBytes = 0
  private measured: Promise<void> | null = null
  /** What threads may be about to write. */
  private promisedBytes = 0
  private evicting: Promise<void> | null = null

  constructor(options: PictureCacheOptions) {
    this.directory = options.directory
    this.maximumBytes = options.maximumBytes
  }

  /**
   * Decodes what is not cached yet and gives a store of all the pictures. A picture that cannot be decoded, has changed since
   * the scan (size or hash) or vanished goes to `onSetAside`; the load goes on without it.
   *
   * @param imageSize side of the square pictures (pixels)
   * @throws Cancelled; the system's error where the cache folder cannot be made or read
   */
  async load(entries: readonly ManifestEntry[], imageSize: number, options: LoadOptions): Promise<PictureStore> {
    const { root, signal, onSetAside } = options
    await mkdir(this.directory, { recursive: true })
    this.maximumBytes ??= await defaultCacheBytes(this.directory)
    const workers = options.workers ?? 4
    const inMemory = entries.length * imageSize * imageSize * 3 <= (options.memoryBytes ?? DEFAULT_MEMORY_BYTES)
    const disk = new Disk()
    const files = {
      readPlain: (entry: ManifestEntry, target: Uint8Array) => this.readPlain({ root, entry, imageSize, wantsWhole: false, isDiskQuick: disk.isQuick }, disk, target),
      readWhole: (entry: ManifestEntry) => this.readWhole({ root, entry, imageSize, wantsWhole: true, isDiskQuick: false }),
    }
    const store = new PictureStore(entries, imageSize, inMemory, files)
    const progress = throttledProgress(options.onProgress)
    // Two in flight for each thread: one is always at hand.
    const threads = entries.length < FEWEST_FOR_THREADS ? null : new PictureThreads(Math.ceil(workers / 2))
    let done = 0
    try {
      await forEachInFlight(entries, workers, signal, async (entry, index) => {
        try {
          const isCached = await disk.isCached(this.pathOf(entry, imageSize), root, entry)
          const picture = { root, entry, imageSize, wantsWhole: options.wantsWhole ?? false, isDiskQuick: disk.isQuick }
          if (!isCached) await this.prepare(picture, store.roomFor(index), threads)
          store.keep(index, isCached ? 'cache' : 'room')
        } catch (error) {
          onSetAside?.(toSetAside(entry.path, error))
        }
        progress.report(++done, entries.length, 'Preparing pictures')
        await disk.breathe()
      })
    } finally {
      await threads?.close()
    }
    progress.last(done, entries.length, 'Preparing pictures')
    return store
  }

  /** True where the picture lies here decoded; whether its file is whole is seen when it is read. */
  async has(entry: ManifestEntry, imageSize: number): Promise<boolean> {
    return (await unlessGone(stat(this.pathOf(entry, imageSize)))) !== null
  }

  /** Files and bytes that the cache holds. */
  async usage(): Promise<{ files: number; bytes: number }> {
    const files = await this.list()
    return { files: files.length, bytes: bytesOfFiles(files) }
  }

  /** Deletes everything cached. Stores go on: what they need again is decoded again. */
  async clear(): Promise<void> {
    for (const name of (await unlessGone(readdir(this.directory))) ?? []) {
      if (/^v\d+$/.test(name)) await rm(join(this.directory, name), { recursive: true, force: true, maxRetries: 3 })
    }
    this.knownBytes = 0
  }

  private pathOf(entry: ManifestEntry, imageSize: number): string {
    return join(this.directory, `v${DECODER_VERSION}`, entry.sha256.slice(0, 2), `${entry.sha256}-${imageSize}${SUFFIX}`)
  }

  private async readPlain(picture: WantedPicture, disk: Disk, target: Uint8Array): Promise<void> {
    const found = await disk.read(this.pathOf(picture.entry, picture.imageSize), target)
    if (found !== 'read') await this.fill(picture, found, target)
  }

  private async readWhole(picture: WantedPicture): Promise<DecodedPicture> {
    const plainBytes = picture.imageSize * picture.imageSize * 3
    const found = await readAllParts(this.pathOf(picture.entry, picture.imageSize), plainBytes)
    if (found !== null && found !== 'damaged' && found.whole !== null) return found.whole
    const { whole } = await this.decodeAndWrite(picture, new Uint8Array(plainBytes))
    if (whole === null) throw new Error('A picture was decoded without its whole')
    return whole
  }

  /** Writes the plain view to `target` where its file does not hold it: from the small original that it holds instead, or from the source. */
  private async fill(picture: WantedPicture, found: PlainRead, target: Uint8Array): Promise<void> {
    const path = this.pathOf(picture.entry, picture.imageSize)
    const parts = found === 'whole-only' ? await readAllParts(path, target.length) : null
    if (parts !== null && parts !== 'damaged' && parts.whole !== null) {
      resizeBilinearAntialiased(parts.whole.pixels, parts.whole.width, parts.whole.height, picture.imageSize, picture.imageSize, target)
      return
    }
    if (found !== 'missing') await unlessRefused(rm(path, { force: true }))
    await this.decodeAndWrite(picture, target)
  }

  /** Decodes a picture into the cache, and into its room in memory where there is one: on a thread what one can do. */
  private async prepare(picture: WantedPicture, room: Uint8Array | null, threads: PictureThreads | null): Promise<void> {
    if (threads === null || !(await this.prepareOnThread(picture, room, threads))) await this.decodeAndWrite(picture, room ?? new Uint8Array(picture.imageSize ** 2 * 3))
  }

  /** False where the picture is still to be decoded. */
  private async prepareOnThread({ root, entry, imageSize, wantsWhole, isDiskQuick }: WantedPicture, room: Uint8Array | null, threads: PictureThreads): Promise<boolean> {
    const { path, sizeBytes, sha256 } = entry
    if (!isDiskQuick || !mayBePlainJpeg(path, sizeBytes)) return false
    await this.measure()
    const mostBytes = mostCachedBytes(imageSize, wantsWhole)
    if (this.knownBytes + this.promisedBytes + mostBytes > (this.maximumBytes ?? 0)) return false
    this.promisedBytes += mostBytes
    const writtenBytes = await threads.prepare({ path: join(root, path), sizeBytes, sha256, imageSize, wantsWhole, cachePath: this.pathOf(entry, imageSize), target: room })
    this.promisedBytes -= mostBytes
    this.knownBytes += writtenBytes ?? 0
    return writtenBytes !== null
  }

  private async decodeAndWrite(picture: WantedPicture, target: Uint8Array): Promise<CachedPicture> {
    const decoded = await decodeEntry(picture, target)
    await this.write(this.pathOf(picture.entry, picture.imageSize), decoded, picture.isDiskQuick)
    return decoded
  }

  /** A cache that cannot grow (full, read-only) costs time later, not the run. */
  private async write(path: string, picture: CachedPicture, isDiskQuick: boolean): Promise<void> {
    const maximumBytes = this.maximumBytes ?? 0
    const bytes = fileBytes(picture)
    await this.measure()
    if (this.knownBytes + bytes > maximumBytes) await this.evict(Math.floor(maximumBytes * 0.9) - bytes)
    if (this.knownBytes + bytes > maximumBytes) return
    try {
      if (isDiskQuick) writePictureFileSync(path, picture)
      else await writePictureFile(path, picture)
      this.knownBytes += bytes
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'EFBIG'].includes(systemCode(error) ?? '')) throw error
    }
  }

  private async measure(): Promise<void> {
    this.measured ??= this.usage().then(({ bytes }) => {
      this.knownBytes = bytes
    })
    await this.measured
  }

  private async evict(targetBytes: number): Promise<void> {
    this.evicting ??= this.evictNow(targetBytes).finally(() => {
      this.evicting = null
    })
    await this.evicting
  }

  private async evictNow(targetBytes: number): Promise<void> {
    const files = await this.list()
    this.knownBytes = bytesOfFiles(files)
    for (const { path, bytes } of leastRecentlyUsed(files, targetBytes)) {
      // Somebody else's stay.
      if ((await unlessRefused(rm(path, { force: true }).then(() => true))) === true) this.knownBytes -= bytes
    }
  }

  /** All cache files of all versions; what a crash left half written is deleted on the way. */
  private async list(): Promise<CacheFile[]> {
    const files: CacheFile[] = []
    for (const version of (await unlessRefused(readdir(this.directory))) ?? []) {
      if (!/^v\d+$/.test(version)) continue
      for (const shard of (await unlessRefused(readdir(join(this.directory, version)))) ?? []) {
        const folder = join(this.directory, version, shard)
        for (const name of (await unlessRefused(readdir(folder))) ?? []) {
          const path = join(folder, name)
          const stats = await unlessRefused(stat(path))
          if (stats === null) continue
          if (name.endsWith(SUFFIX)) files.push({ path, bytes: stats.size, usedMs: stats.mtimeMs })
          else if (Date.now() - stats.mtimeMs > STALE_MS) await unlessRefused(rm(path, { force: true }))
        }
      }
    }
    return files
  }
}
