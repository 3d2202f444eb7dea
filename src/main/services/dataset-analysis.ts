/** One look at the pixels of each open dataset, shared by all who wait for it: the window's health panel, a run that is started. */
import type { Scan } from '../../shared/domain/dataset'
import type { Measurement } from '../../shared/domain/health'
import { findLookAlikes } from '../dataset/look-alikes'
import type { LookAlikes } from '../dataset/look-alikes'
import { measureDataset, measurementsFile } from '../dataset/measure-dataset'
import type { Report } from './progress-stream'
import { SharedWork } from './shared-work'

export interface Analysis {
  readonly measurements: ReadonlyMap<string, Measurement>
  readonly alikes: LookAlikes
  readonly durationMs: number
}

export class DatasetAnalyses {
  /** By the scan itself: a folder that is opened again is looked at again, mostly from the cache. */
  private readonly done = new WeakMap<Scan, Analysis>()
  private readonly working = new SharedWork<Scan, Analysis>()

  constructor(private readonly cacheDirectory: string) {}

  known(scan: Scan): Analysis | null {
    return this.done.get(scan) ?? null
  }

  /** Begins the look, or joins the one at work; it ends early when all who asked have left, and what was measured is in the cache. @throws Cancelled */
  async of(scan: Scan, report: Report, signal: AbortSignal | undefined): Promise<Analysis> {
    return this.done.get(scan) ?? this.working.of(scan, (tell, ending) => this.look(scan, ending, tell), { report, signal })
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
