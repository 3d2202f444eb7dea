/** How many cores this process may really use: a container's quota does not show in the number of cores. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

function readSync(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

/** Cores' worth of time that the control groups at `groupRoot` allow, or Infinity. `membership` is /proc/self/cgroup. */
export function coreQuotaSync(groupRoot = '/sys/fs/cgroup', membership = readSync('/proc/self/cgroup') ?? ''): number {
  let quota = Infinity
  for (const line of membership.split('\n')) {
    const [, controllers = '', path = '/'] = line.split(':')
    const isUnified = controllers === ''
    if (!isUnified && !controllers.split(',').includes('cpu')) continue
    const parts = path.split('/').filter((part) => part !== '' && part !== '..')
    // Every group on the way down limits what is below it.
    for (let depth = 0; depth <= parts.length; depth++) {
      const below = parts.slice(0, depth)
      if (isUnified) {
        const [maximum, period] = (readSync(join(groupRoot, ...below, 'cpu.max')) ?? '').split(' ').map(Number)
        if (maximum !== undefined && period !== undefined && maximum > 0 && period > 0) quota = Math.min(quota, maximum / period)
      } else {
        const maximum = Number(readSync(join(groupRoot, 'cpu', ...below, 'cpu.cfs_quota_us')) ?? '-1')
        const period = Number(readSync(join(groupRoot, 'cpu', ...below, 'cpu.cfs_period_us')) ?? '0')
        if (maximum > 0 && period > 0) quota = Math.min(quota, maximum / period)
      }
    }
  }
  return quota
}

/** At least 1. */
export function availableCoresSync(): number {
  const quota = process.platform === 'linux' ? coreQuotaSync() : Infinity
  return Math.max(1, Math.min(availableParallelism(), Math.floor(quota)))
}
