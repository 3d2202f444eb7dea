/** The code of a thread that writes a run's checkpoints; `checkpoint-writer.ts` starts it from its text. */
import { parentPort, workerData } from 'node:worker_threads'
import { toFailure } from '../../shared/domain/error'
import { RunFolder } from '../storage/run-folder'
import { keep, type Keepsake } from './checkpoint-keeping'

const folder = RunFolder.open(String(workerData))

parentPort?.on('message', (keepsake: Keepsake) => {
  void folder
    .then((opened) => keep(opened, keepsake))
    .then(() => parentPort?.postMessage(null), (error: unknown) => parentPort?.postMessage(toFailure(error)))
})
