/** What the caches of files have in common: how much of the disk they may take, and what goes first. */

/** A cache notes a use by the file's time no more often than this, and takes what is half written for abandoned after it. */
export const STALE_MS = 60 * 60 * 1000

/** One file of a cache. */
export interface CacheFile {
  readonly path: string
  readonly bytes: number
  readonly usedMs: number
}

export const bytesOfFiles = (files: readonly CacheFile[]) => files.reduce((total, file) => total + file.bytes, 0)

/** Those to delete, least recently used first, so that the others take no more than `targetBytes`. */
export function leastRecentlyUsed(files: readonly CacheFile[], targetBytes: number): CacheFile[] {
  let bytes = bytesOfFiles(files)
  const result: CacheFile[] = []
  for (const file of [...files].sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= targetBytes) break
    result.push(file)
    bytes -= file.bytes
  }
  return result
}

/** A tenth of what is free on a disk (as `statfs` tells it), at most `atMostBytes`. */
export function tenthOfFree(disk: { readonly bavail: number; readonly bsize: number }, atMostBytes: number): number {
  return Math.min(atMostBytes, Math.floor((disk.bavail * disk.bsize) / 10))
}
