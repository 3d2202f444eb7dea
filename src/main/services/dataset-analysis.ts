/** One look at the pixels of each open dataset, shared by all who wait for it: the window's health panel, a run that is started. */
import type { Scan } from '../../shared/domain/dataset'
import { Cancelled } from '../../shared/domain/error'
import type { Measurement } from '../../shared/domain/health'
import { findLookAlikes } from '../dataset/look-alikes'
import type { LookAlikes } from '../dataset/look-alikes'
import { measureDataset, measurementsFile } from '../dataset/measure-dataset'
import type { Report } from './progress-stream'

export interface Analysis {
  readonly measurements: ReadonlyMap<string, Measurement>
  readonly alikes: LookAlikes
  readonly durationMs: number
}

interface Work {
  readonly control: AbortController
  readonly result: Promise<Analysis>
  readonly listeners: Set<Report>
}

export class DatasetAnalyses {
  /** By the scan itself: a folder that is opened again is looked at again, mostly from the cache. */
  private readonly done = new WeakMap<Scan, Analysis>()
  private readonly working = new Map<Scan, Work>()

  constructor(private readonly cacheDirectory: string) {}

  known(scan: Scan): Analysis | null {
    return this.done.get(scan) ?? null
  }

  /** Begins the look, or joins the one at work; it ends early when all who asked have left. @throws Cancelled */
  async of(scan: Scan, report: Report, signal: AbortSignal | undefined): Promise<Analysis> {
    const before = this.done.get(scan)
    if (before !== undefined) return before
    if (signal?.aborted === true) throw new Cancelled()
    const work = this.working.get(scan) ?? this.begin(scan)
    work.listeners.add(report)
    let leave = (): void => undefined
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new Cancelled())
    })
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([work.result, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      work.listeners.delete(report)
      if (work.listeners.size === 0 && !this.done.has(scan)) {
        // Whoever asks next begins anew; what was measured is in the cache.
        this.working.delete(scan)
        work.control.abort()
      }
    }
  }

  private begin(scan: Scan): Work {
    const control = new AbortController()
    const listeners = new Set<Report>()
    const result = this.look(scan, control.signal, (done, total, message) => {
      for (const listener of listeners) listener(done, total, message)
    })
    const work = { control, result, listeners }
    this.working.set(scan, work)
    const end = (): void => {
      if (this.working.get(scan) === work) this.working.delete(scan)
    }
    result.then(end, end)
    return work
  }

  private async look(scan: Scan, signal: AbortSignal, report: Report): Promise<Analysis> {
    const startedMs = performance.now()
    const cacheFile = measurementsFile(this.cacheDirectory, scan.root)
    const measurements = await measureDataset(scan, { cacheFile, signal, onProgress: report })
    const alikes = await findLookAlikes(scan.pictures, measurements, { signal, onProgress: (done, total) => report(done, total, 'Comparing the pictures') })
    const analysis = { measurements, alikes, durationMs: performance.now() - startedMs }
    this.done.set(scan, analysis)
    return analysis
  }
}
