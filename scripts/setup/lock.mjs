// One set-up at a time for a thing in the shared cache. The lock is a file naming its owner; a dead owner's lock is taken over.
import { readFileSync } from 'node:fs'
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const heartbeatMs = 5000
const silentOwnerMs = 120_000
const takeoverMs = 10_000
const pollMs = 250

/** When a process began, in the kernel's ticks: tells a live owner from a later process with the same number. Linux only. */
function processStart(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** True where the owner named in the lock cannot be at work any more. A lock without a readable owner is stale once it is old. */
export function isStale(owner, silentMs) {
  if (silentMs > silentOwnerMs) return true
  if (owner === undefined) return silentMs > takeoverMs
  if (owner.host !== hostname()) return false
  if (!isAlive(owner.pid)) return true
  const start = processStart(owner.pid)
  return start !== undefined && owner.start !== undefined && start !== owner.start
}

async function readOwner(path) {
  try {
    const text = await readFile(path, 'utf8')
    const { mtimeMs } = await stat(path)
    let owner
    try {
      owner = JSON.parse(text)
    } catch {
      owner = undefined
    }
    return { owner, text, silentMs: Date.now() - mtimeMs }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

async function createExclusive(path, text) {
  let file
  try {
    file = await open(path, 'wx')
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  try {
    await file.writeFile(text)
  } finally {
    await file.close()
  }
  return true
}

// Only the holder of the take-over file may remove a stale lock, and it looks again first: two waiters cannot remove each other's new lock.
async function removeStale(path) {
  const takeover = `${path}.takeover`
  if (!(await createExclusive(takeover, String(process.pid)))) {
    const left = await readOwner(takeover)
    if (left && left.silentMs > takeoverMs) await rm(takeover, { force: true })
    return
  }
  try {
    const found = await readOwner(path)
    if (found && isStale(found.owner, found.silentMs)) await rm(path, { force: true })
  } finally {
    await rm(takeover, { force: true })
  }
}

/**
 * Runs work while holding the lock file; waits for another live owner.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} [onWait] called once, with the process that is waited for
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait = () => {}) {
  await mkdir(dirname(path), { recursive: true })
  const text = JSON.stringify({ pid: process.pid, host: hostname(), start: processStart(process.pid), nonce: Math.random() })
  let told = false
  while (!(await createExclusive(path, text))) {
    const found = await readOwner(path)
    if (!found) continue
    if (isStale(found.owner, found.silentMs)) {
      await removeStale(path)
      continue
    }
    if (!told) onWait(found.owner?.pid ?? 0)
    told = true
    await sleep(pollMs)
  }
  const heartbeat = setInterval(() => {
    utimes(path, new Date(), new Date()).catch(() => {})
  }, heartbeatMs)
  heartbeat.unref()
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    const found = await readOwner(path)
    if (found?.text === text) await rm(path, { force: true })
  }
}
