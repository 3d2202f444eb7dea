/** The queue's file, changed by one process at a time: a window and commands may do so at once. */
import { dirname } from 'node:path'
import { EMPTY_QUEUE, type QueueFile, queueFileSchema } from '../../shared/domain/queue'
import { makeFolder } from './atomic-write'
import { readJsonFileIfThere, writeJsonFile } from './json-file'
import { acquireMachineLock } from './machine-lock'

/** @throws GraftError UNREADABLE, STORAGE */
export async function readQueue(path: string): Promise<QueueFile> {
  return (await readJsonFileIfThere(path, queueFileSchema)) ?? EMPTY_QUEUE
}

/** Replaces the queue with what `change` makes of it; the same object: nothing is written. Resolves with what holds then. */
export async function changeQueue(path: string, change: (file: QueueFile) => QueueFile): Promise<QueueFile> {
  await makeFolder(dirname(path))
  const release = await acquireMachineLock('list of runs to come', { path: `${path}.lock` })
  try {
    const before = await readQueue(path)
    const after = change(before)
    if (after !== before) await writeJsonFile(path, queueFileSchema, after)
    return after
  } finally {
    await release()
  }
}
