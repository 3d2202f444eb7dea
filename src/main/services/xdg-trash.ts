/**
 * The trash of a Linux desktop (freedesktop.org Trash specification 1.0): folders are renamed into it with a note of where they lay, so that the file
 * manager can put them back, and we too. Own code and not a package: those do not tell where a thing lies afterwards, which undoing needs.
 */
import { lstat, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { isThere, syncFolder } from '../storage/atomic-write'
import { systemCode, toStorageError } from '../storage/storage-error'

export interface Trashed {
  /** Where it lay. */
  readonly from: string
  /** Where it lies, and its note. */
  readonly to: string
  readonly note: string
}

function homeTrash(env: NodeJS.ProcessEnv): string {
  const data = env['XDG_DATA_HOME']
  return join(data === undefined || data === '' ? join(homedir(), '.local', 'share') : data, 'Trash')
}

/** A trash that nobody empties only fills the disk, so there is one where a desktop made it or is running. */
async function hasTrash(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== 'linux') return false
  const hasDesktop = ['XDG_CURRENT_DESKTOP', 'WAYLAND_DISPLAY', 'DISPLAY'].some((name) => (env[name] ?? '') !== '')
  return hasDesktop || (await isThere(homeTrash(env)))
}

/** The top folder of the file system that the path lies on. */
async function topFolder(path: string): Promise<string> {
  const { dev } = await stat(path)
  let top = path
  for (;;) {
    const above = dirname(top)
    if (above === top || (await stat(above)).dev !== dev) return top
    top = above
  }
}

const noTrash = (why: string): GraftError => new GraftError('UNSUPPORTED', why, { action: 'Delete the run for good, or keep it.' })

/** The spec's date: local, without a zone. */
function deletionDate(now: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}T${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
}

/** Begins the note of a name that is not taken yet; the note comes first and is made by one process only, as the spec asks. */
async function reserveName(trash: string, path: string, notedPath: string): Promise<{ name: string; note: string }> {
  const text = `[Trash Info]\nPath=${notedPath.split('/').map(encodeURIComponent).join('/')}\nDeletionDate=${deletionDate(new Date())}\n`
  for (let number = 1; ; number++) {
    const name = number === 1 ? basename(path) : `${basename(path)}.${number}`
    const note = join(trash, 'info', `${name}.trashinfo`)
    // Not every program writes a note.
    if (await isThere(join(trash, 'files', name))) continue
    try {
      await writeFile(note, text, { flag: 'wx', mode: 0o600 })
      return { name, note }
    } catch (error) {
      if (systemCode(error) === 'EEXIST') continue
      // Half of a note, as on a full disk.
      await rm(note, { force: true })
      throw error
    }
  }
}

async function moveInto(trash: string, path: string, notedPath = path): Promise<Trashed> {
  await mkdir(join(trash, 'files'), { recursive: true, mode: 0o700 })
  await mkdir(join(trash, 'info'), { recursive: true, mode: 0o700 })
  const { name, note } = await reserveName(trash, path, notedPath)
  const to = join(trash, 'files', name)
  try {
    await rename(path, to)
  } catch (error) {
    await rm(note, { force: true })
    throw error
  }
  return { from: path, to, note }
}

/** The trash at the top of a disk, where everybody may write: only a folder of this user's own is one. @throws the system's error */
async function trashAt(top: string): Promise<string> {
  const user = process.getuid?.() ?? 0
  const trash = join(top, `.Trash-${user}`)
  await mkdir(trash, { mode: 0o700 }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error
  })
  const found = await lstat(trash)
  if (!found.isDirectory() || found.uid !== user) throw new GraftError('UNSUPPORTED', `${trash} is not this user's own.`)
  return trash
}

/** Moves a folder to the trash. @throws GraftError UNSUPPORTED where there is none that takes it */
export async function moveToTrash(folder: string, env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): Promise<Trashed> {
  const path = resolve(folder)
  if (!(await hasTrash(env, platform))) throw noTrash('This machine has no trash.')
  try {
    return await moveInto(homeTrash(env), path)
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw noTrash(`The trash does not take ${path} (${systemCode(error) ?? 'unknown reason'}).`)
  }
  // Another disk has a trash of its own, at its top; its notes say the path from there.
  try {
    const top = await topFolder(path)
    return await moveInto(await trashAt(top), path, relative(top, path))
  } catch (error) {
    throw noTrash(`The disk that ${path} lies on has no trash (${error instanceof GraftError ? error.message : (systemCode(error) ?? 'unknown reason')}).`)
  }
}

/** Puts it back where it lay. @throws GraftError CONFLICT, NOT_FOUND, STORAGE */
export async function putBack({ from, to, note }: Trashed): Promise<void> {
  if (await isThere(from)) throw new GraftError('CONFLICT', `Something else lies at ${from} now.`, { action: 'Move it away and put the run back from the trash.' })
  try {
    await mkdir(dirname(from), { recursive: true })
    await rename(to, from)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw toStorageError(error, from, 0)
    throw new GraftError('NOT_FOUND', `${basename(from)} is no longer in the trash.`, { action: 'It was emptied or put back elsewhere.' })
  }
  await syncFolder(dirname(from))
  await rm(note, { force: true })
}
