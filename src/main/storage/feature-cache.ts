/**
 * Features of the frozen prefix on disk, so that the next run with the same pictures, weights and cut begins to train at once. One file a
 * set of pictures and view, `<key>.features`; the key is made of all that the numbers depend on (`trainer/feature-key.ts`).
 *
 * A file is written beside its place and renamed into it, and its checksums are verified before it is used; so several processes may
 * use one folder, and what a kill or a full disk left is computed again, never believed.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { debuglog } from 'node:util'
import { bytesOfFiles, type CacheFile, leastRecentlyUsed, STALE_MS, tenthOfFree } from './cache-files'
import { FeatureFile, featureFileBytes, type FeatureShape } from './feature-file'
import { isProcessAliveSync } from './process-identity'
import { systemCode } from './storage-error'

/** A file whose process is not to be seen here, which may be another container's or host's, is abandoned once it has not grown for so long. */
const ABANDONED_MS = 10 * 60 * 1000
/** At most this much, and a tenth of the free disk. */
const MAXIMUM_BYTES = 8e9
const SUFFIX = '.features'

const debug = debuglog('graft')

/** A view that is being computed. */
export interface NewFeatures {
  /** False where the disk does not take it: then it will not be kept. */
  write(first: number, features: Float32Array): boolean
  /** Rows that were written. */
  read(first: number, out: Float32Array): void
  /** Gives the file its name, once all rows are written. */
  publish(): void
  close(): void
}

export class FeatureCache {
  private maximumBytes: number | undefined
  /** What this process has read or written: it does not push out what it has just used. */
  private readonly used = new Set<string>()
  private problem: string | null = null
  private wasTold = false
  private damagedFiles = 0

  /** `maximumBytes`: least recently used files are deleted beyond it. */
  constructor(
    private readonly directory: string,
    options: { readonly maximumBytes?: number } = {},
  ) {
    this.maximumBytes = options.maximumBytes
  }

  /** Files that were not as they had been written, up to now. */
  get damaged(): number {
    return this.damagedFiles
  }

  /** Why something is not kept; the first reason once, then null. */
  takeProblem(): string | null {
    if (this.problem === null || this.wasTold) return null
    this.wasTold = true
    return this.problem
  }

  /** True where the features lie here, as far as the header tells; then this process will not push them out. */
  has(shape: FeatureShape): boolean {
    const file = this.tryOpen(shape, false)
    if (file === null) return false
    file.close()
    this.used.add(this.pathOf(shape))
    return true
  }

  /** A whole, undamaged file, or null; a damaged one is deleted. Close it. */
  open(shape: FeatureShape): FeatureFile | null {
    const file = this.tryOpen(shape, true)
    if (file === null) return null
    this.used.add(this.pathOf(shape))
    try {
      const now = new Date()
      utimesSync(this.pathOf(shape), now, now)
    } catch (error) {
      // Somebody else's file, or a disk that is read-only: it can be read all the same.
      if (systemCode(error) === undefined) throw error
    }
    return file
  }

  /** A place for features that are about to be computed; null where they cannot be kept. */
  create(shape: FeatureShape): NewFeatures | null {
    const path = this.pathOf(shape)
    const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
    const file = this.unlessRefused(() => {
      mkdirSync(this.directory, { recursive: true })
      return this.makeRoom(featureFileBytes(shape)) ? FeatureFile.create(temporary, shape) : null
    })
    if (file === null) return null
    let isWritable = true
    let isPublished = false
    return {
      write: (first, features) => {
        isWritable &&= this.unlessRefused(() => {
          file.write(first, features)
          return true
        }) ?? false
        return isWritable
      },
      read: (first, out) => file.read(first, out),
      publish: () => {
        if (!isWritable) return
        isPublished = this.unlessRefused(() => {
          file.finish()
          renameSync(temporary, path)
          return true
        }) ?? false // prettier-ignore
        if (isPublished) this.used.add(path)
      },
      close: () => {
        file.close()
        if (!isPublished) this.unlessRefused(() => rmSync(temporary, { force: true }))
      },
    }
  }

  private pathOf({ key }: FeatureShape): string {
    return join(this.directory, `${key}${SUFFIX}`)
  }

  private tryOpen(shape: FeatureShape, body: boolean): FeatureFile | null {
    const path = this.pathOf(shape)
    try {
      const file = FeatureFile.open(path, shape, body)
      if (file !== 'damaged') return file
      this.damagedFiles++
      debug('kept features are damaged and computed again: %s, the %dth', path, this.damagedFiles)
      rmSync(path, { force: true })
    } catch (error) {
      // Not there, or not to be read: computed again.
      if (systemCode(error) === undefined) throw error
    }
    return null
  }

  /** Null where the disk refuses; why is kept for `takeProblem`. */
  private unlessRefused<T>(work: () => T): T | null {
    try {
      return work()
    } catch (error) {
      const code = systemCode(error)
      if (code === undefined) throw error
      const why = code === 'ENOSPC' ? 'the disk is full' : code === 'EROFS' ? 'the disk can only be read' : `the disk refuses it (${code})`
      this.problem ??= `Features are not kept for later runs: ${why}. They lie in ${this.directory}.`
      return null
    }
  }

  /** Deletes what is least recently used. False where that is not enough. */
  private makeRoom(bytes: number): boolean {
    this.maximumBytes ??= tenthOfFree(statfsSync(this.directory), MAXIMUM_BYTES)
    const files = this.list()
    const going = leastRecentlyUsed(files.filter(({ path }) => path.endsWith(SUFFIX) && !this.used.has(path)), this.maximumBytes - bytes - this.heldBytes(files))
    if (bytesOfFiles(files) - bytesOfFiles(going) + bytes > this.maximumBytes) {
      this.problem ??= `Not all features are kept for later runs: ${this.directory} may take ${(this.maximumBytes / 1e9).toFixed(1)} GB, a tenth of the free disk and at most ${MAXIMUM_BYTES / 1e9} GB.`
      return false
    }
    for (const { path } of going) rmSync(path, { force: true })
    return true
  }

  /** Of files that must stay: being written, or in use here. */
  private heldBytes(files: readonly CacheFile[]): number {
    return bytesOfFiles(files.filter(({ path }) => !path.endsWith(SUFFIX) || this.used.has(path)))
  }

  /** All files, those that are being written too; what a killed process left half written is deleted on the way. */
  private list(): CacheFile[] {
    const files: CacheFile[] = []
    for (const name of readdirSync(this.directory)) {
      const [, pid] = /\.features(?:\.(\d+)-[0-9a-f]+\.tmp)?$/.exec(name) ?? [null, null]
      if (pid === null) continue
      const path = join(this.directory, name)
      const stats = statSync(path, { throwIfNoEntry: false })
      if (stats === undefined) continue
      const isAbandoned = pid !== undefined && Date.now() - stats.mtimeMs > (isProcessAliveSync(Number(pid)) ? 24 * STALE_MS : ABANDONED_MS)
      if (isAbandoned) rmSync(path, { force: true })
      else files.push({ path, bytes: stats.size, usedMs: stats.mtimeMs })
    }
    return files
  }
}
