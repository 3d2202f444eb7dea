/** The code of a thread that augments pictures; `augmentation-pool.ts` starts it from its text. What it throws ends it and is the error of the batch. */
import { parentPort } from 'node:worker_threads'
import { type SharedBatch, workOn } from './augment-batch'

parentPort?.on('message', (batch: SharedBatch) => {
  const startedMs = performance.now()
  workOn(batch)
  parentPort?.postMessage(performance.now() - startedMs)
})
