/** What a drop in a browser holds: its folders are walked, because a browser tells no path. */
import { plural, t } from '@lingui/core/macro'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { MODEL_ENDINGS, isModelFileName } from '../../shared/domain/import'
import type { DroppedFiles } from '../state/dataset'

/** The part of the browser's FileSystemEntry that is used here. */
export type DroppedEntry = Pick<FileSystemEntry, 'name' | 'isDirectory' | 'isFile'>

function isHidden(name: string): boolean {
  return name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini' || name === '__MACOSX'
}

function isFolder(entry: DroppedEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function isFile(entry: DroppedEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

/** A folder's entries come in batches of a hundred or so, until an empty batch. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const entries: FileSystemEntry[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return entries
    entries.push(...batch)
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** The one file that was dropped, where its name is one of a model's; null for everything else. */
export async function droppedModel(entries: readonly DroppedEntry[]): Promise<File | null> {
  const [only] = entries
  return only !== undefined && entries.length === 1 && isFile(only) && isModelFileName(only.name) ? fileOf(only) : null
}

/**
 * Walks what was dropped. One folder gives its content; several (the classes themselves, say) are taken together.
 * @throws GraftError BAD_INPUT when there is no folder or nothing in it; Cancelled
 */
export async function walkDrop(entries: readonly DroppedEntry[], options: { signal: AbortSignal; onFound: (files: number) => void }): Promise<DroppedFiles> {
  const folders = entries.filter(isFolder)
  if (folders.length === 0) {
    throw new GraftError('BAD_INPUT', plural({ count: entries.length }, { one: 'A folder was expected, a file came.', other: 'A folder was expected, # files came.' }), {
      action: t`Drop the folder that has one folder for each class, or one model whose name ends in ${MODEL_ENDINGS}.`,
    })
  }
  const only = folders.length === 1 ? folders[0] : undefined
  const found: DroppedFiles['files'] = []
  let sizeBytes = 0

  const walk = async (folder: FileSystemDirectoryEntry, prefix: string): Promise<void> => {
    for (const entry of await entriesOf(folder)) {
      if (options.signal.aborted) throw new Cancelled()
      if (isHidden(entry.name)) continue
      if (isFolder(entry)) await walk(entry, `${prefix}${entry.name}/`)
      else if (isFile(entry)) {
        const file = await fileOf(entry)
        found.push({ relativePath: `${prefix}${entry.name}`, file })
        sizeBytes += file.size
        options.onFound(found.length)
      }
    }
  }
  for (const folder of folders) await walk(folder, only === undefined ? `${folder.name}/` : '')
  if (found.length === 0) {
    throw new GraftError('BAD_INPUT', only === undefined ? t`The dropped folders have no files.` : t`${{ name: only.name }} has no files.`, {
      action: t`Drop the folder that has one folder for each class.`,
    })
  }
  return { name: only?.name ?? t`Dropped folders`, files: found, sizeBytes }
}
