/**
 * Training that gives way: at low priority, and where the machine has cores to spare, off one of them. The number of threads stays as it
 * is, since results depend on it in their last bits.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { promisify } from 'node:util'
import { processStartSync } from '../storage/process-identity'

const run = promisify(execFile)

/** From so many cores on one is left to the others. */
const SPARES_A_CORE_FROM = 4

/** Cores, as Linux lists them, of the processes that have left one: what they had before. */
const coresBefore = new Map<string, string>()

/**
 * Puts a process into the background or takes it out again. False where it could not be done whole: taking back a low priority is for
 * the system's administrator on Linux and macOS, so that the run that is on stays where it is. `sparesFrom`: cores from which on one is left.
 */
export async function setBackground(pid: number, isBackground: boolean, sparesFrom = SPARES_A_CORE_FROM): Promise<boolean> {
  const { PRIORITY_BELOW_NORMAL, PRIORITY_NORMAL } = constants.priority
  const isPriority = changePriority(threadsOf(pid), isBackground ? PRIORITY_BELOW_NORMAL : PRIORITY_NORMAL)
  const isPlace = isBackground ? await leaveACore(pid, sparesFrom) : await takeCoresBack(pid)
  return isPriority && isPlace
}

/** On Linux a priority is a thread's own, and those to come take their maker's. False where one may not be changed, or all have ended. */
export function changePriority(threads: readonly number[], priority: number): boolean {
  let changed = 0
  let refused = 0
  for (const thread of threads) {
    try {
      setPriority(thread, priority)
      changed++
    } catch (error) {
      // Threads end while others are asked.
      if (!isAboutNobody(error)) refused++
    }
  }
  return changed > 0 && refused === 0
}

const isAboutNobody = (error: unknown) => error instanceof Error && 'errno' in error && error.errno === -constants.errno.ESRCH

function threadsOf(pid: number): number[] {
  if (process.platform !== 'linux') return [pid]
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return [pid]
  }
}

/** Cores that a process may run on, as Linux lists them: `0-3,8`. Null where that cannot be told. */
function coresOf(pid: number): string | null {
  try {
    return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? null
  } catch {
    return null
  }
}

/** Null where there are fewer than `atLeast`. */
function withoutLast(list: string, atLeast: number): string | null {
  const cores = list.split(',').flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  return cores.length < atLeast ? null : cores.slice(0, -1).join(',')
}

/** What the process may run on already is for others to choose: a container, a batch system, the person at the machine. */
async function leaveACore(pid: number, sparesFrom: number): Promise<boolean> {
  const before = coresOf(pid)
  const fewer = before === null ? null : withoutLast(before, sparesFrom)
  const name = nameOf(pid)
  if (before === null || fewer === null || coresBefore.has(name)) return true
  const isPlaced = await placeOn(fewer, pid)
  if (isPlaced) coresBefore.set(name, before)
  return isPlaced
}

async function takeCoresBack(pid: number): Promise<boolean> {
  const name = nameOf(pid)
  const before = coresBefore.get(name)
  coresBefore.delete(name)
  if (before !== undefined) await placeOn(before, pid)
  return true
}

/** A number is given again once its process has ended. */
const nameOf = (pid: number) => `${pid} ${processStartSync(pid) ?? ''}`

/** By `taskset`, where there is one: priority alone does most of it. */
async function placeOn(cores: string, pid: number): Promise<boolean> {
  try {
    await run('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)])
    return true
  } catch {
    return false
  }
}
