/** A checkpoint: weights, optimizer and state in a folder whose manifest names every member with its hash. Whole or not at all. */
import { hash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GraftError } from '../../shared/domain/error'
import { checkpointManifestSchema, checkpointStateSchema } from '../../shared/domain/run'
import type { CheckpointManifest, CheckpointState } from '../../shared/domain/run'
import { atomicDirectory, isThere, previousDirectory, removePreviousDirectory, sha256OfFile, writeVerified } from './atomic-write'
import { parseJson, readJsonFileIfThere } from './json-file'
import { lackOfRoom, systemCode, toReadError, toStorageError } from './storage-error'

const WEIGHTS = 'weights.safetensors'
const OPTIMIZER = 'optimizer.safetensors'
const STATE = 'state.json'
const MANIFEST = 'manifest.json'
const MEMBERS: readonly string[] = [WEIGHTS, OPTIMIZER, STATE]
/** A reader begins again so often where the folder was replaced under it. */
const READ_ATTEMPTS = 3
const READ_PAUSE_MS = 50

export interface CheckpointContent {
  weights: Uint8Array
  optimizer: Uint8Array | null
  state: CheckpointState
}

export interface ReadCheckpoint extends CheckpointContent {
  /** Set where the newest one was damaged or missing and the one before it was used: what to tell the user. */
  note: string | null
}

/**
 * Writes the checkpoint folder at `path`. The one that it replaces is kept beside it, and read by `readCheckpointFolder` where the new one turns out
 * to be damaged. Returns what to tell where the disk had no room for both and the kept one was given up.
 * @throws GraftError STORAGE with the bytes needed where the disk is full; CONFLICT
 */
