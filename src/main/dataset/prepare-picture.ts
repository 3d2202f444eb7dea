/** What a thread does of filling the cache: from a plain JPEG file to its file in the cache. */
import { hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { toCached } from './cached-views'
import { fileBytes, writePictureFileSync } from './picture-file'
import { decodePlainJpeg, MAXIMUM_PLAIN_FILE_BYTES } from './plain-jpeg'

export interface PictureTask {
  /** Of the picture, and as its folder's scan found it. */
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly imageSize: number
  readonly wantsWhole: boolean
  /** Its file in the cache. */
  readonly cachePath: string
  /** Shared memory for the plain view, (s, s, 3) uint8; null where only the file is wanted. */
  readonly target: Uint8Array | null
}

const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

// New memory costs as much as decoding a small picture.
const fileRoom = Buffer.alloc(MAXIMUM_PLAIN_FILE_BYTES)
let viewRoom = new Uint8Array(0)

/** The bytes of the file that was scanned, until the next call; null where it is another by now or larger than any plain one. */
function readAsScanned({ path, sizeBytes, sha256 }: PictureTask): Buffer | null {
  if (sizeBytes > fileRoom.length) return null
  const bytes = fileRoom.subarray(0, sizeBytes)
  const file = openSync(path, READ_ONLY)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() || stats.size !== sizeBytes || readSync(file, bytes, 0, sizeBytes, 0) !== sizeBytes) return null
  } finally {
    closeSync(file)
  }
  return hash('sha256', bytes, 'hex') === sha256 ? bytes : null
}

/**
 * Decodes and resizes a picture, writes its plain view to the target and both to the cache.
 *
 * @returns bytes of the cache's file; null for everything but a plain JPEG that is as it was scanned and a disk that takes the file
 */
export function preparePicture(task: PictureTask): number | null {
  const viewBytes = task.imageSize * task.imageSize * 3
  if (viewRoom.length !== viewBytes) viewRoom = new Uint8Array(viewBytes)
  try {
    const bytes = readAsScanned(task)
    const picture = bytes === null ? null : decodePlainJpeg(bytes)
    if (picture === null) return null
    const cached = toCached(picture, task.imageSize, task.wantsWhole, task.target ?? viewRoom)
    writePictureFileSync(task.cachePath, cached)
    return fileBytes(cached)
  } catch {
    // Whoever asked does it again, without a thread, and says what is wrong.
    return null
  }
}
