/** Folders dropped on the browser's window: streamed to disk, file by file, within a quota, never outside their own folder. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { syncFolder, writeFully } from '../storage/atomic-write'
import { toStorageError } from '../storage/storage-error'
import { freeBytes } from './storage-usage'

/** What one upload may hold at most. */
export const UPLOAD_QUOTA_BYTES = 20 * 1024 ** 3
const MAXIMUM_FILES = 200_000
/** Room left for everything else on the disk. */
const SPARE_BYTES = 256 * 1024 ** 2
/** At the end of a passing upload's folder. */
const PASSING = '.passing'
const ABANDONED_MS = 24 * 3600 * 1000

interface Upload {
  partial: string
  directory: string
  files: number
  sizeBytes: number
  receivedFiles: Set<string>
  receivedBytes: number
  inFlight: number
  isPassing: boolean
}

/** A file name or folder name without anything that a system may take for something else. */
function slug(name: string): string {
  return name.normalize('NFC').replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-+|-+$/g, '').slice(0, 60) || 'folder'
}

/** The parts of a relative path. @throws GraftError REFUSED where it could lead out or means something to a system */
export function safeParts(relativePath: string): string[] {
  const parts = relativePath.split('/')
  const isSafe = (part: string): boolean => {
    const isDots = part === '.' || part === '..'
    // Control characters, backslashes and colons: Windows reads them as separators, drives and streams.
    return part !== '' && !isDots && !/[\u0000-\u001f\u007f\\:]/.test(part) && Buffer.byteLength(part) <= 255
  }
  if (relativePath.length > 1024 || parts.length > 32 || !parts.every(isSafe)) {
    throw new GraftError('REFUSED', 'The path of an uploaded file must be relative, with plain names between slashes.', { action: 'Rename the file, then upload again.' })
  }
  return parts
}

export class UploadsService {
  private readonly uploads = new Map<string, Upload>()
  /** The folders of passing uploads that have ended, by their ids. */
  private readonly passing = new Map<string, string>()

  constructor(
    private readonly root: string,
    private readonly quotaBytes = UPLOAD_QUOTA_BYTES,
  ) {}

  async begin(input: { name: string; files: number; sizeBytes: number; isPassing?: boolean }): Promise<{ uploadId: string; directory: string; quotaBytes: number }> {
    const { isPassing = false } = input
    await mkdir(this.root, { recursive: true })
    await this.removeAbandoned()
    const free = await freeBytes(this.root)
    const limit = Math.min(this.quotaBytes, Math.max(0, free - SPARE_BYTES))
    if (input.sizeBytes > limit) {
      throw new GraftError('STORAGE', `${isPassing ? 'The file' : 'The folder'} has ${input.sizeBytes} bytes; ${limit} bytes may be uploaded.`, {
        action: isPassing ? 'Free disk space, or put the file below a root of the server.' : 'Upload fewer pictures, free disk space, or put the folder below a root of the server.',
      })
    }
    if (input.files > MAXIMUM_FILES) {
      throw new GraftError('BAD_INPUT', `The folder has ${input.files} files; ${MAXIMUM_FILES} may be uploaded.`, { action: 'Put the folder below a root of the server instead.' })
    }
    const uploadId = randomBytes(16).toString('hex')
    // In a folder of its own, so that two uploads of one name both keep it.
    const directory = join(this.root, uploadId.slice(0, 8) + (isPassing ? PASSING : ''), slug(input.name))
    const partial = join(this.root, `.${uploadId}.partial`)
    await mkdir(partial)
    this.uploads.set(uploadId, { ...input, isPassing, partial, directory, receivedFiles: new Set(), receivedBytes: 0, inFlight: 0 })
    return { uploadId, directory, quotaBytes: limit }
  }

  /** Writes one file as it comes in. @throws GraftError REFUSED when it is more than was announced; Cancelled */
  async receive(uploadId: string, relativePath: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<{ sizeBytes: number }> {
    const upload = this.find(uploadId)
    const parts = safeParts(relativePath)
    const key = parts.join('/')
    if (!upload.receivedFiles.has(key) && upload.receivedFiles.size >= upload.files) throw tooMuch(`${upload.files} files`)
    upload.receivedFiles.add(key)
    const path = join(upload.partial, ...parts)
    upload.inFlight++
    let sizeBytes = 0
    try {
      await mkdir(dirname(path), { recursive: true })
      // Fails where the file is there: a second file of the same name, also one that differs in case only on such disks.
      const file = await open(path, 'wx')
      try {
        for await (const chunk of content) {
          if (signal?.aborted === true || !this.uploads.has(uploadId)) throw new Cancelled()
          upload.receivedBytes += chunk.length
          sizeBytes += chunk.length
          if (upload.receivedBytes > upload.sizeBytes) throw tooMuch(`${upload.sizeBytes} bytes`)
          await writeFully(file, chunk)
        }
      } finally {
        await file.close()
      }
      return { sizeBytes }
    } catch (error) {
      upload.receivedBytes -= sizeBytes
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
        upload.receivedFiles.delete(key)
        await rm(path, { force: true })
      } else throw new GraftError('CONFLICT', `${relativePath} was uploaded already.`, { action: 'Begin the upload again.' })
      throw toStorageError(error, relativePath, sizeBytes)
    } finally {
      upload.inFlight--
    }
  }

  async finish(input: { uploadId: string }): Promise<{ path: string; files: number }> {
    const upload = this.find(input.uploadId)
    if (upload.inFlight > 0) throw new GraftError('CONFLICT', 'Files are still being uploaded.', { action: 'Finish when all of them are there.' })
    if (upload.receivedFiles.size < upload.files) {
      throw new GraftError('CONFLICT', `${upload.files} files were announced, ${upload.receivedFiles.size} came.`, { action: 'Upload the missing files, or cancel.' })
    }
    this.uploads.delete(input.uploadId)
    await mkdir(dirname(upload.directory), { recursive: true })
    await rename(upload.partial, upload.directory)
    await syncFolder(this.root)
    if (upload.isPassing) this.passing.set(input.uploadId, dirname(upload.directory))
    return { path: upload.directory, files: upload.receivedFiles.size }
  }

  async cancel(input: { uploadId: string }): Promise<{ cancelled: boolean }> {
    const upload = this.uploads.get(input.uploadId)
    const directory = upload?.partial ?? this.passing.get(input.uploadId)
    if (directory === undefined) return { cancelled: false }
    this.uploads.delete(input.uploadId)
    this.passing.delete(input.uploadId)
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    return { cancelled: true }
  }

  private find(uploadId: string): Upload {
    const upload = this.uploads.get(uploadId)
    if (upload === undefined) throw new GraftError('NOT_FOUND', 'There is no such upload; it was finished or cancelled.', { action: 'Drop the folder again.' })
    return upload
  }

  /** What was left half uploaded a day ago by a server that ended, or passing by a window that was closed. */
  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.root)) {
      const isHalf = name.endsWith('.partial') && !this.uploads.has(name.slice(1, -'.partial'.length))
      if (!isHalf && !name.endsWith(PASSING)) continue
      const { mtimeMs } = await stat(join(this.root, name))
      if (Date.now() - mtimeMs > ABANDONED_MS) await rm(join(this.root, name), { recursive: true, force: true })
    }
  }
}

function tooMuch(announced: string): GraftError {
  return new GraftError('REFUSED', `The upload was announced with ${announced}, and more came.`, { action: 'Begin the upload again.' })
}
