/** Tells whether a process that left its number behind is still the one at work. */
import { readFileSync } from 'node:fs'

/**
 * When a process began, in the kernel's ticks since boot, with the boot's id: tells a live owner from a later process with the
 * same number. Linux only; undefined elsewhere or when the process is gone.
 */
export function processStartSync(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold spaces; the start time is field 22.
    const start = fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19]
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return start === undefined ? undefined : `${boot}:${start}`
  } catch {
    return undefined
  }
}

/** True for a process that exists and is not merely waiting to be buried (a zombie). */
export function isProcessAliveSync(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return fields.slice(fields.lastIndexOf(')') + 2, fields.lastIndexOf(')') + 3) !== 'Z'
  } catch {
    return true
  }
}

/** When a process began, as milliseconds since 1970; undefined where that cannot be told. Linux only. */
export function processStartedAtMsSync(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const ticks = Number(fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19])
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1])
    // The kernel shows times in hundredths of a second to all programs.
    const startedAtMs = (bootSeconds + ticks / 100) * 1000
    return Number.isFinite(startedAtMs) ? startedAtMs : undefined
  } catch {
    return undefined
  }
}
