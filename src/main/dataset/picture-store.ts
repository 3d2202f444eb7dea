/** The pictures of a run, resized to the network's size: from memory where they fit, else from the cache's files. */
import { hash } from 'node:crypto'
import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestEntry } from '../../shared/domain/dataset'
import { toCached } from './cached-views'
import { decodePicture, readPictureFile, readPictureFileSync } from './decode'
import type { DecodedPicture } from './decode'
import type { CachedPicture } from './picture-file'
import { PictureRefused } from './picture-refused'
import { resizeBilinearAntialiased } from './resize'

/** Where a store finds what it does not hold itself. */
export interface PictureFiles {
  /** Writes the plain view, (s, s, 3) uint8, to `target`. */
  readPlain(entry: ManifestEntry, target: Uint8Array): Promise<void>
  /** Aspect kept, the short side at most 2 s. */
  readWhole(entry: ManifestEntry): Promise<DecodedPicture>
}

export interface WantedPicture {
  readonly root: string
  readonly entry: ManifestEntry
  readonly imageSize: number
  /** False where only plain views are read. */
  readonly wantsWhole: boolean
  /** The thread waits for files itself. */
  readonly isDiskQuick: boolean
}

/** In pixels. */
export interface CropBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Of a picture in a store; in order, since a picture only goes on. */
const State = { none: 0, usable: 1, readOnce: 2, inMemory: 3 } as const

/** Memory is taken in blocks of so many pictures, as they arrive. */
const BLOCK_PICTURES = 64

function changed(what: string): PictureRefused {
  return new PictureRefused('unreadable', `The file changed since the folder was scanned (${what}).`, 'Scan the folder again.')
}

/** Throws `PictureRefused` or the system's error when a picture's file is gone or has another length than the manifest says. */
export async function verifySource(root: string, entry: ManifestEntry): Promise<void> {
  const stats = await stat(join(root, entry.path))
  if (stats.size !== entry.sizeBytes) throw changed(`${stats.size} bytes instead of ${entry.sizeBytes}`)
}

/** The same; holds up the thread. */
export function verifySourceSync(root: string, entry: ManifestEntry): void {
  const { size } = statSync(join(root, entry.path))
  if (size !== entry.sizeBytes) throw changed(`${size} bytes instead of ${entry.sizeBytes}`)
}

/** The bytes of a picture of the manifest. @throws PictureRefused when it is not the file that was scanned; the system's error when it is gone */
async function readEntry(root: string, entry: ManifestEntry, isDiskQuick: boolean): Promise<Buffer> {
  const path = join(root, entry.path)
  const bytes = isDiskQuick ? readPictureFileSync(path) : await readPictureFile(path)
  if (bytes.length !== entry.sizeBytes) throw changed(`${bytes.length} bytes instead of ${entry.sizeBytes}`)
  if (hash('sha256', bytes, 'hex') !== entry.sha256) throw changed('other content')
  return bytes
}

/**
 * Decodes a picture of the manifest, writes its plain view, (s, s, 3), to `target` and gives what the cache is to hold of it.
 *
 * @throws PictureRefused when it cannot be decoded or is not the file that was scanned; the system's error when it is gone
 */
export async function decodeEntry({ root, entry, imageSize, wantsWhole, isDiskQuick }: WantedPicture, target: Uint8Array): Promise<CachedPicture> {
  const picture = await decodePicture(await readEntry(root, entry, isDiskQuick))
  return toCached(picture, imageSize, wantsWhole, target)
}

/** Writes a part of a picture, cut out and then resized to (side, side, 3) as Pillow does both, to `target`. */
export function writeCrop(picture: DecodedPicture, { left, top, width, height }: CropBox, side: number, target: Uint8Array): void {
  const part = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * 3
    part.set(picture.pixels.subarray(from, from + width * 3), row * width * 3)
  }
  resizeBilinearAntialiased(part, width, height, side, side, target)
}

