/** The pictures that paths on the command line stand for. */
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PICTURE_FILE_NAME, PICTURE_FORMAT_NAMES } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'

/**
 * Absolute paths; those of a folder sorted by code unit, hidden files and folders passed over, links to folders not followed.
 * @throws GraftError NOT_FOUND where a path does not exist, BAD_INPUT where there is no picture
 */
export async function listPictures(paths: readonly string[], workingDirectory: string): Promise<string[]> {
  const pictures: string[] = []
  for (const given of paths) {
    const path = resolve(workingDirectory, given)
    const found = await stat(path).catch(() => null)
    if (found === null) throw new GraftError('NOT_FOUND', `There is no picture or folder ${path}.`, { action: 'Check the path.' })
    if (found.isDirectory()) await walk(path, pictures)
    else if (found.isFile()) pictures.push(path)
    else throw new GraftError('BAD_INPUT', `${path} is neither a file nor a folder.`, { action: 'Give the path of a picture or of a folder.' })
  }
  if (pictures.length === 0) {
    throw new GraftError('BAD_INPUT', `Pictures were expected (${PICTURE_FORMAT_NAMES}), but there are none below ${paths.join(', ')}.`, {
      action: 'Give a picture or a folder that holds pictures.',
    })
  }
  return pictures
}

async function walk(folder: string, pictures: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await walk(path, pictures)
    // In folders only: a file that is named is tried whatever its name ends with.
    else if (PICTURE_FILE_NAME.test(entry.name) && (entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isFile() === true))) pictures.push(path)
  }
}
