/**
 * One view of a set of pictures as the frozen prefix gave it, on disk: a header of 64 bytes, a row of float32 a picture, a CRC-32 a row.
 *
 *     0  8  "GRAFTFT1"        16  4  numbers in a row           24  32  the key, sha256
 *     8  4  version           20  4  CRC-32 of the checksums    56   4  CRC-32 of the bytes before
 *    12  4  rows
 *
 * Numbers are little-endian. The header is written last, and the file has its name only then.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

const MAGIC = 'GRAFTFT1'
const VERSION = 1
const HEADER_BYTES = 64
/** Read at once where a whole file is checked. */
const CHECKED_BYTES = 4 * 1024 * 1024

/** What a view's file holds. */
export interface FeatureShape {
  /** sha256 in hexadecimal digits, of all that the numbers depend on. */
  readonly key: string
  readonly count: number
  /** float32 numbers of one picture. */
  readonly size: number
}

export const featureFileBytes = ({ count, size }: Pick<FeatureShape, 'count' | 'size'>) => HEADER_BYTES + count * (4 * size + 4)

const bytesOf = (data: Float32Array | Uint32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** False where the file ends before `bytes` is full. */
function readFully(descriptor: number, bytes: Uint8Array, position: number): boolean {
  for (let done = 0; done < bytes.length; ) {
    const got = readSync(descriptor, bytes, done, bytes.length - done, position + done)
    if (got === 0) return false
    done += got
  }
  return true
}

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(descriptor, bytes, done, bytes.length - done, position + done)
    // Else the loop would never end.
    if (written === 0) throw Object.assign(new Error('Nothing more could be written'), { code: 'ENOSPC' })
    done += written
  }
}

/** An open file of features. */
export class FeatureFile {
  private readonly checksums: Uint32Array
  private isOpen = true

  private constructor(
    private readonly descriptor: number,
    private readonly shape: FeatureShape,
  ) {
    this.checksums = new Uint32Array(shape.count)
  }

  /** A new file; @throws the system's error where it cannot be, or is there already */
  static create(path: string, shape: FeatureShape): FeatureFile {
    return new FeatureFile(openSync(path, 'wx+'), shape)
  }

  /**
   * @param body false: only the header and the length are looked at
   * @returns `damaged` for anything but a whole file of this shape
   * @throws the system's error where it cannot be opened or read
   */
  static open(path: string, shape: FeatureShape, body = true): FeatureFile | 'damaged' {
    const file = new FeatureFile(openSync(path, 'r'), shape)
    let isWhole = false
    try {
      isWhole = file.hasHeader() && (!body || file.hasBody())
    } finally {
      if (!isWhole) file.close()
    }
    return isWhole ? file : 'damaged'
  }

  /** Rows from `first` on, as many as `out` takes. @throws where the file has become shorter */
  read(first: number, out: Float32Array): void {
    if (!readFully(this.descriptor, bytesOf(out), this.at(first))) throw new Error('The file of kept features ended early')
  }

  /** @throws the system's error where the disk does not take it */
  write(first: number, features: Float32Array): void {
    const { size } = this.shape
    for (let row = 0; row * size < features.length; row++) this.checksums[first + row] = crc32(bytesOf(features.subarray(row * size, (row + 1) * size)))
    writeFully(this.descriptor, bytesOf(features), this.at(first))
  }

  /** Makes a file whose rows are all written one that `open` takes. @throws the system's error */
  finish(): void {
    writeFully(this.descriptor, bytesOf(this.checksums), this.at(this.shape.count))
    writeFully(this.descriptor, this.header(), 0)
  }

  close(): void {
    if (this.isOpen) closeSync(this.descriptor)
    this.isOpen = false
  }

  private at(row: number): number {
    return HEADER_BYTES + 4 * row * this.shape.size
  }

  private header(): Buffer {
    const header = Buffer.alloc(HEADER_BYTES)
    header.write(MAGIC, 0, 'latin1')
    header.writeUInt32LE(VERSION, 8)
    header.writeUInt32LE(this.shape.count, 12)
    header.writeUInt32LE(this.shape.size, 16)
    header.writeUInt32LE(crc32(bytesOf(this.checksums)), 20)
    header.write(this.shape.key, 24, 32, 'hex')
    header.writeUInt32LE(crc32(header.subarray(0, 56)), 56)
    return header
  }

  /** Reads the rows' checksums on the way, which the header vouches for. */
  private hasHeader(): boolean {
    if (fstatSync(this.descriptor).size !== featureFileBytes(this.shape)) return false
    const found = Buffer.alloc(HEADER_BYTES)
    return readFully(this.descriptor, bytesOf(this.checksums), this.at(this.shape.count)) && readFully(this.descriptor, found, 0) && found.equals(this.header())
  }

  private hasBody(): boolean {
    const { count, size } = this.shape
    const rows = Math.max(1, Math.floor(CHECKED_BYTES / (4 * size)))
    const block = new Float32Array(rows * size)
    for (let first = 0; first < count; first += rows) {
      const part = block.subarray(0, Math.min(rows, count - first) * size)
      if (!readFully(this.descriptor, bytesOf(part), this.at(first))) return false
      for (let row = 0; row * size < part.length; row++) {
        if (crc32(bytesOf(part.subarray(row * size, (row + 1) * size))) !== this.checksums[first + row]) return false
      }
    }
    return true
  }
}
