/** Folders that the studio may look into and write to. The browser door is confined to roots; the desktop is not. */
import { mkdir, readdir, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { PICTURE_FILE_NAME } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { isModelFileName } from '../../shared/domain/import'
import { isBelow } from '../storage/run-registry'
import { systemCode } from '../storage/storage-error'

export interface Folder {
  path: string
  parent: string | null
  folders: { name: string; path: string }[]
  /** Pictures directly in the folder, to recognise it by. */
  pictures: number
  /** Files directly in the folder that may hold a model. */
  models: { name: string; path: string; sizeBytes: number }[]
}

export class FilesService {
  /**
   * @param roots null: everything that this user can read
   * @param ownRoots folders of ours that may be opened besides: uploads and the sample; they are not listed
   */
  constructor(
    private readonly roots: readonly string[] | null,
    private readonly ownRoots: readonly string[] = [],
  ) {}

  /** The real path, which must lie below a root. Links are followed first, so that none leads out. @throws GraftError REFUSED, NOT_FOUND */
  async confine(path: string): Promise<string> {
    if (path.includes('\0')) throw refused(path)
    const full = resolve(path)
    const real = await realPathOf(full)
    if (this.roots === null) return real
    for (const root of [...this.roots, ...this.ownRoots]) {
      const realRoot = await realpath(root).catch(() => null)
      if (realRoot !== null && isBelow(real, realRoot)) return real
    }
    throw refused(path)
  }

  /** The same for something that is yet to be made: its nearest existing folder must lie below a root. */
  async confineNew(path: string): Promise<string> {
    if (path.includes('\0')) throw refused(path)
    const full = resolve(path)
    const missing: string[] = []
    let existing = full
    for (;;) {
      try {
        const real = await this.confine(existing)
        return join(real, ...missing)
      } catch (error) {
        if (!(error instanceof GraftError) || error.code !== 'NOT_FOUND' || dirname(existing) === existing) throw error
        missing.unshift(basename(existing))
        existing = dirname(existing)
      }
    }
  }

  async list(input: { path: string }): Promise<Folder> {
    if (input.path === '') return this.listRoots()
    const path = await this.confine(input.path)
    const folders: Folder['folders'] = []
    const models: Folder['models'] = []
    let pictures = 0
    let entries
    try {
      entries = await readdir(path, { withFileTypes: true })
    } catch (error) {
      if (systemCode(error) === 'ENOTDIR') throw new GraftError('BAD_INPUT', `${path} is a file; a folder was expected.`, { action: 'Choose the folder that it lies in.' })
      throw error
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await isFolderInside(this, join(path, entry.name))))
      if (isFolder) folders.push({ name: entry.name, path: join(path, entry.name) })
      else if (PICTURE_FILE_NAME.test(entry.name)) pictures++
      else if (isModelFileName(entry.name)) {
        const sizeBytes = await fileSizeInside(this, join(path, entry.name))
        if (sizeBytes !== null) models.push({ name: entry.name, path: join(path, entry.name), sizeBytes })
      }
    }
    const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name, 'en', { numeric: true })
    folders.sort(byName)
    models.sort(byName)
    const parent = dirname(path)
    const mayGoUp = parent !== path && (await this.confine(parent).then(() => true, () => false))
    return { path, parent: mayGoUp ? parent : this.roots === null ? null : '', folders, pictures, models }
  }

  async makeFolder(input: { parent: string; name: string }): Promise<Folder> {
    const parent = await this.confine(input.parent)
    if (/[/\\\0]/.test(input.name) || input.name === '.' || input.name === '..' || input.name.startsWith('.')) {
      throw new GraftError('BAD_INPUT', `"${input.name}" cannot be a folder's name.`, { action: 'Choose a name without slashes that does not begin with a dot.' })
    }
    const path = join(parent, input.name)
    try {
      await mkdir(path)
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw new GraftError('CONFLICT', `${path} exists already.`, { action: 'Choose another name.' })
      throw error
    }
    return this.list({ path })
  }

  private async listRoots(): Promise<Folder> {
    if (this.roots === null) return this.list({ path: homedir() })
    const folders = this.roots.map((root) => ({ name: root, path: resolve(root) }))
    return { path: '', parent: null, folders, pictures: 0, models: [] }
  }
}

async function isFolderInside(files: FilesService, path: string): Promise<boolean> {
  try {
    return (await stat(await files.confine(path))).isDirectory()
  } catch {
    return false
  }
}

/** Null where it is no file, is gone, or is a link that leads out. */
async function fileSizeInside(files: FilesService, path: string): Promise<number | null> {
  try {
    const found = await stat(await files.confine(path))
    return found.isFile() ? found.size : null
  } catch {
    return null
  }
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new GraftError('NOT_FOUND', `${path} does not exist.`, { action: 'Check the path.' })
    if (code === 'ELOOP') throw new GraftError('NOT_FOUND', `${path} is a link that leads to itself.`, { action: 'Check the link.' })
    throw error
  }
}

function refused(path: string): GraftError {
  return new GraftError('REFUSED', `${path.replaceAll('\0', '')} lies outside the folders that this studio may use.`, {
    action: 'Choose a folder below the listed ones, or start with --root FOLDER.',
  })
}
