/** A folder that there is not yet. */
import { client } from '../../state/host'
import { folderName, freeName, joinPath } from './export-folder'

/** In `parent`, named as the run. */
export async function freeFolder(parent: string, runName: string): Promise<string> {
  const taken = await client()
    .files.list({ path: parent })
    .then(({ folders }) => folders.map(({ name }) => name))
    .catch(() => []) // a parent that is not there yet holds nothing
  return joinPath(parent, freeName(folderName(runName), taken))
}
