/** Opens what lies at a path of this machine, by what it is: a model's file, a run, else a folder of pictures. */
import { isModelFileName } from '../../shared/domain/import'
import { openDataset } from '../state/dataset'
import { client, host } from '../state/host'
import { openImportWith, sourceAt } from '../state/import'
import { report } from '../state/machine'
import { go } from '../state/place'
import { screenOf } from '../state/run-screen'

async function open(path: string): Promise<void> {
  if (isModelFileName(path)) return openImportWith(sourceAt(path))
  const { runId } = await client().runs.at({ path })
  if (runId === null) {
    go('dataset')
    return openDataset(path)
  }
  const { run } = await client().runs.get({ runId })
  go(screenOf(run), { runId })
}

export function openPath(path: string): void {
  open(path).catch(report)
}

/** What is dropped on the program's icon, or double-clicked in the file manager. */
export function watchOpenRequests(): void {
  host().onOpenRequested?.(openPath)
}
