/**
 * Runs that a door which is confined to folders may take in. A run's folder names other places: its pictures' folder, and whatever a link in it leads to. Once a
 * run is listed those are read without another question, so that they are asked about before.
 */
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { RunFolder } from '../storage/run-folder'
import { isBelow } from '../storage/run-registry'
import type { FilesService } from './files'
import type { RunBook } from './run-book'

/** @throws GraftError REFUSED where the run or what it names lies outside, or it was uploaded; NOT_FOUND where a link leads nowhere */
export async function requireConfined(folder: RunFolder, { files, runs, uploads }: { files: FilesService; runs: Pick<RunBook, 'folder'>; uploads: string }): Promise<void> {
  const { directory } = folder
  const realUploads = await realpath(uploads).catch(() => null)
  if (realUploads !== null && isBelow(directory, realUploads)) {
    throw new GraftError('REFUSED', 'The run was uploaded, and a run is opened only where it lies on this machine.', { action: 'Copy its folder below one of the listed folders.' })
  }
  await files.confine(join(directory, 'run.json'))
  const { run_id: runId, name } = await folder.record()
  if (await isListed(runId, directory, runs)) return
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) await files.confine(join(entry.parentPath, entry.name))
  }
  const { root, pictures } = await folder.manifest()
  if (root === '' && pictures.length === 0) return
  const strays = pictures.some(({ path }) => path.includes('\0') || !isBelow(join(root, path), root))
  const isOutside = strays || (await files.confineNew(root).then(() => false, isRefusal))
  if (isOutside) {
    throw new GraftError('REFUSED', `${name} has pictures outside the folders that this studio may use.`, { action: `Start with --root and the folder of its pictures, or open it in the studio's own window.` })
  }
}

/** Nothing is gained by refusing what every list shows. */
async function isListed(runId: string, directory: string, runs: Pick<RunBook, 'folder'>): Promise<boolean> {
  const known = await runs.folder(runId).catch(() => null)
  return known !== null && (await realpath(known.directory)) === directory
}

function isRefusal(error: unknown): boolean {
  if (error instanceof GraftError && error.code === 'REFUSED') return true
  throw error
}
