/** Reads every file of a dataset folder once: what it is, its size in pixels, its hash, whether it is whole. */
import { hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import type { Picture, PictureFormat, Scan, SetAside } from '../../shared/domain/dataset'
import { readBmpHeader } from './bmp'
import { forEachInFlight, throttledProgress, throwIfCancelled } from './cancellation'
import type { ProgressListener } from './cancellation'
import { reachesItsEnd } from './file-end'
import { HEAD_BYTES, recogniseFile } from './file-kind'
import { findFiles } from './folder-walk'
import type { FoundFile } from './folder-walk'
import { checkSize, MAXIMUM_FILE_BYTES } from './picture-limits'
import { PictureRefused, toSetAside } from './picture-refused'

const FILES_IN_FLIGHT = 8
/** Buffers are kept from file to file up to this size. */
const KEPT_BUFFER_BYTES = 4 * 1024 * 1024

export interface ScanOptions {
  signal?: AbortSignal | undefined
  onProgress?: ProgressListener | undefined
}

type Facts = Pick<Picture, 'format' | 'width' | 'height' | 'sizeBytes' | 'sha256'>

const COPY_AGAIN = 'Copy or download it again, or delete it.'

/** One reader reads one file at a time into a buffer of its own. */
class FileReader {
  private buffer = Buffer.allocUnsafe(256 * 1024)

  /** What can be said of the file without decoding it; throws `PictureRefused` where it cannot be used. */
  async read(absolutePath: string, path: string): Promise<Facts> {
    // Non-blocking: should a pipe have taken the file's place since the walk, opening it must not wait for a writer.
    const file = await open(absolutePath, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    let sizeBytes: number
    let bytes: Buffer
    try {
      const stats = await file.stat()
      if (!stats.isFile()) throw new PictureRefused('unreadable', 'It is no longer a file.', 'Check what replaced it.')
      sizeBytes = stats.size
      // The kind is known from the head; a long video is not read through to be refused.
      const firstBytes = Math.min(sizeBytes, this.buffer.length)
      let filled = await this.fill(file, 0, firstBytes)
      const kind = recogniseFile(this.buffer.subarray(0, Math.min(filled, HEAD_BYTES)), path)
      if (!kind.usable) throw new PictureRefused(kind.reason, kind.message, kind.action)
      if (sizeBytes > MAXIMUM_FILE_BYTES) {
        throw new PictureRefused(
          'too-large',
          `The file has ${Math.round(sizeBytes / 1e6)} MB; the limit is ${Math.round(MAXIMUM_FILE_BYTES / 1e6)} MB.`,
          'Save a smaller version of it.',
        )
      }
      if (sizeBytes > this.buffer.length) {
        const larger = Buffer.allocUnsafe(sizeBytes)
        this.buffer.copy(larger, 0, 0, filled)
        this.buffer = larger
      }
      filled = await this.fill(file, filled, sizeBytes)
      if (filled < sizeBytes) throw new PictureRefused('truncated', 'The file became shorter while it was read.', COPY_AGAIN)
      bytes = this.buffer.subarray(0, sizeBytes)
      return { ...(await headerFacts(kind.format, bytes)), format: kind.format, sizeBytes, sha256: hash('sha256', bytes, 'hex') }
    } finally {
      await file.close()
      if (this.buffer.length > KEPT_BUFFER_BYTES) this.buffer = Buffer.allocUnsafe(256 * 1024)
    }
  }

  private async fill(file: Awaited<ReturnType<typeof open>>, from: number, to: number): Promise<number> {
    let filled = from
    while (filled < to) {
      const { bytesRead } = await file.read(this.buffer, filled, to - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  }
}

/** Width and height as shown (EXIF orientation applied), with the limits and the end of the file checked. */
async function headerFacts(format: PictureFormat, bytes: Buffer): Promise<{ width: number; height: number }> {
  const whole = reachesItsEnd(format, bytes)
  let size: { width: number; height: number }
  try {
    size = format === 'bmp' ? readBmpHeader(bytes) : (await sharp(bytes, { limitInputPixels: false }).metadata()).autoOrient
  } catch (error) {
    if (error instanceof PictureRefused) throw error
    if (!whole) throw new PictureRefused('truncated', 'The file ends before its header does.', COPY_AGAIN)
    throw new PictureRefused('corrupt', `Begins like a ${format.toUpperCase()} picture, but its header cannot be read.`, COPY_AGAIN)
  }
  const { width, height } = size
  checkSize(width, height)
  if (!whole) throw new PictureRefused('truncated', 'The file ends before the picture does.', COPY_AGAIN)
  return { width, height }
}

const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)

/**
 * Looks through a dataset folder: a folder per class, or train, val and test folders that hold the class folders. Every file is
 * read once and none is changed; one that cannot be used is set aside with its reason and never ends the scan.
 *
 * `onProgress` is called at most ten times a second with files done and in all, and once at the end.
 * @throws GraftError when the folder itself is not a dataset; Cancelled
 */
export async function scanDataset(root: string, options: ScanOptions = {}): Promise<Scan> {
  const startedMs = performance.now()
  const absoluteRoot = resolve(root)
  const { signal } = options
  const progress = throttledProgress(options.onProgress)
  throwIfCancelled(signal)
  const found = await findFiles(absoluteRoot, { signal, onFiles: (count) => progress.report(0, count, 'Listing files') })

  const classes = [...found.classNames].sort()
  const classIndexOf = new Map(classes.map((name, index) => [name, index]))
  const pictures: Picture[] = []
  const setAside: SetAside[] = [...found.setAside]
  const idle: FileReader[] = []
  let done = 0
  await forEachInFlight(found.files, FILES_IN_FLIGHT, signal, async (file: FoundFile) => {
    const reader = idle.pop() ?? new FileReader()
    try {
      const facts = await reader.read(join(absoluteRoot, file.path), file.path)
      pictures.push({ path: file.path, classIndex: classIndexOf.get(file.className) ?? 0, givenSplit: file.givenSplit, ...facts })
    } catch (error) {
      setAside.push(toSetAside(file.path, error))
    }
    idle.push(reader)
    progress.report(++done, found.files.length, 'Reading pictures')
  })
  progress.last(done, found.files.length, 'Reading pictures')
  return {
    root: absoluteRoot,
    layout: found.layout,
    classes,
    pictures: pictures.sort(byPath),
    setAside: setAside.sort(byPath),
    ignored: found.ignored.sort(byPath),
    durationMs: performance.now() - startedMs,
  }
}
