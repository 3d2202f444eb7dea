/** Where an export goes. */

const LONGEST_NAME = 80

/** A name that every file system takes: `Leaves / try 2` becomes `leaves-try-2`. */
export function folderName(runName: string): string {
  const name = runName
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'model' : name
}

/** `below` in the manner of the folder's own system. */
export function joinPath(folder: string, below: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/'
  return folder.endsWith(separator) ? folder + below : folder + separator + below
}

/** The folder that a folder lies in; the text itself where it names none. */
export function parentOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return end > 0 ? path.slice(0, end) : path
}

/** The name, or the first of `name-2`, `name-3` … that nothing has yet. Systems that do not tell capitals apart are heeded. */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((other) => other.toLowerCase()))
  let free = name
  for (let number = 2; used.has(free.toLowerCase()); number++) free = `${name}-${number}`
  return free
}

/** The last part of a path. */
export function lastPart(path: string): string {
  return path.split(/[/\\]/).filter((part) => part !== '').at(-1) ?? path
}
