/** The pictures in what was dropped, pasted or chosen: files as they are, folders by the names of their files. */
import { PICTURE_FILE_NAME } from '../../../shared/domain/dataset'

/** Tried pictures that are kept; the oldest go. */
export const MOST_TRIED = 48

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile

/** A folder's entries come in batches, until an empty one. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const entries: FileSystemEntry[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return entries
    entries.push(...batch)
  }
}

async function walk(folder: FileSystemDirectoryEntry, found: File[]): Promise<number> {
  let more = 0
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith('.')) continue
    if (isFolder(entry)) more += await walk(entry, found)
    else if (isFile(entry) && PICTURE_FILE_NAME.test(entry.name)) {
      if (found.length >= MOST_TRIED) more++
      else found.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)))
    }
  }
  return more
}

/** As many as are taken at once, and how many are not. @param left that were left out already */
export function firstOf(files: readonly File[], left = 0): { files: File[]; more: number } {
  return { files: files.slice(0, MOST_TRIED), more: left + Math.max(0, files.length - MOST_TRIED) }
}

/** To be called while the event is heard: what it holds is gone afterwards. @returns the pictures, and how many more there were */
export async function droppedPictures(data: Pick<DataTransfer, 'items' | 'files'>): Promise<{ files: File[]; more: number }> {
  const files = [...data.files]
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const folders = entries.filter(isFolder)
  if (folders.length === 0) return firstOf(files)
  const found: File[] = []
  let more = 0
  // A folder is among the files as well, under its name and without content.
  for (const entry of entries) {
    if (isFolder(entry)) more += await walk(entry, found)
    else if (isFile(entry)) found.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)))
  }
  return firstOf(found, more)
}
