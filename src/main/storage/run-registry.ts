/** All runs of this user: those below the runs folder, and those made elsewhere with `--out`, which a small file remembers. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { z } from 'zod'
import { GraftError, toFailure } from '../../shared/domain/error'
import type { Failure } from '../../shared/domain/error'
import type { RunRecord } from '../../shared/domain/run'
import { isThere } from './atomic-write'
import { readJsonFileIfThere, writeJsonFile } from './json-file'
import { acquireMachineLock } from './machine-lock'
import { RunFolder } from './run-folder'
import { systemCode } from './storage-error'

const registrySchema = z.object({ version: z.literal(1), directories: z.array(z.string()) })

export interface FoundRun {
  folder: RunFolder
  record: RunRecord
}

/** What a run folder's place could not be read for; the others are listed all the same. */
export interface UnreadableRun {
  directory: string
  failure: Failure
}

/** Records by folder, with what tells that the file is still the same: the list is looked through every few seconds, and a thousand runs are much to parse. */
const knownRecords = new Map<string, { stamp: string; record: RunRecord }>()

async function recordOf(folder: RunFolder): Promise<RunRecord> {
  // A record is never rewritten in place: each is a new file, with another inode.
  const { ino, mtimeNs, size } = await stat(join(folder.directory, 'run.json'), { bigint: true })
  const stamp = `${ino} ${mtimeNs} ${size}`
  const known = knownRecords.get(folder.directory)
  if (known?.stamp === stamp) return known.record
  const record = await folder.record()
  knownRecords.set(folder.directory, { stamp, record })
  return record
}

/** Remembers a run that lies outside the runs folder. Several may do so at once, also in other processes: each is kept. */
export async function registerRun(directory: string, runsDirectory: string, registryFile: string): Promise<void> {
  const path = resolve(directory)
  if (dirname(path) === resolve(runsDirectory)) return
  const known = async (): Promise<string[]> => (await readJsonFileIfThere(registryFile, registrySchema))?.directories ?? []
  if ((await known()).includes(path)) return
  const release = await acquireMachineLock('list of runs elsewhere', { path: `${registryFile}.lock` })
  try {
    const directories = await known()
    if (!directories.includes(path)) await writeJsonFile(registryFile, registrySchema, { version: 1, directories: [...directories, path] })
  } finally {
    await release()
  }
}

/** Every run that can be found, newest first, each by one folder. A folder that is gone or holds no run is passed over; copies are told with what cannot be read. */
export async function discoverRuns(runsDirectory: string, registryFile: string): Promise<{ runs: FoundRun[]; unreadable: UnreadableRun[] }> {
  const directories = new Set<string>()
  try {
    for (const entry of await readdir(runsDirectory, { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) directories.add(resolve(runsDirectory, entry.name))
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
  const unreadable: UnreadableRun[] = []
  const remembered = new Set<string>()
  try {
    for (const directory of (await readJsonFileIfThere(registryFile, registrySchema))?.directories ?? []) remembered.add(directory)
  } catch (error) {
    unreadable.push({ directory: registryFile, failure: toFailure(error) })
  }
  const found: FoundRun[] = []
  for (const directory of new Set([...directories, ...remembered])) {
    try {
      if (!(await isThere(join(directory, 'run.json')))) continue
      const folder = await RunFolder.open(directory)
      found.push({ folder, record: await recordOf(folder) })
    } catch (error) {
      unreadable.push({ directory, failure: toFailure(error) })
    }
  }
  const runs = new Map<string, FoundRun>()
  for (const run of found.sort((a, b) => likelihood(b, remembered) - likelihood(a, remembered))) {
    const first = runs.get(run.record.run_id)
    if (first === undefined) runs.set(run.record.run_id, run)
    else if (!(await isSameFolder(first.folder.directory, run.folder.directory))) unreadable.push({ directory: run.folder.directory, failure: toFailure(copyOf(run.folder, first.folder)) })
  }
  const newestFirst = [...runs.values()].sort((a, b) => (a.record.created_at < b.record.created_at ? 1 : a.record.created_at > b.record.created_at ? -1 : 0))
  return { runs: newestFirst, unreadable }
}

/** Which of several folders with one run is the run and not a copy that somebody made: one named as runs are here, then one that was made elsewhere. */
function likelihood({ folder: { directory }, record }: FoundRun, remembered: ReadonlySet<string>): number {
  if (basename(directory) === record.run_id) return 2
  return remembered.has(directory) ? 1 : 0
}

/** Also by links. */
export async function isSameFolder(a: string, b: string): Promise<boolean> {
  // One that has just gone has no other name.
  const [realA, realB] = await Promise.all([a, b].map((path) => realpath(path).catch(() => path)))
  return realA === realB
}

export function copyOf(folder: RunFolder, run: RunFolder): GraftError {
  return new GraftError('CONFLICT', `${folder.directory} is a copy of the run in ${run.directory}.`, { action: 'Open that one; or move that folder away, and this one takes its place.' })
}

/** A path with the separator at its end, so that a sibling with a longer name is not taken for a child. */
export function isBelow(path: string, root: string): boolean {
  const base = resolve(root)
  const full = resolve(path)
  return full === base || full.startsWith(base.endsWith(sep) ? base : base + sep)
}
