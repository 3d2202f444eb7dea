/**
 * Files and folders that are there whole or not at all.
 *
 * A write may be short on a full disk and only the next one fails, so bytes are counted, flushed and read back before the
 * rename; the folder is flushed after it, or a power cut could undo the rename.
 */
import { createHash, hash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { isProcessAliveSync } from './process-identity'
import { systemCode, toReadError, toStorageError } from './storage-error'

const activeTemporaries = new Set<string>()

function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${randomBytes(6).toString('hex')}`)
}

/** Writes until every byte is out. A write that gets nothing out is an error, or the loop would never end. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number | null = null): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position === null ? null : position + written)
    if (bytesWritten === 0) throw new GraftError('STORAGE', `Only ${written} of ${bytes.length} bytes could be written.`, { action: 'Free space, then try again.' })
    written += bytesWritten
  }
}

/** Makes a folder and those above it, where they are not there. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    // What Node tells of a read-only disk. One by one, each says why it cannot be made.
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error
    if (!(await isThere(dirname(path)))) await makeFolder(dirname(path))
    await mkdir(path)
  }
}

/** Flushes a folder's entries to the disk. Windows cannot and needs not. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    // Some network file systems have no flush for folders.
    if (systemCode(error) !== 'EINVAL' && systemCode(error) !== 'ENOTSUP') throw error
  } finally {
    await folder.close()
  }
}

/** Flushes the entry of what was just renamed to `path`. @throws GraftError STORAGE which says that it is written, since it is */
async function confirm(path: string): Promise<void> {
  try {
    await syncFolder(dirname(path))
  } catch (error) {
    throw new GraftError('STORAGE', `${path} was written, but the disk does not confirm that it will stay (${systemCode(error) ?? String(error)}).`, {
      action: 'Check the disk, then try again.',
      cause: error,
    })
  }
}

/** What is left of a failed write. Where even that cannot be removed now, the next write of the same name does. */
async function discard(temporary: string): Promise<void> {
  await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
}

/** In hexadecimal digits. Read in pieces, so that a file of any size will do. */
export async function sha256OfFile(path: string): Promise<string> {
  const hasher = createHash('sha256')
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return hasher.digest('hex')
      hasher.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** Writes a new file, flushes it and reads its length (and, when asked, its hash) back. The file must not exist yet. */
export async function writeVerified(path: string, bytes: Uint8Array, options: { verifyHash?: boolean } = {}): Promise<{ sha256: string; sizeBytes: number }> {
  const file = await open(path, 'wx')
  try {
    await writeFully(file, bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  const { size } = await stat(path)
  const sha256 = hash('sha256', bytes, 'hex')
  if (size !== bytes.length || (options.verifyHash === true && (await sha256OfFile(path)) !== sha256)) {
    throw new GraftError('STORAGE', `${path} was written but reads back differently (${size} of ${bytes.length} bytes).`, { action: 'Check the disk, then try again.' })
  }
  return { sha256, sizeBytes: size }
}

/**
 * Removes the half written files and folders that a killed process left directly in the folder.
 * @param target name of the file or folder that they were to become; left out, any: only for a folder that is all ours
 */
export async function removeAbandoned(folder: string, target?: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, of, number] = /^\.(.+)\.tmp-(\d+)-[0-9a-f]+$/.exec(name) ?? []
    if (of === undefined || (target !== undefined && of !== target)) continue
    const pid = Number(number)
    // Our own number on something that is not ours: it was a killed process's before.
    const isAbandoned = pid === process.pid ? !activeTemporaries.has(join(folder, name)) : !isProcessAliveSync(pid)
    if (isAbandoned) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/**
 * Replaces the file at `path` with `data`, read back before it is put there, or leaves it as it was. The folder must exist.
 * @throws GraftError STORAGE, with the bytes needed where the disk is full
 */
export async function atomicWrite(path: string, data: Uint8Array | string): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
  const temporary = temporaryBeside(path)
  activeTemporaries.add(temporary)
  try {
    await writeVerified(temporary, bytes, { verifyHash: true })
    await rename(temporary, path)
    await confirm(path)
  } catch (error) {
    await discard(temporary)
    throw toStorageError(error, path, bytes.length)
  } finally {
    activeTemporaries.delete(temporary)
  }
}

/** In a folder that was moved aside: it is ours to delete. Another folder of that name belongs to somebody else. */
const ASIDE_MARK = '.graft-replaced'

/** @throws GraftError CONFLICT where something that is not ours lies where the old folder is moved to */
async function refuseForeign(previous: string): Promise<void> {
  if (!(await isThere(previous)) || (await isThere(join(previous, ASIDE_MARK)))) return
  const isEmptyFolder = await readdir(previous).then((names) => names.length === 0, () => false)
  if (isEmptyFolder) return
  throw new GraftError('CONFLICT', `${previous} is in the way: expected nothing there, or what an earlier write left.`, { action: 'Move it away or rename it, then try again.' })
}

/** Deletes what a replacement of ours moved aside, if anything. @throws GraftError CONFLICT where something else lies there */
export async function removePreviousDirectory(path: string): Promise<void> {
  const previous = previousDirectory(path)
  await refuseForeign(previous)
  if (!(await isThere(previous))) return
  // The mark goes last, so that what is left of an interrupted removal is still known as ours.
  for (const name of await readdir(previous)) if (name !== ASIDE_MARK) await rm(join(previous, name), { recursive: true, force: true })
  await rm(previous, { recursive: true, force: true })
}

/** Where `atomicDirectory` moves the old folder to. */
export function previousDirectory(path: string): string {
  return join(dirname(path), `.${basename(path)}.previous`)
}

export interface ReplacingOptions {
  /**
   * Given, the old folder stays at `previousDirectory(path)` until the next replacement, where this says that it is worth keeping; where
   * it is not, the one kept before it stays. Left out, the old folder is deleted once the new one is in place.
   */
  isWorthKeeping?: (path: string) => Promise<boolean>
}

/**
 * Builds a folder beside `path` and renames it into place, or leaves the old one as it was. `fill` must write, flush and verify
 * its files (`writeVerified`).
 *
 * A folder cannot be renamed onto a full one, so the old one is moved aside first: after a kill between the two renames
 * `path` is missing and the old folder lies whole at `previousDirectory(path)`, where a reader looks next
 * (`readCheckpointFolder`). What lies there is deleted only while `path` is whole, and only where it is marked as ours.
 * @throws GraftError CONFLICT where something else has the name that the old one is moved to; STORAGE
 */
export async function atomicDirectory(path: string, fill: (temporary: string) => Promise<void>, options: ReplacingOptions = {}): Promise<void> {
  const temporary = temporaryBeside(path)
  const { isWorthKeeping } = options
  try {
    await makeFolder(dirname(path))
    await removeAbandoned(dirname(path), basename(path))
    activeTemporaries.add(temporary)
    // Before the long work, where it is refused.
    if (await isThere(path)) await (isWorthKeeping === undefined ? removePreviousDirectory(path) : refuseForeign(previousDirectory(path)))
    await mkdir(temporary)
    await fill(temporary)
    await syncFolder(temporary)
    await (isWorthKeeping !== undefined && (await isThere(path)) && !(await isWorthKeeping(path)) ? replaceWorthless(temporary, path) : replace(temporary, path))
    await confirm(path)
    if (isWorthKeeping === undefined && (await isThere(join(previousDirectory(path), ASIDE_MARK)))) await removePreviousDirectory(path)
  } catch (error) {
    await discard(temporary)
    throw toStorageError(error, path, 0)
  } finally {
    activeTemporaries.delete(temporary)
  }
}

/** The one that was kept aside stays: it is what a reader falls back on between the two steps, and afterwards. */
async function replaceWorthless(temporary: string, path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await rename(temporary, path)
}

async function replace(temporary: string, path: string): Promise<void> {
  if (!(await isThere(path))) return rename(temporary, path)
  const previous = previousDirectory(path)
  await removePreviousDirectory(path)
  await writeFile(join(path, ASIDE_MARK), '')
  try {
    await rename(path, previous)
    await rename(temporary, path)
  } catch (error) {
    if (!(await isThere(path))) await rename(previous, path)
    await rm(join(path, ASIDE_MARK), { force: true })
    throw error
  }
}

const IS_OCCUPIED: readonly string[] = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR']

/** Renames onto nothing or onto an empty folder, and never onto anything else. @throws GraftError CONFLICT */
async function renameOntoNothing(temporary: string, path: string): Promise<void> {
  const occupied = (cause: unknown) =>
    new GraftError('CONFLICT', `${path} is not an empty folder: something else was put there in the meantime. It was left as it is.`, { action: 'Choose a new or empty folder.', cause })
  try {
    // Windows cannot rename onto an empty folder. Elsewhere the rename does both in one step.
    if (process.platform === 'win32' && (await isThere(path))) await rmdir(path)
    await rename(temporary, path)
  } catch (error) {
    const code = systemCode(error) ?? ''
    const isTaken = IS_OCCUPIED.includes(code) || (process.platform === 'win32' && (await isThere(path)))
    throw isTaken ? occupied(error) : error
  }
}

/**
 * Builds a folder beside `path` and renames it into place, where there is nothing or an empty folder; a link to one is followed.
 * `fill` as in `atomicDirectory`. Whatever comes to lie there in the meantime stays: nothing is replaced.
 * @throws GraftError CONFLICT where `path` has become something else; STORAGE
 */
export async function newDirectory(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  let temporary: string | null = null
  try {
    await makeFolder(dirname(path))
    const target = (await isThere(path)) ? await realpath(path) : path
    temporary = temporaryBeside(target)
    await removeAbandoned(dirname(target), basename(target))
    activeTemporaries.add(temporary)
    await mkdir(temporary)
    await fill(temporary)
    await syncFolder(temporary)
    await renameOntoNothing(temporary, target)
    await confirm(target)
  } catch (error) {
    if (temporary !== null) await discard(temporary)
    throw toStorageError(error, path, 0)
  } finally {
    if (temporary !== null) activeTemporaries.delete(temporary)
  }
}

/** @throws GraftError STORAGE where the disk does not tell */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false
    throw toReadError(error, path)
  }
}
