/**
 * Training that gives way: at low priority, and where the machine has cores to spare, off one of them. The number of threads stays as it
 * is, since results depend on it in their last bits.
 */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism, constants, setPriority } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** From so many cores on one is left to the others. */
const SPARES_A_CORE_FROM = 4

/**
 * Puts a process into the background or takes it out again. False where it could not be done whole: taking back a low priority is for
 * the system's administrator on Linux and macOS, so that the run that is on stays where it is.
 */
export async function setBackground(pid: number, isBackground: boolean): Promise<boolean> {
  const { PRIORITY_BELOW_NORMAL, PRIORITY_NORMAL } = constants.priority
  const isPriority = changePriority(pid, isBackground ? PRIORITY_BELOW_NORMAL : PRIORITY_NORMAL)
  const isPlace = await leaveACore(pid, isBackground)
  return isPriority && isPlace
}

function changePriority(pid: number, priority: number): boolean {
  try {
    // On Linux a priority is a thread's own, and those to come take their maker's.
    for (const thread of threadsOf(pid)) setPriority(thread, priority)
    return true
  } catch {
    return false
  }
}

function threadsOf(pid: number): number[] {
  if (process.platform !== 'linux') return [pid]
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return [pid]
  }
}

/** By `taskset`, where there is one: priority alone does most of it. */
async function leaveACore(pid: number, isBackground: boolean): Promise<boolean> {
  const cores = availableParallelism()
  if (process.platform !== 'linux' || cores < SPARES_A_CORE_FROM) return true
  try {
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', `0-${isBackground ? cores - 2 : cores - 1}`, String(pid)])
    return true
  } catch {
    return !isBackground
  }
}
