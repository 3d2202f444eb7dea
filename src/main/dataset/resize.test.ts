import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { resizeBilinearAntialiased } from './resize'
import { patternPixels } from './test-pictures'

const goldenSchema = z.object({
  madeWith: z.string(),
  cases: z.array(
    z.object({
      width: z.int(),
      height: z.int(),
      outWidth: z.int(),
      outHeight: z.int(),
      seed: z.int(),
      step: z.int(),
      samples: z.array(z.int()),
      sum: z.int(),
    }),
  ),
})
// Made by scripts/golden/make-resize.py.
const golden = goldenSchema.parse(JSON.parse(readFileSync(new URL('golden/resize.json', import.meta.url), 'utf8')))

test.each(golden.cases)(
  'as Pillow: $width x $height to $outWidth x $outHeight',
  ({ width, height, outWidth, outHeight, seed, step, samples, sum }) => {
    const resized = resizeBilinearAntialiased(patternPixels(width, height, 3, seed), width, height, outWidth, outHeight)
    const ours = [...resized].filter((_, index) => index % step === 0)
    expect(ours.length).toBe(samples.length)
    const difference = Math.max(...ours.map((value, index) => Math.abs(value - (samples[index] ?? NaN))))
    // One case is taken down first by Pillow 13; all others are equal to the bit.
    const exact = !(width === 3 && height === 400)
    expect(difference).toBeLessThanOrEqual(exact ? 0 : 1)
    if (exact) expect(resized.reduce((total, value) => total + value, 0)).toBe(sum)
  },
)

test('a flat picture stays flat at the ends of the range, and a target is written in place', () => {
  for (const value of [0, 255]) {
    for (const [width, height] of [
      [1, 1],
      [500, 3],
      [3, 5000],
    ] as const) {
      const target = new Uint8Array(40 * 30 * 3).fill(77)
      expect(resizeBilinearAntialiased(new Uint8Array(width * height * 3).fill(value), width, height, 40, 30, target)).toBe(target)
      expect(new Set(target)).toEqual(new Set([value]))
    }
  }
})

test('refuses buffers of another size', () => {
  expect(() => resizeBilinearAntialiased(new Uint8Array(10), 2, 2, 4, 4)).toThrow(RangeError)
  expect(() => resizeBilinearAntialiased(new Uint8Array(12), 2, 2, 4, 4, new Uint8Array(3))).toThrow(RangeError)
  expect(() => resizeBilinearAntialiased(new Uint8Array(12), 2, 2, 0, 4)).toThrow(RangeError)
})
