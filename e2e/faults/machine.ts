/** What of the faults this machine can make; the rest is skipped with the reason and what it takes. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { skipLoudly } from '../photographs'

/** `npm run test:faults` tries everything; `npm test` a quick part. */
export const isWhole = process.env['GRAFT_FAULTS'] === 'whole'

function canSync(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** True where nothing is thrown. */
export function mayRun(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** True where strace may attach to a process of ours and make its system calls fail. */
export function canInjectSync(): boolean {
  if (process.platform !== 'linux') return false
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'ignore' })
  try {
    const script = `strace -p ${String(child.pid)} -e trace=none -e inject=fsync:error=EIO -o /dev/null & tracer=$!; sleep 0.3; kill -0 $tracer && kill $tracer`
    return canSync('sh', ['-c', script])
  } finally {
    child.kill('SIGKILL')
  }
}

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

/** A folder as it is, but read-only also for root; null where nobody here may mount one. */
export function mountReadOnlySync(folder: string): Disk | null {
  const disk = mountSync((path) => ['--bind', folder, path])
  if (disk === null) return null
  if (canSync('mount', ['-o', 'remount,ro,bind', disk.path])) return disk
  disk.leave()
  return null
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

/** A user other than root who can be taken on by `setpriv`, or null. */
export function otherUserSync(): { uid: number; prefix: string[] } | null {
  const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  return process.platform === 'linux' && canSync('setpriv', [...prefix.slice(1), 'true']) ? { uid: 65534, prefix } : null
}

export const INJECTS = canInjectSync()
if (!INJECTS) skipLoudly('faults at chosen system calls', 'strace is not here, or may not attach to a process', 'install strace on Linux; allow ptrace (kernel.yama.ptrace_scope 0, or root; in a container --cap-add SYS_PTRACE)')

export const MOUNTS = ((): boolean => {
  const disk = mountDiskSync(64)
  disk?.leave()
  return disk !== null
})()
if (!MOUNTS) skipLoudly('full disks and read-only disks', 'no disk can be mounted here', 'run as root on Linux; in a container --cap-add SYS_ADMIN')

/** A folder for a spec file, deleted at its end by `leave`. */
export function scratchSync(): { path: string; leave: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'graft-faults-'))
  mkdirSync(path, { recursive: true })
  return { path, leave: () => rmSync(path, { recursive: true, force: true }) }
}