export class PictureStore {
  /** Side of the square pictures (pixels). */
  readonly imageSize: number
  /** Bytes of one (s, s, 3) picture. */
  readonly pictureBytes: number
  /** True when pictures stay in memory from their second reading on: many are read just once, and new memory costs as much as a file. */
  readonly inMemory: boolean
  private readonly blocks: (Uint8Array | undefined)[] = []
  private readonly states: Uint8Array
  private readonly indexByPath: Map<string, number>

  /** Made by `PictureCache.load`. */
  constructor(
    readonly entries: readonly ManifestEntry[],
    imageSize: number,
    inMemory: boolean,
    private readonly files: PictureFiles,
  ) {
    this.imageSize = imageSize
    this.pictureBytes = imageSize * imageSize * 3
    this.inMemory = inMemory
    this.states = new Uint8Array(entries.length)
    this.indexByPath = new Map(entries.map((entry, index) => [entry.path, index]))
  }

  /** False for a picture that was set aside. */
  has(index: number): boolean {
    return this.stateOf(index) !== State.none
  }

  /** The index of a path among the entries that were loaded. */
  indexOf(path: string): number {
    const index = this.indexByPath.get(path)
    if (index === undefined) throw new RangeError(`No picture ${path} was loaded`)
    return index
  }

  private stateOf(index: number): number {
    return this.states[index] ?? State.none
  }

  /** Where the plain view of a picture belongs in memory, which threads share; null where pictures are not kept in memory. */
  roomFor(index: number): Uint8Array | null {
    if (!this.inMemory) return null
    const block = Math.floor(index / BLOCK_PICTURES)
    const pictures = Math.min(BLOCK_PICTURES, this.entries.length - block * BLOCK_PICTURES)
    const memory = (this.blocks[block] ??= new Uint8Array(new SharedArrayBuffer(pictures * this.pictureBytes)))
    const start = (index % BLOCK_PICTURES) * this.pictureBytes
    return memory.subarray(start, start + this.pictureBytes)
  }

  /** Called by `PictureCache.load`: the picture lies in the cache, or also in its room. */
  keep(index: number, where: 'cache' | 'room'): void {
    this.states[index] = where === 'room' && this.inMemory ? State.inMemory : State.usable
  }

  /**
   * Writes the plain view of picture `index` (of the entries given to `load`), (s, s, 3) uint8, to `out` from `offset` on.
   *
   * @throws RangeError for a picture that was set aside; PictureRefused when neither cache nor source has it any more
   */
  async read(index: number, out: Uint8Array, offset = 0): Promise<void> {
    const entry = this.entries[index]
    if (entry === undefined || !this.has(index)) throw new RangeError(`There is no usable picture ${index}`)
    const target = out.subarray(offset, offset + this.pictureBytes)
    const state = this.stateOf(index)
    const room = state === State.usable ? null : this.roomFor(index)
    if (room === null) {
      await this.files.readPlain(entry, target)
      this.states[index] = Math.max(this.stateOf(index), State.readOnce)
      return
    }
    if (state === State.inMemory) {
      target.set(room)
      return
    }
    // Not into the room at once: a picture may be asked for twice in a batch.
    await this.files.readPlain(entry, target)
    room.set(target)
    this.states[index] = State.inMemory
  }

  /**
   * Writes a part of picture `index`, resized to (s, s, 3) uint8, to `out` from `offset` on. `choose` is told the size of the picture as
   * cached, aspect kept and the short side at most 2 s, and gives the part within it.
   *
   * @throws as `read`
   */
  async readCrop(index: number, choose: (size: { width: number; height: number }) => CropBox, out: Uint8Array, offset = 0): Promise<void> {
    const picture = await this.readDecoded(index)
    writeCrop(picture, choose(picture), this.imageSize, out.subarray(offset, offset + this.pictureBytes))
  }

  /** The picture as cached: aspect kept, the short side at most 2 s. */
  async readDecoded(index: number): Promise<DecodedPicture> {
    const entry = this.entries[index]
    if (entry === undefined || !this.has(index)) throw new RangeError(`There is no usable picture ${index}`)
    return await this.files.readWhole(entry)
  }
}
