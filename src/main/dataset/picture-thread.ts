/** The code of a thread that fills the cache; `picture-threads.ts` starts it from its text. */
import { parentPort } from 'node:worker_threads'
import { type PictureTask, preparePicture } from './prepare-picture'

parentPort?.on('message', (task: PictureTask) => {
  parentPort?.postMessage(preparePicture(task))
})
