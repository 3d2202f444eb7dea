/** Threads that fill the picture cache, so that the main one is free for other things and all cores decode. What they leave is the main one's to do. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import threadText from './picture-thread.ts?thread'
import { plainJpegKernel } from './plain-jpeg'
import type { PictureTask } from './prepare-picture'

/** Bytes of the picture's file in the cache; null where the thread has left it. */
type Answer = number | null

/** Does one task after the other and answers in their order. */
class Thread {
  private readonly worker = new Worker(threadText, { eval: true })
  private readonly waiting: ((answer: Answer) => void)[] = []
  private hasEnded = false

  constructor() {
    this.worker.on('message', (answer: Answer) => this.waiting.shift()?.(answer))
    this.worker.on('error', () => this.end())
    this.worker.on('exit', () => this.end())
  }

  get load(): number {
    return this.waiting.length
  }

  work(task: PictureTask): Promise<Answer> {
    if (this.hasEnded) return Promise.resolve(null)
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      this.worker.postMessage(task)
    })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }

  private end(): void {
    this.hasEnded = true
    for (const resolve of this.waiting.splice(0)) resolve(null)
  }
}

export class PictureThreads {
  private readonly threads: Thread[] = []
  private readonly maximum: number
  private isClosed = false

  /** At most so many threads, and no more than there are cores; each is started when there is work for it. */
  constructor(maximum: number) {
    this.maximum = Math.max(1, Math.min(maximum, availableParallelism()))
  }

  /**
   * Decodes a picture into the cache, and into its target where there is one.
   *
   * @returns bytes of its file; null for a picture that has to be decoded in another way, whatever the reason
   */
  async prepare(task: PictureTask): Promise<number | null> {
    return this.isClosed ? null : await this.leastBusy().work(task)
  }

  /** Ends the threads; tasks under way answer null. */
  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all(this.threads.splice(0).map((thread) => thread.close()))
  }

  private leastBusy(): Thread {
    const least = this.threads.reduce<Thread | null>((found, thread) => (found === null || thread.load < found.load ? thread : found), null)
    if (least !== null && (least.load === 0 || this.threads.length === this.maximum)) return least
    // The next load's threads find it compiled.
    plainJpegKernel()
    const started = new Thread()
    this.threads.push(started)
    return started
  }
}
