/**
 * From the bytes of a picture file to RGB pixels, as Pillow's `ImageOps.exif_transpose(Image.open(f)).convert('RGB')` gives them:
 * EXIF orientation applied, alpha dropped (not blended), an embedded colour profile not applied, CMYK by Pillow's formula, the
 * first frame of an animation. JPEG, PNG, GIF, TIFF, BMP and lossless WebP are equal to the byte; AVIF and HEIC differ by a few
 * levels, AVIF since its chroma is enlarged differently, HEIC as heic.ts says. Pillow clips 16-bit grey at 255; here 16 bits are scaled down to 8.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import sharp from 'sharp'
import type { PictureFormat } from '../../shared/domain/dataset'
import { isCancellation } from '../../shared/domain/error'
import { decodeBmp } from './bmp'
import { throwIfCancelled } from './cancellation'
import { reachesItsEnd } from './file-end'
import { HEAD_BYTES, recogniseFile } from './file-kind'
import { decodeHeic } from './heic'
import { jpegHead } from './jpeg-head'
import { checkSize, MAXIMUM_FILE_BYTES, MAXIMUM_PIXELS } from './picture-limits'
import { PictureRefused } from './picture-refused'

/** Part of the key of cached pixels: raise it whenever decoding or the cache's resize gives other pixels, or their files another form. */
export const DECODER_VERSION = 2

// Several pictures are decoded at once, each on one thread; nothing is worth keeping between pictures.
sharp.concurrency(1)
sharp.cache(false)

export interface DecodedPicture {
  /** (height, width, 3) uint8 */
  pixels: Uint8Array
  width: number
  height: number
}

const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

function checkFile(stats: Stats): void {
  if (!stats.isFile()) throw new PictureRefused('unreadable', 'It is no longer a file.', 'Check what replaced it.')
  if (stats.size <= MAXIMUM_FILE_BYTES) return
  const limit = Math.round(MAXIMUM_FILE_BYTES / 1e6)
  throw new PictureRefused('too-large', `The file has ${Math.round(stats.size / 1e6)} MB; the limit is ${limit} MB.`, 'Save a smaller version of it.')
}

/**
 * Reads a whole file, which must be a regular one: a pipe put in its place never blocks.
 *
 * @throws PictureRefused; the system's error (ENOENT, EACCES, …)
 */
export async function readPictureFile(path: string): Promise<Buffer> {
  const file = await open(path, READ_ONLY)
  try {
    checkFile(await file.stat())
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** The same; holds up the thread. */
export function readPictureFileSync(path: string): Buffer {
  const file = openSync(path, READ_ONLY)
  try {
    checkFile(fstatSync(file))
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** Inks to light as Pillow does (Convert.c, cmyk2rgb): light = white less black, less the same share of each ink. */
function cmykToRgb(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3)
  let out = 0
  for (let i = 0; i < inks.length; i += 4) {
    const light = 255 - (inks[i + 3] as number)
    for (let ink = 0; ink < 3; ink++) {
      const product = (inks[i + ink] as number) * light + 128
      pixels[out++] = Math.max(0, light - (((product >> 8) + product) >> 8))
    }
  }
  return pixels
}

interface Head {
  width: number
  height: number
  space: string
  compression?: string
}

async function decodeBytes(bytes: Buffer, format: PictureFormat): Promise<DecodedPicture> {
  if (format === 'bmp') return decodeBmp(bytes)
  // 'error' refuses what is cut off or cannot be decoded, and passes what libjpeg merely warns of, as Pillow does: cameras
  // that pad their files would lose every picture.
  const metadata: Head = (format === 'jpeg' ? jpegHead(bytes) : null) ?? (await sharp(bytes, { limitInputPixels: false }).metadata())
  checkSize(metadata.width, metadata.height)
  if (metadata.compression === 'hevc') return decodeHeic(bytes)
  const image = sharp(bytes, { limitInputPixels: MAXIMUM_PIXELS, failOn: 'error', ignoreIcc: true, pages: 1 }).autoOrient()
  const cmyk = metadata.space === 'cmyk'
  const converted = cmyk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.removeAlpha().toColourspace('srgb')
  const { data, info } = await converted.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const decoded = new Uint8Array(data.buffer, data.byteOffset, data.length)
  if (cmyk && channels === 4) return { pixels: cmykToRgb(decoded), width, height }
  if (channels === 3) return { pixels: decoded, width, height }
  throw new PictureRefused(
    'unsupported-format',
    `A picture with ${channels} channels in the colour space ${metadata.space}.`,
    'Convert it to an RGB JPEG or PNG.',
  )
}

/**
 * Decodes one picture; the kind is decided by its bytes. Calls may overlap; each holds its full-size pixels.
 *
 * @param input a path or the bytes of the file
 * @throws PictureRefused (a GraftError UNREADABLE with a `reason`); Cancelled; the system's error where a path cannot be read
 */
export async function decodePicture(input: string | Buffer, options: { signal?: AbortSignal | undefined } = {}): Promise<DecodedPicture> {
  throwIfCancelled(options.signal)
  const bytes = typeof input === 'string' ? await readPictureFile(input) : input
  const kind = recogniseFile(bytes.subarray(0, HEAD_BYTES), typeof input === 'string' ? input : '')
  if (!kind.usable) throw new PictureRefused(kind.reason, kind.message, kind.action)
  const cutOff = 'The file ends before the picture does.'
  const copyAgain = 'Copy or download it again, or delete it.'
  const whole = reachesItsEnd(kind.format, bytes)
  let decoded: DecodedPicture
  try {
    decoded = await decodeBytes(bytes, kind.format)
  } catch (error) {
    if (error instanceof PictureRefused || isCancellation(error)) throw error
    const details = { cause: error, ...(error instanceof Error ? { detail: error.message } : {}) }
    const message = whole ? `The ${kind.format.toUpperCase()} picture cannot be decoded; its data is damaged.` : cutOff
    throw new PictureRefused(whole ? 'corrupt' : 'truncated', message, copyAgain, details)
  }
  if (!whole) throw new PictureRefused('truncated', cutOff, copyAgain)
  throwIfCancelled(options.signal)
  return decoded
}
