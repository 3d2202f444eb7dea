import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { readGolden } from '../golden/compare'
import { formulaPixels } from '../golden/formula'
import { MAGNITUDE_BINS, PIXEL_OPERATIONS, type PixelOperationName } from './pixel-operations'

/** For each strength the amount, and CRC-32 of what Pillow gives for it, and for its negative; made by scripts/golden/make-augmentation.py. */
const golden = readGolden<{
  firstSide: number
  operations: { name: PixelOperationName; signed: boolean; results: [number, ...number[]][] }[]
}>('augmentation-pixels.json')
const NAMES = golden.operations.map(({ name }) => name)

/** As in the script: narrow levels above, then noise; below greys and full colours. */
function levels(seed: number, side: number): Uint8Array {
  const pixels = formulaPixels(seed, side * side * 3)
  const [quarter, half, last] = [side / 4, side / 2, (side * 3) / 4].map((row) => Math.floor(row) * side * 3)
  const narrowed = pixels.map((value, i) => (i < (quarter ?? 0) ? 60 + (value >> 2) : i >= (half ?? 0) ? (value >> 1) + 40 : value))
  return narrowed.map((value, i) => (i >= (last ?? 0) ? (narrowed[i - (i % 3)] ?? 0) : value))
}

test('the operations are torchvision’s, in its order', () => {
  expect(Object.keys(PIXEL_OPERATIONS)).toEqual(NAMES)
  for (const { name, signed } of golden.operations) expect(PIXEL_OPERATIONS[name].isSigned, name).toBe(signed)
})

test.each(golden.operations)('$name is Pillow’s to the bit at every strength', ({ name, results }) => {
  expect(results).toHaveLength(MAGNITUDE_BINS)
  results.forEach(([amount, ...checksums], bin) => {
    const side = golden.firstSide + bin
    // torch.linspace gives the same but for the last bits of a float32.
    expect(Math.abs(PIXEL_OPERATIONS[name].amount(bin, side) - amount), `amount at ${bin}`).toBeLessThanOrEqual(3e-7 * Math.abs(amount))
    checksums.forEach((checksum, i) => {
      const pixels = levels(14000 + MAGNITUDE_BINS * NAMES.indexOf(name) + bin, side)
      PIXEL_OPERATIONS[name].apply(pixels, side, i === 0 ? amount : -amount)
      expect(crc32(pixels), `strength ${bin}, ${i === 0 ? amount : -amount}`).toBe(checksum)
    })
  })
})

test('a strength of 0 changes nothing where it is an amount, and a plain picture stays as it is where levels are spread', () => {
  const side = 19
  const unchanged = NAMES.filter((name) => !['AutoContrast', 'Equalize', 'Solarize'].includes(name))
  for (const name of unchanged) {
    const pixels = levels(1, side)
    PIXEL_OPERATIONS[name].apply(pixels, side, PIXEL_OPERATIONS[name].amount(0, side))
    expect(pixels, name).toEqual(levels(1, side))
  }
  for (const name of ['AutoContrast', 'Equalize'] as const) {
    const pixels = new Uint8Array(side * side * 3).fill(77)
    PIXEL_OPERATIONS[name].apply(pixels, side, 0)
    expect(pixels.every((value) => value === 77), name).toBe(true)
  }
})
