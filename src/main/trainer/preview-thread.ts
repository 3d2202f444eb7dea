/** One thread that augments for a preview, so that neither the window's calls nor a run's events wait for it. Started when first needed. */
import { Worker } from 'node:worker_threads'
import { Cancelled } from '../../shared/domain/error'
import type { SharedBatch } from '../engine/train/augment-batch'
import workerText from '../engine/train/augmentation-worker.ts?thread'

interface Waiting {
  resolve: () => void
  reject: (error: Error) => void
}

export class PreviewThread {
  private worker: Worker | null = null
  private waiting: Waiting[] = []

  /** Rejects with what the thread threw; the next batch then has a new one. */
  work(batch: SharedBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      const worker = (this.worker ??= this.started())
      worker.ref()
      worker.postMessage(batch)
    })
  }

  /** What is under way is cancelled. */
  async close(): Promise<void> {
    for (const { reject } of this.waiting.splice(0)) reject(new Cancelled())
    await this.worker?.terminate()
  }

  private started(): Worker {
    const worker = new Worker(workerText, { eval: true })
    const end = (error: Error): void => {
      // Its exit comes after its error: what waits by then is the next one's.
      if (this.worker !== worker) return
      this.worker = null
      for (const { reject } of this.waiting.splice(0)) reject(error)
    }
    worker.on('message', () => {
      this.waiting.shift()?.resolve()
      // It does not keep the program alive but while it works.
      if (this.waiting.length === 0) worker.unref()
    })
    worker.on('error', end)
    worker.on('exit', () => end(new Error('The thread that makes previews ended.')))
    return worker
  }
}
