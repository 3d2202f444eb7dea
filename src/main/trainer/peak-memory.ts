/** How much memory this process has had at most. */
import { readFileSync, writeFileSync } from 'node:fs'

/** Highest resident memory of this process so far, or since `resetPeak`, bytes. */
export function peakBytes(): number {
  try {
    // The system's own figure for a process also counts what its parent had when it was started.
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (kilobytes !== undefined) return Number(kilobytes) * 1024
  } catch {
    // Only Linux tells it there.
  }
  return process.resourceUsage().maxRSS * 1024
}

/** Counts the peak from now on, where the system can: Linux. */
export function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Elsewhere the peak stays that of the whole process.
  }
}
