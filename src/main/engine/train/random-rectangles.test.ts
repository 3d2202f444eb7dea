import { expect, test } from 'vitest'
import { augmentationSchema } from '../../../shared/domain/run-config'
import { readGolden } from '../golden/compare'
import { cropWithin, drawCrop, drawErasing, type Draws, erasedWithin, type Rectangle } from './random-rectangles'

interface Case {
  readonly width: number
  readonly height: number
  readonly scale: [number, number]
  readonly ratio: [number, number]
  /** What torch drew, in its order. */
  readonly draws: readonly number[]
  /** [left, top, width, height]; null: nothing fitted. */
  readonly result: readonly [number, number, number, number] | null
}

/** torchvision's get_params of random resized crop and random erasing; made by scripts/golden/make-augmentation.py. */
const golden = readGolden<{ crops: Case[]; erased: Case[] }>('augmentation-rectangles.json')

/** Gives what torch drew; whoever asks for more, or for numbers between other bounds, fails. */
function replay(draws: readonly number[]): Draws & { readonly left: () => number } {
  let used = 0
  const next = (low: number, end: number) => {
    const value = draws[used++] ?? NaN
    expect(value).toBeGreaterThanOrEqual(low - 1e-6)
    expect(value).toBeLessThanOrEqual(end + 1e-6)
    return value
  }
  return { between: next, below: (bound) => next(0, bound - 1), left: () => draws.length - used }
}

const row = (rectangle: Rectangle | null) => rectangle && [rectangle.left, rectangle.top, rectangle.width, rectangle.height]
const keys = Array.from({ length: 3000 }, (_, i) => i * 7919 + 5)

test.each(golden.crops)('random resized crop as torchvision: $width × $height, scale $scale, ratio $ratio', ({ draws, scale, ratio, result, ...size }) => {
  const replayed = replay(draws)
  expect(row(cropWithin(size, scale, ratio, replayed))).toEqual(result)
  expect(replayed.left()).toBe(0)
})

test.each(golden.erased)('random erasing as torchvision: $width × $height, scale $scale, ratio $ratio', ({ draws, scale, ratio, result, ...size }) => {
  const replayed = replay(draws)
  expect(row(erasedWithin(size, scale, ratio, replayed))).toEqual(result)
  expect(replayed.left()).toBe(0)
})

test('a crop of all of the area and a ratio of 1 is the whole of a square', () => {
  const whole = augmentationSchema.parse({ random_resized_crop: true, crop_scale: [1, 1], crop_ratio: [1, 1] })
  for (const key of keys.slice(0, 50)) expect(drawCrop(whole, 1, key, 1, { width: 64, height: 64 })).toEqual({ left: 0, top: 0, width: 64, height: 64 })
})

test('crops lie within the picture, keep their ratio’s range, and their areas spread as asked for', () => {
  const augmentation = augmentationSchema.parse({ crop_scale: [0.2, 0.6], crop_ratio: [0.75, 1.5] })
  const size = { width: 400, height: 300 }
  const areas = keys.map((key) => {
    const crop = drawCrop(augmentation, 7, key, 2, size)
    expect(Math.min(crop.left, crop.top)).toBeGreaterThanOrEqual(0)
    expect(crop.left + crop.width).toBeLessThanOrEqual(400)
    expect(crop.top + crop.height).toBeLessThanOrEqual(300)
    expect(crop.width / crop.height).toBeGreaterThan(0.74)
    expect(crop.width / crop.height).toBeLessThan(1.52)
    return (crop.width * crop.height) / (400 * 300)
  })
  for (let quarter = 0; quarter < 4; quarter++) {
    const inside = areas.filter((area) => Math.floor((area - 0.2) / 0.1) === quarter).length / areas.length
    expect(Math.abs(inside - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / areas.length))
  }
})

test('rectangles depend on seed, picture and view alone', () => {
  const augmentation = augmentationSchema.parse({ random_resized_crop: true, random_erasing: 1 })
  const [size, side] = [{ width: 500, height: 400 }, 224]
  const crop = drawCrop(augmentation, 42, 17, 3, size)
  expect(drawCrop(augmentation, 42, 17, 3, size)).toEqual(crop)
  const box = drawErasing(augmentation, 42, 17, 3, side)
  expect(drawErasing(augmentation, 42, 17, 3, side)).toEqual(box)
  for (const [seed, key, view] of [[43, 17, 3], [42, 18, 3], [42, 17, 4]] as const) {
    expect(drawCrop(augmentation, seed, key, view, size)).not.toEqual(crop)
    expect(drawErasing(augmentation, seed, key, view, side)).not.toEqual(box)
  }
})

test('so many pictures have a part covered as asked for, and a rarer covering covers the same parts', () => {
  const half = augmentationSchema.parse({ random_erasing: 0.5 })
  const tenth = augmentationSchema.parse({ random_erasing: 0.1 })
  const boxes = keys.map((key) => drawErasing(half, 5, key, 1, 96))
  const share = boxes.filter((box) => box !== null).length / keys.length
  expect(Math.abs(share - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / keys.length))
  keys.forEach((key, i) => {
    const box = drawErasing(tenth, 5, key, 1, 96)
    if (box !== null) expect(box).toEqual(boxes[i])
  })
})
