/** A checkpoint: weights, optimizer and state in a folder whose manifest names every member with its hash. Whole or not at all. */
import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GraftError } from '../../shared/domain/error'
import { checkpointManifestSchema, checkpointStateSchema } from '../../shared/domain/run'
import type { CheckpointManifest, CheckpointState } from '../../shared/domain/run'
import { atomicDirectory, isThere, previousDirectory, writeVerified } from './atomic-write'
import { parseJson, readJsonFileIfThere } from './json-file'
import { systemCode, toStorageError } from './storage-error'

const WEIGHTS = 'weights.safetensors'
const OPTIMIZER = 'optimizer.safetensors'
const STATE = 'state.json'
const MANIFEST = 'manifest.json'
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

/** Writes the checkpoint folder at `path`; the old one stays until every byte of the new one was read back. */
export async function writeCheckpointFolder(path: string, content: CheckpointContent): Promise<void> {
  const state = Buffer.from(`${JSON.stringify(checkpointStateSchema.parse(content.state))}\n`, 'utf8')
  const members: [string, Uint8Array][] = [[WEIGHTS, content.weights], [STATE, state]]
  if (content.optimizer !== null) members.push([OPTIMIZER, content.optimizer])
  const neededBytes = members.reduce((sum, [, bytes]) => sum + bytes.length, 4096)
  await atomicDirectory(path, async (temporary) => {
    try {
      const manifest: CheckpointManifest = { version: 1, members: {} }
      for (const [name, bytes] of members) manifest.members[name] = await writeVerified(join(temporary, name), bytes, { verifyHash: true })
      await writeVerified(join(temporary, MANIFEST), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8'))
    } catch (error) {
      throw toStorageError(error, path, neededBytes)
    }
  })
}

/** Reads one folder and checks every member's hash; null where there is none. */
async function readWhole(path: string): Promise<CheckpointContent | null> {
  if (!(await isThere(path))) return null
  const manifest = await readJsonFileIfThere(join(path, MANIFEST), checkpointManifestSchema)
  if (manifest === null) throw damaged(path, MANIFEST, 'it is missing')
  const read = async (name: string): Promise<Uint8Array> => {
    const expected = manifest.members[name]
    if (expected === undefined) throw damaged(path, name, 'the manifest does not name it')
    let bytes: Buffer
    try {
      bytes = await readFile(join(path, name))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw damaged(path, name, 'it is missing')
      throw error
    }
    if (bytes.length !== expected.sizeBytes) throw damaged(path, name, `${expected.sizeBytes} bytes were written, ${bytes.length} are there`)
    if (hash('sha256', bytes, 'hex') !== expected.sha256) throw damaged(path, name, 'its hash differs from the one written')
    return bytes
  }
  const state = parseJson(Buffer.from(await read(STATE)).toString('utf8'), checkpointStateSchema, join(path, STATE))
  return { weights: await read(WEIGHTS), optimizer: manifest.members[OPTIMIZER] === undefined ? null : await read(OPTIMIZER), state }
}

async function manifestBytes(path: string): Promise<Buffer | null> {
  return readFile(join(path, MANIFEST)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    throw error
  })
}

/** As `readWhole`, but what was replaced or moved away while it was read is not taken for damaged or missing. */
async function readSteady(path: string): Promise<CheckpointContent | null> {
  for (let attempt = 1; ; attempt++) {
    const before = await manifestBytes(path)
    try {
      const read = await readWhole(path)
      if (read !== null || attempt === READ_ATTEMPTS) return read
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
 * The checkpoint at `path`, or the one that an interrupted replacement left aside; null where there is neither.
 * @throws GraftError MISMATCH naming the damaged member, where nothing whole is left
 */
export async function readCheckpointFolder(path: string): Promise<ReadCheckpoint | null> {
  try {
    const newest = await readSteady(path)
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

/** The state alone, without reading the tensors; null where there is no checkpoint that can be read. */
export async function readCheckpointStateIfThere(path: string): Promise<CheckpointState | null> {
  const read = (folder: string): Promise<CheckpointState | null> => readJsonFileIfThere(join(folder, STATE), checkpointStateSchema)
  // The third look is for a replacement that ended between the first two.
  return (await read(path)) ?? (await read(previousDirectory(path))) ?? read(path)
}
