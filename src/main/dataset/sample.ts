/** The sample dataset, drawn by the program itself: leaves that are healthy, spotted or wilted. */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { GraftError } from '../../shared/domain/error'
import { KeyedRandom } from '../../shared/domain/random'
import { forEachInFlight, throttledProgress } from './cancellation'
import type { ProgressListener } from './cancellation'
import { leafSvg, SAMPLE_CLASSES, SAMPLE_HEIGHT, SAMPLE_WIDTH } from './sample-leaf'

export interface SampleOptions {
  seed?: number
  perClass?: number
  onProgress?: ProgressListener | undefined
  signal?: AbortSignal | undefined
}

const NOISE_VALUES = 1 << 16

/** Grain of a sensor: normal noise from a table, read from another place in each picture. */
function addGrain(pixels: Uint8Array, grain: Float32Array, start: number, strength: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const value = (pixels[i] as number) + strength * (grain[(start + i * 7) & (NOISE_VALUES - 1)] as number)
    pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/**
 * Draws the sample dataset into `directory`, one folder a class, JPEGs of 320 x 240. The same seed gives the same pictures. The
 * folder appears whole or not at all, and one that is there already is left as it is.
 *
 * @returns `directory`
 * @throws Cancelled; the system's error when the folder cannot be written
 */
export async function makeSampleDataset(directory: string, options: SampleOptions = {}): Promise<string> {
  const { seed = 1, perClass = 100, signal } = options
  if (!Number.isSafeInteger(perClass) || perClass < 1)
    throw new GraftError('BAD_INPUT', `Expected at least 1 picture a class; came ${perClass}.`, {
      action: 'Choose a whole number above 0.',
    })
  if (await isFolder(directory)) return directory
  const temporary = `${directory}.${process.pid}-${Date.now().toString(36)}.tmp`
  const progress = throttledProgress(options.onProgress)
  const grainRandom = new KeyedRandom(seed, 'sample', 0xffffffff)
  const grain = Float32Array.from({ length: NOISE_VALUES }, () => grainRandom.normal())
  const jobs = SAMPLE_CLASSES.flatMap((className, classIndex) =>
    Array.from({ length: perClass }, (_, number) => ({ className, classIndex, number })),
  )
  let done = 0
  try {
    for (const className of SAMPLE_CLASSES) await mkdir(join(temporary, className), { recursive: true })
    await forEachInFlight(jobs, 4, signal, async ({ className, classIndex, number }) => {
      const random = new KeyedRandom(seed, 'sample', classIndex, number)
      const svg = leafSvg(className, random)
      const blur = random.uniform() < 0.5 ? random.between(0.3, 1) : 0
      const strength = random.between(1, 7)
      const start = random.below(NOISE_VALUES)
      const quality = 72 + random.below(21)
      const drawing = sharp(Buffer.from(svg)).removeAlpha()
      const { data } = await (blur === 0 ? drawing : drawing.blur(blur)).raw().toBuffer({ resolveWithObject: true })
      addGrain(data, grain, start, strength)
      const photograph = await sharp(data, { raw: { width: SAMPLE_WIDTH, height: SAMPLE_HEIGHT, channels: 3 } })
        .jpeg({ quality })
        .toBuffer()
      await writeFile(join(temporary, className, `${className}-${String(number + 1).padStart(3, '0')}.jpg`), photograph)
      progress.report(++done, jobs.length, 'Drawing the sample')
    })
    progress.last(done, jobs.length, 'Drawing the sample')
    await mkdir(dirname(directory), { recursive: true })
    try {
      await rename(temporary, directory)
    } catch (error) {
      // Another process may have drawn the same pictures meanwhile.
      if (!(await isFolder(directory))) throw error
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return directory
}
