/** Finds the class folders of a dataset and every file below them. Opens no file. */
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { DatasetLayout, Ignored, SetAside, Split } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { throwIfCancelled } from './cancellation'

export interface FoundFile {
  /** Relative to the root, with forward slashes. */
  path: string
  className: string
  givenSplit: Split | null
}

export interface FoundFiles {
  layout: DatasetLayout
  /** Every class that has a folder, in no order. */
  classNames: Set<string>
  files: FoundFile[]
  setAside: SetAside[]
  ignored: Ignored[]
}

const SPLIT_NAMES: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
}

const SYSTEM_NAMES = new Set([
  'thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  'icon\r',
  '__macosx',
  '__pycache__',
  'node_modules',
  '$recycle.bin',
  'system volume information',
  'lost+found',
  '@eadir',
])

const EXPECTED = 'Expected a folder with one sub-folder for each class (or train and val folders that hold the class folders)'
const ARRANGE = 'Put the pictures of each class into a folder of their own, side by side, and choose the folder above them.'

/** Why a name is passed over, or null. */
function systemNameReason(name: string): string | null {
  if (SYSTEM_NAMES.has(name.toLowerCase())) return 'a system file or folder'
  return name.startsWith('.') ? 'hidden' : null
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

interface Entry {
  name: string
  kind: 'folder' | 'file' | 'linked-folder'
}

interface ClassFolder {
  path: string
  className: string
  givenSplit: Split | null
  linked: boolean
}

class Walk {
  readonly files: FoundFile[] = []
  readonly setAside: SetAside[] = []
  readonly ignored: Ignored[] = []
  /** Real paths of the folders seen, so that no link is followed twice or into a circle. */
  private readonly visited = new Set<string>()
  private readonly linkedFolders: ClassFolder[] = []

  constructor(
    private readonly root: string,
    private readonly realRoot: string,
    private readonly signal: AbortSignal | undefined,
    private readonly onFiles: (count: number) => void,
  ) {}

  /** The entries of one folder that count, sorted by name; the others go on the lists. */
  async entries(path: string): Promise<Entry[]> {
    throwIfCancelled(this.signal)
    let found: Dirent[]
    try {
      found = await readdir(join(this.root, path), { withFileTypes: true })
    } catch (error) {
      if (path === '') throw error
      const message = `The folder cannot be opened (${errorCode(error)}).`
      this.setAside.push({ path, reason: 'unreadable', message, action: 'Check its permissions and that its disk is connected.' })
      return []
    }
    found.sort((a, b) => (a.name < b.name ? -1 : 1))
    const entries: Entry[] = []
    for (const entry of found) {
      const entryPath = path === '' ? entry.name : `${path}/${entry.name}`
      const reason = systemNameReason(entry.name)
      if (reason !== null) this.ignored.push({ path: entryPath, reason })
      else if (entry.isDirectory()) entries.push({ name: entry.name, kind: 'folder' })
      else if (entry.isFile()) entries.push({ name: entry.name, kind: 'file' })
      else {
        const kind = await this.otherKind(entry, entryPath)
        if (kind !== null) entries.push({ name: entry.name, kind })
      }
    }
    return entries
  }

  private async otherKind(entry: Dirent, path: string): Promise<Entry['kind'] | null> {
    if (entry.isSymbolicLink()) {
      try {
        const target = await stat(join(this.root, path))
        if (target.isFile()) return 'file'
        if (target.isDirectory()) return 'linked-folder'
      } catch (error) {
        const reason = errorCode(error) === 'ELOOP' ? 'a link that leads to itself' : 'a link whose target cannot be reached'
        this.ignored.push({ path, reason })
        return null
      }
    }
    this.ignored.push({ path, reason: 'a pipe, socket or device, not a file' })
    return null
  }

  /** All files below a class folder. Links to folders are kept for last: a real folder always wins over a link to it. */
  async collect(folder: ClassFolder): Promise<void> {
    if (folder.linked) {
      this.linkedFolders.push(folder)
      return
    }
    this.visited.add(await realpath(join(this.root, folder.path)))
    for (const entry of await this.entries(folder.path)) {
      const path = `${folder.path}/${entry.name}`
      if (entry.kind === 'file') this.files.push({ path, className: folder.className, givenSplit: folder.givenSplit })
      else await this.collect({ ...folder, path, linked: entry.kind === 'linked-folder' })
    }
    this.onFiles(this.files.length)
  }

  async collectLinked(): Promise<void> {
    for (let folder = this.linkedFolders.shift(); folder !== undefined; folder = this.linkedFolders.shift()) {
      const target = await realpath(join(this.root, folder.path))
      const base = target.endsWith(sep) ? target : target + sep
      if (this.realRoot === target || this.realRoot.startsWith(base)) {
        this.ignored.push({ path: folder.path, reason: 'a link to a folder that contains the dataset' })
      } else if (this.visited.has(target)) {
        this.ignored.push({ path: folder.path, reason: 'a link to a folder that is already read' })
      } else {
        await this.collect({ ...folder, linked: false })
      }
    }
  }
}

const isFolder = (entry: Entry): boolean => entry.kind !== 'file'

/** The split folders among the entries, or null where the folders are classes. */
function splitFolders(entries: readonly Entry[]): Map<Entry, Split> | null {
  const found = new Map<Entry, Split>()
  let others = 0
  for (const entry of entries.filter(isFolder)) {
    const split = SPLIT_NAMES[entry.name.toLowerCase()]
    if (split === undefined) others++
    else found.set(entry, split)
  }
  const splits = new Set(found.values())
  // "train" alone beside other folders may well be a class (bus, car, train).
  return splits.has('train') && (splits.size > 1 || others === 0) ? found : null
}

function childPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`
}

/**
 * Lists the files below each class folder of `root`. Each real folder is visited once, so a circle of links ends.
 *
 * @throws GraftError NOT_FOUND, BAD_INPUT (not a folder, no class folders, fewer than two classes), UNREADABLE; Cancelled
 */
export async function findFiles(
  root: string,
  options: { signal?: AbortSignal | undefined; onFiles?: (count: number) => void } = {},
): Promise<FoundFiles> {
  let realRoot: string
  try {
    realRoot = await realpath(root)
    if (!(await stat(realRoot)).isDirectory()) {
      throw new GraftError('BAD_INPUT', `${EXPECTED}; ${root} is a file.`, { action: 'Choose the folder that holds the class folders.' })
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT')
      throw new GraftError('NOT_FOUND', `There is no folder ${root}.`, { action: 'Check the path, and that its disk is connected.' })
    throw error
  }
  const walk = new Walk(root, realRoot, options.signal, options.onFiles ?? (() => undefined))
  let base = ''
  let entries: Entry[]
  try {
    entries = await walk.entries(base)
    // One folder around everything, as unpacked archives have it, is looked into.
    for (let depth = 0; depth < 4; depth++) {
      const folders = entries.filter(isFolder)
      const only = folders[0]
      if (folders.length !== 1 || only === undefined || only.kind !== 'folder' || splitFolders(entries) !== null) break
      const inner = await new Walk(root, realRoot, options.signal, () => undefined).entries(childPath(base, only.name))
      if (!inner.some(isFolder)) break
      for (const stray of entries)
        if (stray !== only) walk.ignored.push({ path: childPath(base, stray.name), reason: 'a file beside the class folders' })
      base = childPath(base, only.name)
      entries = await walk.entries(base)
    }
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    throw new GraftError('UNREADABLE', `The folder ${root} may not be opened.`, { action: 'Check its permissions.' })
  }

  const splits = splitFolders(entries)
  const classFolders: ClassFolder[] = []
  for (const entry of entries) {
    const path = childPath(base, entry.name)
    const split = splits?.get(entry) ?? null
    if (!isFolder(entry)) walk.ignored.push({ path, reason: 'a file beside the class folders' })
    else if (splits === null) classFolders.push({ path, className: entry.name, givenSplit: null, linked: entry.kind === 'linked-folder' })
    else if (split === null) walk.ignored.push({ path, reason: 'a folder beside train, val and test' })
    else {
      for (const inner of await walk.entries(path)) {
        const innerPath = childPath(path, inner.name)
        if (!isFolder(inner)) walk.ignored.push({ path: innerPath, reason: 'a file beside the class folders' })
        else classFolders.push({ path: innerPath, className: inner.name, givenSplit: split, linked: inner.kind === 'linked-folder' })
      }
    }
  }

  const classNames = new Set(classFolders.map((folder) => folder.className))
  if (classNames.size === 0) {
    const files = entries.filter((entry) => !isFolder(entry)).length
    const came = files > 0 ? `${root} holds ${files} ${files === 1 ? 'file' : 'files'} but no folders` : `${root} holds none`
    throw new GraftError('BAD_INPUT', `${EXPECTED}; ${came}.`, { action: ARRANGE })
  }
  if (classNames.size === 1) {
    const [name] = classNames
    throw new GraftError('BAD_INPUT', `Expected at least two classes, found only "${name}" in ${root}.`, {
      action: 'Add a folder with pictures of another class beside it.',
    })
  }
  for (const folder of classFolders) await walk.collect(folder)
  await walk.collectLinked()
  return {
    layout: splits === null ? 'folder-per-class' : 'split-folders',
    classNames,
    files: walk.files,
    setAside: walk.setAside,
    ignored: walk.ignored,
  }
}
