import { readFileSync } from 'node:fs'
import vm from 'node:vm'
import { expect, test } from 'vitest'
import { resizeBilinearAntialiased } from '../../dataset/resize'
import { patternPixels } from '../../dataset/test-pictures'

/** The page's script, which leaves its functions in a global of its own as in a browser. */
function pageResize(): typeof resizeBilinearAntialiased {
  vm.runInThisContext(readFileSync(new URL('web-page/resize.js', import.meta.url), 'utf8'))
  return (globalThis as unknown as { graft: { resizeBilinearAntialiased: typeof resizeBilinearAntialiased } }).graft.resizeBilinearAntialiased
}

const resize = pageResize()

test.each([
  [500, 375, 224, 224],
  [1600, 1200, 224, 224],
  [224, 224, 224, 224],
  [224, 100, 224, 224],
  [97, 224, 224, 224],
  [1, 1, 64, 64],
  [2, 3, 160, 160],
  [31, 900, 224, 224],
  [4000, 3, 32, 32],
  [225, 223, 224, 224],
])('the page resizes %i × %i to %i × %i as the trainer does, to the byte', (width, height, outWidth, outHeight) => {
  for (const seed of [1, 2]) {
    const pixels = patternPixels(width, height, 3, seed)
    const ours = resizeBilinearAntialiased(pixels, width, height, outWidth, outHeight)
    expect(Buffer.from(resize(pixels, width, height, outWidth, outHeight)).equals(Buffer.from(ours))).toBe(true)
  }
  for (const value of [0, 255]) {
    const flat = new Uint8Array(width * height * 3).fill(value)
    expect(resize(flat, width, height, outWidth, outHeight).every((byte) => byte === value)).toBe(true)
  }
})

test('the page refuses bytes of another size', () => {
  expect(() => resize(new Uint8Array(10), 2, 2, 4, 4)).toThrow(/2 x 2 x 3/)
})
