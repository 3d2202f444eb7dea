/** Disks that are too small, and folders that cannot be written. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { skipLoudly } from '../photographs'
import { canSync } from './machine'

export interface Disk {
  readonly path: string
  /** For one in memory: another size, as if something else had been deleted. */
  resize(sizeKiB: number): void
  leave(): void
}

/** A disk of its own in memory, or null where nobody here may mount one. */
export function mountDiskSync(sizeKiB: number): Disk | null {
  return mountSync((path) => ['-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', path])
}

function mountReadOnlySync(folder: string): Disk | null {
  const disk = mountSync((path) => ['--bind', folder, path])
  if (disk === null) return null
  if (canSync('mount', ['-o', 'remount,ro,bind', disk.path])) return disk
  disk.leave()
  return null
}

/** A folder that cannot be written, at the path that comes with it: also for root by a read-only disk, else by its permissions. Null where neither can be. */
export function readOnlySync(folder: string): Disk | null {
  if (process.platform === 'win32') return null
  if (process.getuid?.() === 0) return mountReadOnlySync(folder)
  chmodSync(folder, 0o555)
  return { path: folder, resize: () => undefined, leave: () => chmodSync(folder, 0o755) }
}

function mountSync(options: (path: string) => string[]): Disk | null {
  if (process.platform !== 'linux') return null
  const path = mkdtempSync(join(tmpdir(), 'graft-disk-'))
  if (!canSync('mount', options(path))) {
    rmdirSync(path)
    return null
  }
  return {
    path,
    resize: (sizeKiB) => {
      execFileSync('mount', ['-o', `remount,size=${sizeKiB}k`, path])
    },
    leave: () => {
      canSync('umount', [path])
      // Not recursive: where it is still mounted, what lies on it is left alone.
      try {
        rmdirSync(path)
      } catch {
        canSync('umount', ['-l', path])
      }
    },
  }
}

export const MOUNTS = ((): boolean => {
  const disk = mountDiskSync(64)
  disk?.leave()
  return disk !== null
})()
if (!MOUNTS) skipLoudly('full disks', 'no disk can be mounted here', 'run as root on Linux; in a container --cap-add SYS_ADMIN')
export const READ_ONLY = process.platform !== 'win32' && (MOUNTS || process.getuid?.() !== 0)
if (!READ_ONLY) skipLoudly('read-only folders', 'no disk can be mounted here, and root may write everywhere', 'run as another user, or in a container with --cap-add SYS_ADMIN')