export async function writeCheckpointFolder(path: string, content: CheckpointContent): Promise<string | null> {
  const state = Buffer.from(`${JSON.stringify(checkpointStateSchema.parse(content.state))}\n`, 'utf8')
  const members: [string, Uint8Array][] = [[WEIGHTS, content.weights], [STATE, state]]
  if (content.optimizer !== null) members.push([OPTIMIZER, content.optimizer])
  const neededBytes = members.reduce((sum, [, bytes]) => sum + bytes.length, 4096)
  const fill = async (temporary: string): Promise<void> => {
    try {
      const manifest: CheckpointManifest = { version: 1, members: {} }
      for (const [name, bytes] of members) manifest.members[name] = await writeVerified(join(temporary, name), bytes, { verifyHash: true })
      await writeVerified(join(temporary, MANIFEST), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8'), { verifyHash: true })
    } catch (error) {
      throw toStorageError(error, path, neededBytes)
    }
  }
  let note: string | null = null
  try {
    await atomicDirectory(path, fill, { isWorthKeeping: isWhole })
  } catch (error) {
    if (lackOfRoom(error) === null || !(await giveUpPrevious(path))) throw error
    note = `The disk has no room for a checkpoint more, so the one before ${path} was deleted. Free space: until then a damaged checkpoint has none to fall back on.`
    await atomicDirectory(path, fill, { isWorthKeeping: isWhole })
  }
  writtenHere.set(path, await fileTimes(path))
  return note
}

/** What this process has written and read back, with its files' times: nobody has to read it again while these are the same. */
const writtenHere = new Map<string, string>()

async function fileTimes(path: string): Promise<string> {
  const times = await Promise.all([MANIFEST, ...MEMBERS].map(async (name) => stat(join(path, name)).then(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`, () => 'none')))
  return times.join('; ')
}

async function isWhole(path: string): Promise<boolean> {
  const known = writtenHere.get(path)
  if (known !== undefined && known === (await fileTimes(path))) return true
  return (await readWhole(path).catch(() => null)) !== null
}

/** Deletes the kept checkpoint, where the one in place is whole. False where that would help nobody. */
async function giveUpPrevious(path: string): Promise<boolean> {
  if (!(await isThere(previousDirectory(path))) || !(await isWhole(path))) return false
  await removePreviousDirectory(path)
  return true
}

async function readManifest(path: string): Promise<CheckpointManifest> {
  const manifest = await readJsonFileIfThere(join(path, MANIFEST), checkpointManifestSchema)
  if (manifest === null) throw damaged(path, MANIFEST, 'it is missing')
  // A damaged name would else be a member that is not there: an optimizer that was never kept.
  const unknown = Object.keys(manifest.members).find((name) => !MEMBERS.includes(name))
  if (unknown !== undefined) throw damaged(path, MANIFEST, `it names ${JSON.stringify(unknown)}`)
  return manifest
}

async function readMember(path: string, name: string, manifest: CheckpointManifest): Promise<Uint8Array> {
  const expected = manifest.members[name]
  if (expected === undefined) throw damaged(path, name, 'the manifest does not name it')
  let bytes: Buffer
  try {
    bytes = await readFile(join(path, name))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw damaged(path, name, 'it is missing')
    throw toReadError(error, join(path, name))
  }
  if (bytes.length !== expected.sizeBytes) throw damaged(path, name, `${expected.sizeBytes} bytes were written, ${bytes.length} are there`)
  if (hash('sha256', bytes, 'hex') !== expected.sha256) throw damaged(path, name, 'its hash differs from the one written')
  return bytes
}

async function readStateMember(path: string, manifest: CheckpointManifest): Promise<CheckpointState> {
  return parseJson(Buffer.from(await readMember(path, STATE, manifest)).toString('utf8'), checkpointStateSchema, join(path, STATE))
}

/** Reads one folder's state and checks its hash; null where there is none. */
async function readState(path: string): Promise<CheckpointState | null> {
  return (await isThere(path)) ? readStateMember(path, await readManifest(path)) : null
}

/** Reads one folder and checks every member's hash; null where there is none. */
async function readWhole(path: string): Promise<CheckpointContent | null> {
  if (!(await isThere(path))) return null
  // Read once: of a folder that is replaced meanwhile, no member of the new one then passes for one of the old.
  const manifest = await readManifest(path)
  const state = await readStateMember(path, manifest)
  return { weights: await readMember(path, WEIGHTS, manifest), optimizer: manifest.members[OPTIMIZER] === undefined ? null : await readMember(path, OPTIMIZER, manifest), state }
}

async function manifestBytes(path: string): Promise<Buffer | null> {
  return readFile(join(path, MANIFEST)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    throw toReadError(error, join(path, MANIFEST))
  })
}

/** Reads by `read`, but what was replaced or moved away meanwhile is not taken for damaged or missing. */
async function readSteady<T>(path: string, read: (path: string) => Promise<T | null>): Promise<T | null> {
  for (let attempt = 1; ; attempt++) {
    const before = await manifestBytes(path)
    try {
      const found = await read(path)
      if (found !== null || attempt === READ_ATTEMPTS) return found
      // Between the two renames of a replacement the folder is aside; just after them it is back.
      if (!(await isThere(previousDirectory(path))) && !(await isThere(path))) return null
    } catch (error) {
      if (!(error instanceof GraftError) || attempt === READ_ATTEMPTS) throw error
      const after = await manifestBytes(path)
      const isSame = before === null || after === null ? before === after : before.equals(after)
      if (isSame) throw error
    }
    await sleep(READ_PAUSE_MS)
  }
}

function damaged(path: string, member: string, why: string): GraftError {
  return new GraftError('MISMATCH', `The checkpoint ${path} is damaged at ${member}: ${why}.`, {
    action: 'Restore the file from a copy, use the run’s other checkpoint, or start the run again.',
  })
}

/**
 * The checkpoint at `path`, or the one before it; null where there is neither.
 * @throws GraftError MISMATCH naming the damaged member, UNREADABLE or STORAGE, where nothing whole is left
 */
export async function readCheckpointFolder(path: string): Promise<ReadCheckpoint | null> {
  try {
    const newest = await readSteady(path, readWhole)
    if (newest !== null) return { ...newest, note: null }
  } catch (error) {
    if (!(error instanceof GraftError)) throw error
    const before = await readWhole(previousDirectory(path)).catch(() => null)
    if (before === null) throw error
    return { ...before, note: `${error.message} The one before it, of epoch ${before.state.epoch}, is used.` }
  }
  const before = await readWhole(previousDirectory(path))
  if (before === null) return null
  return { ...before, note: `The checkpoint ${path} was being replaced when the program ended; the one before it, of epoch ${before.state.epoch}, is used.` }
}

/**
 * The best checkpoint. Where it is damaged, `latest` or the one before it takes its place if its weights are those that were written there; else
 * the best before it does.
 * @throws as `readCheckpointFolder`
 */
export async function readBestCheckpointFolder(path: string, latest: string): Promise<ReadCheckpoint | null> {
  const best = await readCheckpointFolder(path).catch((error: unknown) => {
    if (error instanceof GraftError) return error
    throw error
  })
  if (best !== null && !(best instanceof GraftError) && best.note === null) return best
  const wanted = await weightsHashes(path)
  for (const candidate of wanted.length === 0 ? [] : [latest, previousDirectory(latest)]) {
    const same = await readWhole(candidate).catch(() => null)
    if (same === null || !wanted.includes(hash('sha256', same.weights, 'hex'))) continue
    return { ...same, note: `The checkpoint ${path} is damaged. The same weights, of epoch ${same.state.epoch}, are in ${candidate}, which is used.` }
  }
  if (best instanceof GraftError) throw best
  return best
}

/** What the weights of a damaged checkpoint were: by its manifest, and by the file, since either may be the damaged one. */
async function weightsHashes(path: string): Promise<string[]> {
  const manifest = await readManifest(path).catch(() => null)
  const file = await sha256OfFile(join(path, WEIGHTS)).catch(() => null)
  return [manifest?.members[WEIGHTS]?.sha256, file].filter((value) => typeof value === 'string')
}

/** The state alone, without reading the tensors; null where there is no checkpoint whose state can be read. */
export async function readCheckpointStateIfThere(path: string): Promise<CheckpointState | null> {
  const read = (folder: string): Promise<CheckpointState | null> => readSteady(folder, readState).catch(() => null)
  return (await read(path)) ?? read(previousDirectory(path))
}
