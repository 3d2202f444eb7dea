/** Which process a run belongs to, as its record says. */
import { isLive } from '../../shared/domain/run'
import type { RunRecord } from '../../shared/domain/run'
import { isProcessAliveSync, processStartedAtMsSync } from '../storage/process-identity'

/** By number and start: a number may have gone to another process, in a container often to the very same one. */
function isOwnerAlive({ owner_pid: pid, updated_at: updatedAt }: RunRecord): boolean {
  if (pid === null || pid === process.pid || !isProcessAliveSync(pid)) return false
  const startedAtMs = processStartedAtMsSync(pid)
  return startedAtMs === undefined || startedAtMs <= Date.parse(updatedAt) + 2000
}

/** The record as it is true now: a run whose owner has died is interrupted. For who only reads. */
export function asItStands(record: RunRecord): RunRecord {
  return isLive(record.status) && !isOwnerAlive(record) ? { ...record, status: 'interrupted', owner_pid: null } : record
}

/** True while a process other than this one works on the run or waits with it. */
export function isOwnedElsewhere(record: RunRecord): boolean {
  return isLive(record.status) && isOwnerAlive(record)
}
