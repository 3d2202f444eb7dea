/**
 * One training at a time on a machine, across window, server and command line.
 *
 * The lock is a file that names its owner: process number, that process's start (a number is used again after a while) and
 * what it does. It comes into being with its content by a hard link, so it is never seen half written; a dead owner's lock is
 * taken over by whoever first gets the take-over lock, and only after looking again. Another machine's processes cannot be seen:
 * a holder touches the file now and then, and the lock of another machine is dead when nobody has for a minute.
 */
import { randomBytes } from 'node:crypto'
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Cancelled } from '../../shared/domain/error'
import { makeFolder } from './atomic-write'
import { isProcessAliveSync, processStartSync } from './process-identity'
import { systemCode, toReadError, toStorageError } from './storage-error'

const POLL_MS = 300
const TAKEOVER_STALE_MS = 10_000
/** How often the holder touches the file, which tells other machines that it lives. */
const TOUCH_MS = 5000
/** A lock of another machine that has not been touched for so long is dead. */
const FOREIGN_STALE_MS = 60_000

const ownerSchema = z.object({
  pid: z.int(),
  start: z.string().nullable(),
  host: z.string(),
  what: z.string(),
  since: z.string(),
  nonce: z.string(),
})
export type LockOwner = z.infer<typeof ownerSchema>

export interface LockOptions {
  path: string
  /** Called when waiting begins and whenever another owner comes in between. */
  onWait?: ((owner: LockOwner) => void) | undefined
  signal?: AbortSignal | undefined
  /** For tests. */
  touchMs?: number | undefined
}

/** Gives the lock back. Harmless when called twice. */
export type ReleaseLock = () => Promise<void>

/**
 * Waits for the lock, in no particular order among those who wait, and takes it.
 * @param what what the holder does, for those who wait: 'training of leaves'
 * @throws Cancelled; GraftError STORAGE
 */
export async function acquireMachineLock(what: string, options: LockOptions): Promise<ReleaseLock> {
  const { path, signal } = options
  const owner: LockOwner = {
    pid: process.pid,
    start: processStartSync(process.pid) ?? null,
    host: hostname(),
    what,
    since: new Date().toISOString(),
    nonce: randomBytes(12).toString('hex'),
  }
  let told = ''
  await makeFolder(dirname(path)).catch((error: unknown) => {
    throw toStorageError(error, path, 0)
  })
  for (;;) {
    if (signal?.aborted === true) throw new Cancelled()
    if (await linkNew(path, JSON.stringify(owner))) return keepTouched(path, owner.nonce, options.touchMs ?? TOUCH_MS)
    const found = await readOwner(path)
    if (found === 'gone') continue
    if (found === 'unreadable' || (await isDead(path, found))) {
      await removeDead(path).catch((error: unknown) => {
        throw toStorageError(error, path, 0)
      })
      continue
    }
    if (found.nonce !== told) options.onWait?.(found)
    told = found.nonce
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error
    })
  }
}

/** Who holds the lock, or null where nobody alive does. */
export async function machineLockOwner(path: string): Promise<LockOwner | null> {
  const found = await readOwner(path)
  return found === 'gone' || found === 'unreadable' || (await isDead(path, found)) ? null : found
}

/** Creates the file with its whole content at once; false where it is there already. */
async function linkNew(path: string, text: string): Promise<boolean> {
  // Named as what is half written, so that what a kill leaves of it is removed like that.
  const draft = join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await link(draft, path)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    if (systemCode(error) === 'EPERM' || systemCode(error) === 'ENOTSUP' || systemCode(error) === 'ENOSYS') return createNew(path, text)
    throw toStorageError(error, path, text.length)
  } finally {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

/** For file systems without hard links. */
async function createNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw toStorageError(error, path, text.length)
  }
}

async function readOwner(path: string): Promise<LockOwner | 'gone' | 'unreadable'> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return parsed.success ? parsed.data : 'unreadable'
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'gone'
    if (error instanceof SyntaxError) return 'unreadable'
    throw toReadError(error, path)
  }
}

async function isDead(path: string, owner: LockOwner): Promise<boolean> {
  if (owner.host !== hostname()) {
    // Gone by now, it is somebody's next time.
    const touchedMs = await stat(path).then(({ mtimeMs }) => mtimeMs, () => Infinity)
    return Date.now() - touchedMs > FOREIGN_STALE_MS
  }
  if (!isProcessAliveSync(owner.pid)) return true
  const start = processStartSync(owner.pid)
  return start !== undefined && owner.start !== null && start !== owner.start
}

/** Only the holder of the take-over file removes a dead lock, and it looks again first: nobody's new lock is removed. */
async function removeDead(path: string): Promise<void> {
  const takeover = `${path}.takeover`
  if (!(await linkNew(takeover, String(process.pid)))) {
    // Its holder died in the middle of it.
    const age = await stat(takeover).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age > TAKEOVER_STALE_MS) await rm(takeover, { force: true })
    await sleep(20)
    return
  }
  try {
    const found = await readOwner(path)
    if (found === 'gone') return
    const unreadableMs = found === 'unreadable' ? Date.now() - (await stat(path)).mtimeMs : Infinity
    // Where there are no hard links a lock is for a moment empty.
    if ((found === 'unreadable' && unreadableMs > 2000) || (found !== 'unreadable' && (await isDead(path, found)))) await rm(path, { force: true })
  } finally {
    await rm(takeover, { force: true })
  }
}

/** Shows other machines that the lock is held, until it is given back. */
function keepTouched(path: string, nonce: string, periodMs: number): ReleaseLock {
  const touch = async (): Promise<void> => {
    const found = await readOwner(path)
    // After a long sleep of this machine it may be another's, whose life is not ours to show.
    if (typeof found !== 'object' || found.nonce !== nonce) return clearInterval(timer)
    const now = new Date()
    await utimes(path, now, now)
  }
  const timer = setInterval(() => {
    // The next time may do better; without any for a minute other machines take the lock.
    touch().catch(() => undefined)
  }, periodMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    return release(path, nonce)
  }
}

async function release(path: string, nonce: string): Promise<void> {
  const found = await readOwner(path)
  if (typeof found === 'object' && found.nonce === nonce) await rm(path, { force: true })
}
