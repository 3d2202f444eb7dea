import { expect, test } from 'vitest'
import { halfToNumber } from './element-types'
import { float16Bits, toFloat16 } from './float16'

/** Every finite float16 with its bits, smallest first. */
const GRID = Array.from({ length: 0x7c00 }, (_, bits) => halfToNumber(bits))

/** The nearest float16, found by looking: ties go to the even one. */
function nearest(value: number): number {
  let low = 0
  let high = GRID.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((GRID[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  const below = value - (GRID[low] ?? 0)
  const above = (GRID[low + 1] ?? 65536) - value
  if (below === above) return low % 2 === 0 ? low : low + 1
  return below < above ? low : low + 1
}

test('every float16 is itself', () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    expect(float16Bits(GRID[bits] ?? NaN)).toBe(bits)
    expect(float16Bits(-(GRID[bits] ?? NaN))).toBe(bits | 0x8000)
  }
})

test('what lies between goes to the nearest, ties to even, through subnormals and up to infinity', () => {
  const wrong: number[] = []
  for (let bits = 0; bits < 0x7c00; bits++) {
    const here = GRID[bits] ?? 0
    const next = GRID[bits + 1] ?? 65536
    const half = (here + next) / 2
    // The float32 neighbours of the half too.
    const step = Math.max(half * 2 ** -23, 2 ** -149)
    for (const value of [half, Math.fround(half - step), Math.fround(half + step)]) if (float16Bits(value) !== nearest(value)) wrong.push(value)
  }
  expect(wrong).toEqual([])
})

test('far ends', () => {
  expect(float16Bits(2 ** -149)).toBe(0)
  expect(float16Bits(-0)).toBe(0x8000)
  expect(float16Bits(1e30)).toBe(0x7c00)
  expect(float16Bits(-Infinity)).toBe(0xfc00)
  expect(float16Bits(NaN) & 0x7fff).toBe(0x7e00)
})

test('a tensor that does not fit is refused by its name', () => {
  expect([...toFloat16('fc.bias', Float32Array.of(1, -2, 65519))]).toEqual([0x3c00, 0xc000, 0x7bff])
  expect(() => toFloat16('bn1.running_var', Float32Array.of(1, 65520))).toThrow(/"bn1.running_var" holds 65520/)
  expect(() => toFloat16('fc.weight', Float32Array.of(NaN))).toThrow(/"fc.weight"/)
})
