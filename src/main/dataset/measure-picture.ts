/** What a look at a picture's pixels says about its use for training. */
import { hash } from 'node:crypto'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import type { PictureFormat } from '../../shared/domain/dataset'
import type { Measurement } from '../../shared/domain/health'
import { decodePicture, readPictureFile } from './decode'
import { readCameraMoment } from './exif'
import { greyGrid, perceptualHash } from './perceptual-hash'
import { MAXIMUM_PIXELS } from './picture-limits'
import { PictureRefused } from './picture-refused'

/** Part of the cache's name: raise it whenever other numbers come out. */
export const MEASUREMENT_VERSION = 1

/** Longest side of the grey version, about what a network sees; smaller pictures are not enlarged. */
const SIDE = 256
const TILES = 8
const TILE_RANK = 0.95
export const GRID_SIDE = 16

/** What sharp does not read. */
const OWN_DECODERS: readonly PictureFormat[] = ['bmp', 'heic']

interface Grey {
  /** (height, width) uint8 */
  pixels: Uint8Array
  width: number
  height: number
}

/**
 * @param sha256 of the file that is meant; left out: whatever lies there
 * @throws PictureRefused or what the libraries throw, where it cannot be decoded or is another file by now; the system's error
 */
export async function measurePicture(path: string, format: PictureFormat, sha256?: string): Promise<Measurement> {
  const bytes = await readPictureFile(path)
  if (sha256 !== undefined && hash('sha256', bytes, 'hex') !== sha256) throw new PictureRefused('unreadable', 'The file changed since the folder was scanned.', 'Scan the folder again.')
  const isOurs = OWN_DECODERS.includes(format)
  const grey = await shrunkGrey(isOurs ? await decoded(bytes) : sharp(bytes, { limitInputPixels: MAXIMUM_PIXELS, failOn: 'error', pages: 1 }).autoOrient())
  const { exif } = isOurs ? {} : await sharp(bytes).metadata()
  return { ...measureGrey(grey), ...readCameraMoment(exif) }
}

async function decoded(bytes: Buffer): Promise<Sharp> {
  const { pixels, width, height } = await decodePicture(bytes)
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

async function shrunkGrey(image: Sharp): Promise<Grey> {
  const { data, info } = await image.removeAlpha().resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true }).greyscale().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const pixels = channels === 1 ? new Uint8Array(data.buffer, data.byteOffset, data.length) : Uint8Array.from({ length: width * height }, (_, i) => data[i * channels] ?? 0)
  return { pixels, width, height }
}

export function measureGrey({ pixels, width, height }: Grey): Pick<Measurement, 'sharpness' | 'darkest' | 'lightest' | 'hash' | 'grid'> {
  const counts = new Uint32Array(256)
  for (const level of pixels) counts[level] = (counts[level] as number) + 1
  return {
    sharpness: sharpness(pixels, width, height),
    darkest: percentile(counts, pixels.length, 0.01),
    lightest: percentile(counts, pixels.length, 0.99),
    hash: perceptualHash(pixels, width, height),
    grid: Buffer.from(Uint8Array.from(greyGrid(pixels, width, height, GRID_SIDE), Math.round)).toString('base64'),
  }
}

function percentile(counts: Uint32Array, total: number, share: number): number {
  let sum = 0
  for (let level = 0; level < 256; level++) {
    sum += counts[level] as number
    if (sum >= share * total) return level
  }
  return 255
}

/**
 * Variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000), not of the whole but of
 * 8 x 8 tiles, of which the 95th percentile counts: a sharp flower before a soft meadow is a sharp picture.
 */
function sharpness(grey: Uint8Array, width: number, height: number): number {
  const sums = new Float64Array(TILES * TILES)
  const squares = new Float64Array(TILES * TILES)
  const counts = new Float64Array(TILES * TILES)
  for (let y = 1; y < height - 1; y++) {
    const row = Math.floor((y * TILES) / height) * TILES
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const value = (grey[at - 1] as number) + (grey[at + 1] as number) + (grey[at - width] as number) + (grey[at + width] as number) - 4 * (grey[at] as number)
      const tile = row + Math.floor((x * TILES) / width)
      sums[tile] = (sums[tile] as number) + value
      squares[tile] = (squares[tile] as number) + value * value
      counts[tile] = (counts[tile] as number) + 1
    }
  }
  const variances: number[] = []
  counts.forEach((count, tile) => {
    if (count > 0) variances.push((squares[tile] as number) / count - ((sums[tile] as number) / count) ** 2)
  })
  variances.sort((a, b) => a - b)
  return Math.max(0, variances[Math.min(variances.length - 1, Math.floor(TILE_RANK * variances.length))] ?? 0)
}
