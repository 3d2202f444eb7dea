/** All pictures of a scan measured once; what is known of a file is kept in the cache by its hash. */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Picture, Scan } from '../../shared/domain/dataset'
import { GraftError, isCancellation } from '../../shared/domain/error'
import { measurementSchema } from '../../shared/domain/health'
import type { Measurement } from '../../shared/domain/health'
import { datasetIdOf } from '../storage/fix-journals'
import { readJsonLines, rewriteJsonLines } from '../storage/json-lines'
import { forEachInFlight, throttledProgress } from './cancellation'
import type { ProgressListener } from './cancellation'
import { MEASUREMENT_VERSION, measurePicture } from './measure-picture'

const IN_FLIGHT = 2
const keptSchema = measurementSchema.extend({ sha256: z.string() })

export interface MeasureOptions {
  /** Below the cache folder; null: nothing is kept. */
  cacheFile: string | null
  signal?: AbortSignal | undefined
  onProgress?: ProgressListener | undefined
}

export function measurementsFile(cacheDirectory: string, root: string): string {
  return join(cacheDirectory, 'health', `${datasetIdOf(root)}-v${MEASUREMENT_VERSION}.jsonl`)
}

/**
 * Measurements by the sha256 of the files. A picture that cannot be decoded is left out; training sets it aside by itself. What was
 * measured before a cancellation is kept as well.
 *
 * @throws Cancelled
 */
export async function measureDataset(scan: Pick<Scan, 'root' | 'pictures'>, { cacheFile, signal, onProgress }: MeasureOptions): Promise<Map<string, Measurement>> {
  const known = cacheFile === null ? new Map<string, Measurement>() : await readKept(cacheFile)
  const progress = throttledProgress(onProgress)
  const result = new Map<string, Measurement>()
  const wanted = new Map<string, Picture>()
  for (const picture of scan.pictures) {
    const before = known.get(picture.sha256)
    if (before === undefined) wanted.set(picture.sha256, picture)
    else result.set(picture.sha256, before)
  }
  if (wanted.size === 0) return result
  let done = 0
  try {
    await forEachInFlight([...wanted.values()], IN_FLIGHT, signal, async ({ path, format, sha256 }) => {
      try {
        result.set(sha256, await measurePicture(join(scan.root, path), format, sha256))
      } catch (error) {
        if (isCancellation(error)) throw error
        // Damaged in a way that its header does not show, or gone or replaced since the scan.
      }
      progress.report(++done, wanted.size, 'Looking at the pictures')
    })
  } finally {
    if (cacheFile !== null) await keep(cacheFile, result)
  }
  progress.last(done, wanted.size, 'Looking at the pictures')
  return result
}

async function readKept(path: string): Promise<Map<string, Measurement>> {
  try {
    const { values } = await readJsonLines(path, keptSchema)
    return new Map(values.map(({ value: { sha256, ...measurement } }) => [sha256, measurement]))
  } catch (error) {
    // A cache that cannot be read costs the time to measure again.
    if (error instanceof GraftError) return new Map()
    throw error
  }
}

async function keep(path: string, measurements: ReadonlyMap<string, Measurement>): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await rewriteJsonLines(path, [...measurements].map(([sha256, measurement]) => ({ sha256, ...measurement })))
  } catch {
    // A full or read-only disk: nothing is lost but time.
  }
}
