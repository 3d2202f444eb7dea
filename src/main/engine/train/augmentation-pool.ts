/**
 * Threads that augment pictures while the main one waits for TensorFlow. The known pools (tinypool, piscina) start a thread from a file's
 * path alone, and in the tests there is no file that Node could run; what is needed of one is this little.
 */
import { Worker } from 'node:worker_threads'
import { intraOpThreads } from '../runtime/tensorflow'
import { type BatchDraw, type BatchRoom, drawShared, type SharedBatch, sharedRoom, workOn } from './augment-batch'
import workerText from './augmentation-worker.ts?thread'

/** One thread keeps up with most networks, four with all. */
const MAXIMUM_THREADS = 4
/** Fewer pictures are done at once where they are asked for. */
const FEWEST_POSTED = 3

interface Waiting {
  resolve: () => void
  reject: (error: Error) => void
}

/** Does its part of one batch after the other. Does not keep the process alive but while it works. */
class Thread {
  hasEnded = false
  /** At work on batches so far. */
  busyMs = 0
  private readonly worker = new Worker(workerText, { eval: true })
  private readonly waiting: Waiting[] = []

  constructor() {
    this.worker.on('message', (tookMs: number) => {
      this.busyMs += tookMs
      this.waiting.shift()?.resolve()
      if (this.waiting.length === 0) this.worker.unref()
    })
    this.worker.on('error', (error) => {
      this.end(error)
    })
    this.worker.on('exit', () => {
      this.end(new Error('A thread that augments pictures ended.'))
    })
    this.worker.unref()
  }

  work(batch: SharedBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.worker.ref()
      this.worker.postMessage(batch)
    })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }

  private end(error: Error): void {
    this.hasEnded = true
    for (const { reject } of this.waiting.splice(0)) reject(error)
  }
}

export class AugmentationPool {
  private threads: Thread[] = []
  private endedThreadsMs = 0
  private readonly free: BatchRoom[] = []

  /** With no threads everything is done in place. */
  constructor(private readonly threadCount: number) {}

  /** Room for `count` pictures of this side, whose pixels are to be written. Give it back when its pictures have been used. */
  takeRoom(count: number, side: number): BatchRoom {
    const length = count * side * side * 3
    // One that is too small is of no use to the larger batches that are to come.
    const room = this.free.pop()
    const { pixels, pictures, next } = room === undefined || room.pictures.buffer.byteLength < 4 * length ? sharedRoom(length) : room
    return { pixels: new Uint8Array(pixels.buffer, 0, length), pictures: new Float32Array(pictures.buffer, 0, length), next }
  }

  giveBack(room: BatchRoom): void {
    this.free.push(room)
  }

  /**
   * The room's pixels, uint8 [N, side, side, 3], → its pictures, float32 in 0…1, moved, changed, coloured and covered as drawn: the same
   * to the bit whatever the number of threads. Rejects with what a thread threw; the next batch then has a new thread.
   */
  async augment(room: BatchRoom, draw: BatchDraw, erasingColour: readonly number[]): Promise<void> {
    const batch = drawShared(room, draw, erasingColour)
    const { length } = draw.pictureKeys
    if (this.threadCount === 0 || length < FEWEST_POSTED) {
      workOn(batch)
      return
    }
    // Whatever becomes of one, the others are done with the room before anything else happens to it.
    const ended = await Promise.allSettled(this.started(Math.min(this.threadCount, length)).map((thread) => thread.work(batch)))
    for (const part of ended) if (part.status === 'rejected') throw part.reason
  }

  /** Ends the threads; what is under way is rejected. */
  async close(): Promise<void> {
    await Promise.all(this.threads.splice(0).map((thread) => thread.close()))
  }

  /** What all threads together have worked so far, milliseconds. */
  get busyMs(): number {
    return this.threads.reduce((sum, { busyMs }) => sum + busyMs, this.endedThreadsMs)
  }

  private started(count: number): Thread[] {
    for (const { hasEnded, busyMs } of this.threads) if (hasEnded) this.endedThreadsMs += busyMs
    this.threads = this.threads.filter((thread) => !thread.hasEnded)
    while (this.threads.length < count) this.threads.push(new Thread())
    return this.threads.slice(0, count)
  }
}

let pool: AugmentationPool | null = null

/** The one of this process. Its threads end with the process. */
export const augmentationPool = (): AugmentationPool => (pool ??= new AugmentationPool(Math.min(MAXIMUM_THREADS, intraOpThreads())))
