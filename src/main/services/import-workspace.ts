/** The hidden folder below the runs in which an import is made whole before it is listed, and what killed imports left of theirs. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isProcessAliveSync } from '../storage/process-identity'
import { toStorageError } from '../storage/storage-error'

const OWN = /^\.import-(\d+)-[0-9a-f]+$/
/** As imports once named their file, without saying whose it is. */
const NAMELESS = /^\.{1,2}import-[0-9a-f]{8}\.safetensors/
const NAMELESS_AGE_MS = 60 * 60 * 1000

const inUse = new Set<string>()

/** Runs `work` with a new folder beside the runs, which is deleted afterwards with what is left in it. */
export async function withImportWorkspace<T>(runs: string, work: (workspace: string) => Promise<T>): Promise<T> {
  const workspace = join(runs, `.import-${process.pid}-${randomBytes(4).toString('hex')}`)
  inUse.add(workspace)
  try {
    await begin(runs, workspace)
    return await work(workspace)
  } finally {
    await rm(workspace, { recursive: true, force: true })
    inUse.delete(workspace)
  }
}

async function begin(runs: string, workspace: string): Promise<void> {
  try {
    await mkdir(runs, { recursive: true })
    await removeLeftovers(runs)
    await mkdir(workspace)
  } catch (error) {
    throw toStorageError(error, runs, 0)
  }
}

async function removeLeftovers(runs: string): Promise<void> {
  for (const name of await readdir(runs)) {
    const path = join(runs, name)
    if (await isLeftover(path, name)) await rm(path, { recursive: true, force: true })
  }
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const pid = Number(OWN.exec(name)?.[1] ?? NaN)
  // Our own number on something that is not ours: it was a killed process's before.
  if (!Number.isNaN(pid)) return pid === process.pid ? !inUse.has(path) : !isProcessAliveSync(pid)
  if (!NAMELESS.test(name)) return false
  const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0)
  return age > NAMELESS_AGE_MS
}
