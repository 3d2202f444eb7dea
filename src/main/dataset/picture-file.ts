/**
 * One picture of the cache as a file: a header, the plain view, and behind it the picture in its own shape where something wants it. Either part has
 * its own checksum, so that the plain view is read and believed alone.
 *
 *   0 "GRAFTPX2"   8 width, height of the whole picture   16 bytes of the plain view, of the whole   24 their CRC-32s   32 CRC-32 of these 32 bytes
 */
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readvSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { STALE_MS } from '../storage/cache-files'
import { systemCode } from '../storage/system-code'
import type { DecodedPicture } from './decode'

/** At least one part is there. */
export interface CachedPicture {
  /** (s, s, 3), resized from the original; null where the original is so small that it is resized each time instead. */
  plain: Uint8Array | null
  /** Aspect kept, the short side at most 2 s; null where nothing has wanted it yet. */
  whole: DecodedPicture | null
}

/** Of the plain view: it is in the target; there is no file; the file is not whole; the file has only the whole picture. */
export type PlainRead = 'read' | 'missing' | 'damaged' | 'whole-only'

const MAGIC = Buffer.from('GRAFTPX2', 'latin1')
export const HEADER_BYTES = 36

interface Header {
  width: number
  height: number
  plainBytes: number
  wholeBytes: number
  plainCrc: number
  wholeCrc: number
}

function toParts({ plain, whole }: CachedPicture): Uint8Array[] {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  header.writeUInt32LE(whole?.width ?? 0, 8)
  header.writeUInt32LE(whole?.height ?? 0, 12)
  header.writeUInt32LE(plain?.length ?? 0, 16)
  header.writeUInt32LE(whole?.pixels.length ?? 0, 20)
  header.writeUInt32LE(plain === null ? 0 : crc32(plain), 24)
  header.writeUInt32LE(whole === null ? 0 : crc32(whole.pixels), 28)
  header.writeUInt32LE(crc32(header.subarray(0, 32)), 32)
  return [header, ...(plain === null ? [] : [plain]), ...(whole === null ? [] : [whole.pixels])]
}

/** Bytes of the file of a picture. */
export function fileBytes({ plain, whole }: CachedPicture): number {
  return HEADER_BYTES + (plain?.length ?? 0) + (whole?.pixels.length ?? 0)
}

/** Null for anything but the header of a whole file of this length and size of plain view. */
function toHeader(bytes: Buffer, sizeBytes: number, plainViewBytes: number): Header | null {
  if (bytes.length < HEADER_BYTES || sizeBytes < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return null
  if (crc32(bytes.subarray(0, 32)) !== bytes.readUInt32LE(32)) return null
  const [width, height, plainBytes, wholeBytes] = [bytes.readUInt32LE(8), bytes.readUInt32LE(12), bytes.readUInt32LE(16), bytes.readUInt32LE(20)]
  if (sizeBytes !== HEADER_BYTES + plainBytes + wholeBytes || wholeBytes !== width * height * 3) return null
  if ((plainBytes !== 0 && plainBytes !== plainViewBytes) || plainBytes + wholeBytes === 0) return null
  return { width, height, plainBytes, wholeBytes, plainCrc: bytes.readUInt32LE(24), wholeCrc: bytes.readUInt32LE(28) }
}

function judgePlain(header: Buffer, bytesRead: number, sizeBytes: number, target: Uint8Array): PlainRead {
  const known = bytesRead < HEADER_BYTES ? null : toHeader(header, sizeBytes, target.length)
  if (known === null) return 'damaged'
  if (known.plainBytes === 0) return 'whole-only'
  return bytesRead === HEADER_BYTES + target.length && crc32(target) === known.plainCrc ? 'read' : 'damaged'
}

/** Runs `work`; a file or folder that another process has just deleted gives null. */
export async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

/** The same where the disk refuses it: a cache's file that belongs to somebody else, or that cannot be read, is as none. */
export async function unlessRefused<T>(work: Promise<T>): Promise<T | null> {
  return work.catch(nullIfRefused)
}

function unlessRefusedSync<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    return nullIfRefused(error)
  }
}

function nullIfRefused(error: unknown): null {
  if (systemCode(error) === undefined) throw error
  return null
}

export function isThereSync(path: string): boolean {
  return unlessRefusedSync(() => statSync(path, { throwIfNoEntry: false }) !== undefined) ?? false
}

/** Reads the plain view into `target`, (s, s, 3). Holds up the thread: for files that the system has in memory, where it takes a third of the time. */
export function readPlainSync(path: string, target: Uint8Array): PlainRead {
  return unlessRefusedSync(() => plainOfSync(path, target)) ?? 'missing'
}

function plainOfSync(path: string, target: Uint8Array): PlainRead {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 'missing'
  const file = openSync(path, 'r')
  try {
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    const answer = judgePlain(header, readvSync(file, [header, target], 0), stats.size, target)
    const now = Date.now()
    if (answer === 'read' && now - stats.mtimeMs >= STALE_MS) unlessRefusedSync(() => utimesSync(path, now / 1000, now / 1000))
    return answer
  } finally {
    closeSync(file)
  }
}

/** The same without holding up the thread. */
export async function readPlain(path: string, target: Uint8Array): Promise<PlainRead> {
  return (await unlessRefused(plainOf(path, target))) ?? 'missing'
}

async function plainOf(path: string, target: Uint8Array): Promise<PlainRead> {
  const file = await open(path, 'r')
  try {
    const stats = await file.stat()
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    const { bytesRead } = await file.readv([header, target], 0)
    const answer = judgePlain(header, bytesRead, stats.size, target)
    if (answer === 'read') await touch(path, stats.mtimeMs)
    return answer
  } finally {
    await file.close()
  }
}

/** Everything that the file holds; null where there is none, 'damaged' where it is not whole. */
export async function readAllParts(path: string, plainViewBytes: number): Promise<CachedPicture | 'damaged' | null> {
  const bytes = await unlessRefused(readFile(path))
  if (bytes === null) return null
  const header = toHeader(bytes, bytes.length, plainViewBytes)
  if (header === null) return 'damaged'
  const plain = bytes.subarray(HEADER_BYTES, HEADER_BYTES + header.plainBytes)
  const pixels = bytes.subarray(HEADER_BYTES + header.plainBytes)
  if ((plain.length > 0 && crc32(plain) !== header.plainCrc) || (pixels.length > 0 && crc32(pixels) !== header.wholeCrc)) return 'damaged'
  const stats = await unlessRefused(stat(path))
  if (stats !== null) await touch(path, stats.mtimeMs)
  return { plain: plain.length === 0 ? null : plain, whole: pixels.length === 0 ? null : { pixels, width: header.width, height: header.height } }
}

async function touch(path: string, usedMs: number): Promise<void> {
  if (Date.now() - usedMs < STALE_MS) return
  const now = new Date()
  await unlessRefused(utimes(path, now, now))
}

function newNameFor(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
}

/** Writes a picture's file beside its place and renames it into it; whole or not at all. @throws the system's error */
export async function writePictureFile(path: string, picture: CachedPicture): Promise<void> {
  const temporary = newNameFor(path)
  const bytes = Buffer.concat(toParts(picture))
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, bytes, { flag: 'wx' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function openNewSync(path: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'wx')
  }
}

/** The same; holds up the thread. */
export function writePictureFileSync(path: string, picture: CachedPicture): void {
  const temporary = newNameFor(path)
  try {
    const file = openNewSync(temporary)
    try {
      for (const part of toParts(picture)) for (let done = 0; done < part.length; ) done += writeSync(file, part, done)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
