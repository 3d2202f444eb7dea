/**
 * Decoded pictures on disk, so that each is decoded once and not once a run.
 *
 * One file a picture, in 256 folders by the first two digits of its key: `v<decoder>/<ab>/<sha256>-<image size>.pixels`. A file
 * is written beside its place and renamed into it, and its checksum is verified when read; so two processes may use one folder,
 * and a file that a crash or a full disk left behind is decoded again, never believed.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { ManifestEntry, SetAside } from '../../shared/domain/dataset'
import { forEachInFlight, throttledProgress } from './cancellation'
import type { ProgressListener } from './cancellation'
import { DECODER_VERSION } from './decode'
import { toSetAside } from './picture-refused'
import { decodeEntry, PictureStore, verifySource } from './picture-store'
import type { CachedPicture } from './picture-store'

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
  /** Resized pictures are kept in memory when all of them fit in so many bytes; 512 MB when left out. */
  memoryBytes?: number | undefined
}

const MAGIC = Buffer.from('GRAFTPX1', 'latin1')
const HEADER_BYTES = 24
const SUFFIX = '.pixels'
const STALE_MS = 60 * 60 * 1000
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024

/** 20 GB, or a tenth of what is free on the disk where that is less. */
export async function defaultCacheBytes(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true })
  const disk = await statfs(directory)
  return Math.min(20e9, Math.floor((disk.bavail * disk.bsize) / 10))
}

function toBytes(picture: CachedPicture): Buffer {
  const plain = picture.plain ?? new Uint8Array(0)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + picture.pixels.length + plain.length)
  bytes.set(picture.pixels, HEADER_BYTES)
  bytes.set(plain, HEADER_BYTES + picture.pixels.length)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(picture.width, 8)
  bytes.writeUInt32LE(picture.height, 12)
  bytes.writeUInt32LE(plain.length, 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 20)
  return bytes
}

/** Null for anything but a whole, undamaged cache file of this image size. */
function fromBytes(bytes: Buffer, imageSize: number): CachedPicture | null {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return null
  const width = bytes.readUInt32LE(8)
  const height = bytes.readUInt32LE(12)
  const plainBytes = bytes.readUInt32LE(16)
  const pixelBytes = width * height * 3
  if (bytes.length !== HEADER_BYTES + pixelBytes + plainBytes || (plainBytes !== 0 && plainBytes !== imageSize * imageSize * 3)) return null
  if (crc32(bytes.subarray(HEADER_BYTES)) !== bytes.readUInt32LE(20)) return null
  const pixels = bytes.subarray(HEADER_BYTES, HEADER_BYTES + pixelBytes)
  return { pixels, width, height, plain: plainBytes === 0 ? null : bytes.subarray(HEADER_BYTES + pixelBytes) }
}

interface CacheFile {
  path: string
  bytes: number
  usedMs: number
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Runs `work`; a file or folder that another process has just deleted gives null. */
async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

export class PictureCache {
  private readonly directory: string
  private maximumBytes: number | undefined
  /** What lies in the folder as far as this process knows; null until first needed. */
  private knownBytes: number | null = null
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
    const inMemory = entries.length * imageSize * imageSize * 3 <= (options.memoryBytes ?? DEFAULT_MEMORY_BYTES)
    const store = new PictureStore(entries, imageSize, inMemory, (entry) => this.fetch(root, entry, imageSize))
    const progress = throttledProgress(options.onProgress)
    let done = 0
    await forEachInFlight(entries, options.workers ?? 4, signal, async (entry, index) => {
      try {
        const cached = await this.read(entry, imageSize)
        if (cached !== null) await verifySource(root, entry)
        store.keep(index, cached ?? (await this.decodeAndWrite(root, entry, imageSize)))
      } catch (error) {
        onSetAside?.(toSetAside(entry.path, error))
      }
      progress.report(++done, entries.length, 'Preparing pictures')
    })
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
    return { files: files.length, bytes: files.reduce((total, file) => total + file.bytes, 0) }
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

  private async fetch(root: string, entry: ManifestEntry, imageSize: number): Promise<CachedPicture> {
    return (await this.read(entry, imageSize)) ?? (await this.decodeAndWrite(root, entry, imageSize))
  }

  private async read(entry: ManifestEntry, imageSize: number): Promise<CachedPicture | null> {
    const path = this.pathOf(entry, imageSize)
    const bytes = await unlessGone(readFile(path))
    if (bytes === null) return null
    const picture = fromBytes(bytes, imageSize)
    if (picture === null) {
      await rm(path, { force: true })
      return null
    }
    await this.touch(path)
    return picture
  }

  /** Notes the use by the file's time, at most once an hour, so that reading stays reading. */
  private async touch(path: string): Promise<void> {
    const stats = await unlessGone(stat(path))
    if (stats === null || Date.now() - stats.mtimeMs < STALE_MS) return
    const now = new Date()
    await unlessGone(utimes(path, now, now))
  }

  private async decodeAndWrite(root: string, entry: ManifestEntry, imageSize: number): Promise<CachedPicture> {
    const picture = await decodeEntry(root, entry, imageSize)
    await this.write(this.pathOf(entry, imageSize), picture)
    return picture
  }

  /** A cache that cannot grow (full, read-only) costs time later, not the run. */
  private async write(path: string, picture: CachedPicture): Promise<void> {
    const maximumBytes = this.maximumBytes ?? 0
    const bytes = toBytes(picture)
    if (this.knownBytes === null) {
      const { bytes: found } = await this.usage()
      this.knownBytes ??= found
    }
    if (this.knownBytes + bytes.length > maximumBytes) await this.evict(Math.floor(maximumBytes * 0.9) - bytes.length)
    if (this.knownBytes + bytes.length > maximumBytes) return
    const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(temporary, bytes, { flag: 'wx' })
      await rename(temporary, path)
      this.knownBytes += bytes.length
    } catch (error) {
      await rm(temporary, { force: true })
      if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'EFBIG'].includes(errorCode(error))) throw error
    }
  }

  private async evict(targetBytes: number): Promise<void> {
    this.evicting ??= this.evictNow(targetBytes).finally(() => {
      this.evicting = null
    })
    await this.evicting
  }

  private async evictNow(targetBytes: number): Promise<void> {
    const files = (await this.list()).sort((a, b) => a.usedMs - b.usedMs)
    let bytes = files.reduce((total, file) => total + file.bytes, 0)
    for (const file of files) {
      if (bytes <= targetBytes) break
      await rm(file.path, { force: true })
      bytes -= file.bytes
    }
    this.knownBytes = bytes
  }

  /** All cache files of all versions; what a crash left half written is deleted on the way. */
  private async list(): Promise<CacheFile[]> {
    const files: CacheFile[] = []
    for (const version of (await unlessGone(readdir(this.directory))) ?? []) {
      if (!/^v\d+$/.test(version)) continue
      for (const shard of (await unlessGone(readdir(join(this.directory, version)))) ?? []) {
        const folder = join(this.directory, version, shard)
        for (const name of (await unlessGone(readdir(folder))) ?? []) {
          const path = join(folder, name)
          const stats = await unlessGone(stat(path))
          if (stats === null) continue
          if (name.endsWith(SUFFIX)) files.push({ path, bytes: stats.size, usedMs: stats.mtimeMs })
          else if (Date.now() - stats.mtimeMs > STALE_MS) await rm(path, { force: true })
        }
      }
    }
    return files
  }
}
