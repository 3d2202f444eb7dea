/** Pictures for the screen: shrunk, turned upright and encoded anew, so that nothing of a file reaches the page but its pixels. */
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { decodePicture } from '../dataset/decode'
import { HEAD_BYTES, recogniseFile } from '../dataset/file-kind'
import { MAXIMUM_PIXELS } from '../dataset/picture-limits'
import type { PictureFormat } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { systemCode } from '../storage/storage-error'

export interface Thumbnail {
  bytes: Buffer
  contentType: 'image/webp'
}

const IN_FLIGHT = 2
/** What sharp does not read. */
const OWN_DECODERS: readonly PictureFormat[] = ['bmp', 'heic']
const KEPT_BYTES = 48 * 1024 * 1024

/** Makes thumbnails, two at a time so that training keeps its cores, and keeps the last ones in memory. */
export class Thumbnails {
  private readonly kept = new Map<string, Buffer>()
  private keptBytes = 0
  private running = 0
  private readonly waiting: (() => void)[] = []

  /**
   * @param path relative to `root`; the caller has checked that the dataset names it
   * @param side longest side in pixels; a smaller picture is not enlarged
   * @throws GraftError NOT_FOUND, UNREADABLE
   */
  async make(root: string, path: string, side: number): Promise<Thumbnail> {
    const { mtimeMs, size } = await stat(join(root, path)).catch((error: unknown) => {
      throw unreadable(path, error)
    })
    // A picture that was replaced since is another one.
    const key = [root, path, side, mtimeMs, size].join('\n')
    const before = this.kept.get(key)
    if (before !== undefined) {
      this.kept.delete(key)
      this.kept.set(key, before)
      return { bytes: before, contentType: 'image/webp' }
    }
    if (this.running >= IN_FLIGHT) await new Promise<void>((resolve) => this.waiting.push(resolve))
    this.running++
    try {
      const bytes = await shrink(join(root, path), path, side)
      this.keep(key, bytes)
      return { bytes, contentType: 'image/webp' }
    } finally {
      this.running--
      this.waiting.shift()?.()
    }
  }

  private keep(key: string, bytes: Buffer): void {
    if (this.kept.has(key)) return
    this.kept.set(key, bytes)
    this.keptBytes += bytes.length
    for (const [oldKey, old] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES) break
      this.kept.delete(oldKey)
      this.keptBytes -= old.length
    }
  }
}

function unreadable(path: string, error: unknown): GraftError {
  if (systemCode(error) === 'ENOENT') return new GraftError('NOT_FOUND', `${path} is no longer there.`, { action: 'Open the dataset again.' })
  return new GraftError('UNREADABLE', `${path} cannot be read.`, { action: 'Check its permissions.', cause: error })
}

async function decoded(absolutePath: string): Promise<Sharp> {
  const { pixels, width, height } = await decodePicture(absolutePath)
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

async function shrink(absolutePath: string, path: string, side: number): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES)
  let filled = 0
  try {
    const file = await open(absolutePath, 'r')
    try {
      filled = (await file.read(head, 0, head.length, 0)).bytesRead
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  // The file may have been replaced since the scan; what it is now decides, and SVG or the like is never decoded.
  const kind = recogniseFile(head.subarray(0, filled), path)
  if (!kind.usable) throw new GraftError('UNREADABLE', `${path}: ${kind.message}`, { action: kind.action })
  try {
    const image = OWN_DECODERS.includes(kind.format) ? await decoded(absolutePath) : sharp(absolutePath, { limitInputPixels: MAXIMUM_PIXELS, animated: false, sequentialRead: true })
    return await image
      .autoOrient()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer()
  } catch (error) {
    throw new GraftError('UNREADABLE', `${path} cannot be decoded.`, { action: 'Copy or download it again, or delete it.', cause: error })
  }
}
