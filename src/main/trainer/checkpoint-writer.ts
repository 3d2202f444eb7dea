/** Writes a run's checkpoints on a thread: training does not wait for the disk, nor for hashes and what is read back. */
import { Worker } from 'node:worker_threads'
import { type Failure, GraftError } from '../../shared/domain/error'
import type { Keepsake } from './checkpoint-keeping'
import threadText from './checkpoint-thread.ts?thread'

export class CheckpointWriter {
  private readonly worker: Worker
  private readonly ended: Promise<never>

  constructor(runDirectory: string) {
    this.worker = new Worker(threadText, { eval: true, workerData: runDirectory })
    // What keeps the process alive is its work, not a thread that waits for some.
    this.worker.unref()
    this.ended = new Promise((_, reject) => {
      this.worker.on('error', reject)
      this.worker.on('exit', () => reject(new GraftError('CRASHED', 'The thread that writes checkpoints ended before its work did.', { action: 'Resume goes on from the last checkpoint.' })))
    })
    this.ended.catch(() => undefined)
  }

  /** One at a time. The tensors' memory is the thread's from then on. @throws as `keep` */
  async write(keepsake: Keepsake): Promise<void> {
    const { weights, optimizer } = keepsake.checkpoint
    const answer = new Promise<Failure | null>((resolve) => this.worker.once('message', resolve))
    this.worker.ref()
    try {
      this.worker.postMessage(keepsake, transferable(weights, optimizer))
      const failure = await Promise.race([answer, this.ended])
      if (failure !== null) throw GraftError.fromFailure(failure)
    } finally {
      this.worker.unref()
    }
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }
}

/** The buffers that hold nothing else. */
function transferable(...parts: (Uint8Array | null)[]): ArrayBuffer[] {
  return parts.flatMap((bytes) => (bytes !== null && bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength ? [bytes.buffer] : []))
}
