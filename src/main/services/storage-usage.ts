/** The disk that runs and caches use, and clearing what can be made again. */
import { lstat, mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { StorageUsage } from '../../shared/domain/system'
import { machineLockOwner } from '../storage/machine-lock'
import { discoverRuns } from '../storage/run-registry'
import { systemCode } from '../storage/storage-error'
import type { Places } from './places'

/** Bytes of all files in a folder; 0 where there is none. Links are not followed. */
export async function folderBytes(path: string): Promise<number> {
  let entries
  try {
    entries = await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0
    throw error
  }
  let bytes = 0
  for (const entry of entries) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) bytes += await folderBytes(inner)
    // A file that vanishes meanwhile takes no room.
    else if (entry.isFile()) bytes += await lstat(inner).then(({ size }) => size, () => 0)
  }
  return bytes
}

/** Free bytes on the disk that the path is, or will be, on. */
export async function freeBytes(path: string): Promise<number> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at)
      return bavail * bsize
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || dirname(at) === at) throw error
    }
  }
}

export class StorageUsageService {
  constructor(private readonly places: Places) {}

  async usage(): Promise<StorageUsage> {
    const { runs } = await discoverRuns(this.places.runs, this.places.runRegistry)
    let runsBytes = 0
    for (const { folder } of runs) runsBytes += await folderBytes(folder.directory)
    return {
      runsBytes,
      runs: runs.length,
      pictureCacheBytes: await folderBytes(this.places.pictureCache),
      featureCacheBytes: await folderBytes(this.places.featureCache),
      uploadsBytes: await folderBytes(this.places.uploads),
      freeBytes: await freeBytes(this.places.data),
    }
  }

  /** Deletes the decoded pictures, what was measured of them and the kept features; the next run makes them again. @throws GraftError CONFLICT while a run is live */
  async clearCache(): Promise<StorageUsage> {
    const owner = await machineLockOwner(this.places.lock)
    if (owner !== null) throw new GraftError('CONFLICT', `The cache is in use by the ${owner.what}.`, { action: 'Wait for its end, or stop it first.' })
    for (const cache of [this.places.pictureCache, this.places.featureCache, join(this.places.cache, 'health')]) {
      await rm(cache, { recursive: true, force: true })
      await mkdir(cache, { recursive: true })
    }
    return this.usage()
  }
}
