/**
 * Plain JPEG pictures in less time than sharp, which takes half a millisecond for a picture of any size: libjpeg-turbo as WebAssembly,
 * jpeg-kernel.c. Where there are pixels they are sharp's, to the byte; anything out of the ordinary is left to sharp.
 */
import { gunzipSync } from 'node:zlib'
import { type ExportedFunction, exportedFunction } from '../../shared/exported-function'
import type { DecodedPicture } from './decode'
import { isSurelyUpright, jpegHead, jpegReachesItsEnd } from './jpeg-head'
import { PACKED_JPEG_KERNEL } from './jpeg-kernel'

/** Twelve megapixels in 35 ms, where sharp takes 56; of this many they take 48 MB on each thread. */
export const MAXIMUM_PLAIN_PIXELS = 16_000_000
/** Progressive ones of two megapixels take as long as with sharp, and much memory. */
export const MAXIMUM_PROGRESSIVE_PIXELS = 1_000_000
/** A file of so many pixels has no more bytes, but for what is not its pixels. */
export const MAXIMUM_PLAIN_FILE_BYTES = 16_000_000

/** Worth a look, by its name and size alone. */
export const mayBePlainJpeg = (path: string, sizeBytes: number) => /\.jpe?g$/i.test(path) && sizeBytes <= MAXIMUM_PLAIN_FILE_BYTES

class Refused extends Error {}

class Decoder {
  private readonly memory: WebAssembly.Memory
  private readonly malloc: ExportedFunction
  private readonly free: ExportedFunction
  private readonly decodeAt: ExportedFunction
  private file = { address: 0, bytes: 0 }
  private pixels = { address: 0, bytes: 0 }

  constructor(module: WebAssembly.Module) {
    const refuse = () => {
      throw new Refused('Not a plain JPEG')
    }
    const { exports } = new WebAssembly.Instance(module, { env: { refuse } })
    if (!(exports.memory instanceof WebAssembly.Memory)) throw new Error('The kernel has no memory')
    this.memory = exports.memory
    this.malloc = exportedFunction(exports, 'malloc')
    this.free = exportedFunction(exports, 'free')
    this.decodeAt = exportedFunction(exports, 'decode')
    exportedFunction(exports, '_initialize')()
  }

  /** @throws Refused, or what WebAssembly throws; the decoder is of no use afterwards */
  decode(bytes: Uint8Array, width: number, height: number): Uint8Array {
    const pixelBytes = width * height * 3
    this.file = this.room(this.file, bytes.length)
    this.pixels = this.room(this.pixels, pixelBytes)
    new Uint8Array(this.memory.buffer, this.file.address, bytes.length).set(bytes)
    this.decodeAt(this.file.address, bytes.length, this.pixels.address, width, height)
    return new Uint8Array(this.memory.buffer, this.pixels.address, pixelBytes)
  }

  private room(present: { address: number; bytes: number }, bytes: number): { address: number; bytes: number } {
    if (present.bytes >= bytes) return present
    this.free(present.address)
    const address = this.malloc(bytes)
    if (address === 0) throw new Refused('No memory')
    return { address, bytes }
  }
}

let kernel: WebAssembly.Module | null = null

/** Compiled once for all threads of the process, for as long as one of them has it. */
export const plainJpegKernel = (): WebAssembly.Module => (kernel ??= new WebAssembly.Module(gunzipSync(PACKED_JPEG_KERNEL)))

let decoder: Decoder | null = null

/**
 * Decodes a JPEG picture of 8 bits, grey or YCbCr, upright, undamaged and not too large; null for any other file.
 *
 * @returns the pixels lie in memory that the next call writes to
 */
export function decodePlainJpeg(bytes: Buffer): DecodedPicture | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes.length > MAXIMUM_PLAIN_FILE_BYTES) return null
  const head = jpegHead(bytes)
  if (head === null || head.width * head.height > (head.isProgressive ? MAXIMUM_PROGRESSIVE_PIXELS : MAXIMUM_PLAIN_PIXELS)) return null
  if (!isSurelyUpright(bytes) || !jpegReachesItsEnd(bytes)) return null
  const { width, height } = head
  const present = (decoder ??= new Decoder(plainJpegKernel()))
  try {
    return { pixels: present.decode(bytes, width, height), width, height }
  } catch (error) {
    decoder = null
    if (error instanceof Refused || error instanceof WebAssembly.RuntimeError) return null
    throw error
  }
}
