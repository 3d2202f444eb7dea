import { afterAll, expect, test } from 'vitest'
import { type Digest, readGolden, relativeError } from '../golden/compare'
import { formulaColours, formulaPixels } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { transformOf } from '../train/augmentation-draw'
import { IMAGENET_PREPROCESSING, type Preprocessing } from '../zoo/backbone'
import { NetworkBuilder } from '../zoo/network'
import type { Jitter } from './augmentation'
import { compileProgram } from './program'

/** torchvision's functional transforms on tensors; made by scripts/golden/make-augmentation.py. */
const golden = readGolden<{
  moves: { pixels: number; side: number; mirrored: boolean; flipped: boolean; angle: number; shift: [number, number]; scale: number; shear: number; result: string }[]
  jitterSide: number
  jitters: { pixels: number; steps: [Jitter, number][]; result: Digest }[]
}>('augmentation.json')

/** Where a source lies this near the middle between two pixels, rounding decides which of them is nearest. */
const TIE = 1e-4
/** Share of pixels that may differ by that: at 45 degrees and an even side all of a diagonal are exact ties. */
const TIES = 0.05
const STILL = { isMirrored: false, isUpsideDown: false, angle: 0, shift: [0, 0] as const, scale: 1, shear: 0 }
const worst: { ties: number; jitter: number } = { ties: 0, jitter: 0 }

function open(side: number, mean: Preprocessing['mean'] = [0, 0, 0]): NetworkSession {
  const net = new NetworkBuilder()
  const pooled = net.globalAveragePool(net.conv('conv', 'input', { in: 3, out: 2, kernel: 1 }))
  return new NetworkSession(
    compileProgram({
      network: net.build(pooled, net.linear('fc', pooled, 2, 2)),
      imageSize: side,
      preprocessing: { mean, std: [1, 1, 1] },
      cut: 'input',
      trained: null,
      optimizer: 'sgd',
      optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
    }),
  )
}

/** Levels 0…255 of pictures moved by one transform each. */
function moved(side: number, data: Uint8Array, transforms: readonly number[][]): Uint8Array {
  const session = open(side)
  const count = transforms.length
  const pictures = session.pictures({ shape: [count, side, side, 3], data }, { transforms: Float32Array.from(transforms.flat()), jitters: [] })
  const values = session.read(pictures)
  session.close()
  return Uint8Array.from(values, (value) => Math.round(value * 255))
}

const NAME = 'as torchvision: mirrored $mirrored, flipped $flipped, turned by $angle degrees, shifted by $shift pixels, $scale times the size, slanted by $shear degrees, side $side'

test.each(golden.moves)(NAME, ({ pixels, side, mirrored, flipped, result, ...affine }) => {
  const { angle, scale, shear } = affine
  const shift = [affine.shift[0] / side, affine.shift[1] / side] as const
  const transform = transformOf({ isMirrored: mirrored, isUpsideDown: flipped, angle, shift, scale, shear }, side)
  const ours = moved(side, formulaPixels(pixels, side * side * 3), [transform])
  const theirs = Buffer.from(result, 'base64')
  expect(theirs).toHaveLength(ours.length)
  let different = 0
  for (let pixel = 0; pixel < side * side; pixel++) {
    if ([0, 1, 2].every((c) => ours[3 * pixel + c] === theirs[3 * pixel + c])) continue
    different++
    const [row, column] = [Math.floor(pixel / side), pixel % side]
    const sources = [0, 3].map((k) => (transform[k] ?? NaN) * column + (transform[k + 1] ?? NaN) * row + (transform[k + 2] ?? NaN))
    expect(Math.min(...sources.map((source) => Math.abs(source - Math.floor(source) - 0.5))), `row ${row}, column ${column}`).toBeLessThan(TIE)
  }
  worst.ties = Math.max(worst.ties, different / (side * side))
  if (angle % 90 === 0 && scale === 1 && shear === 0) expect(different).toBe(0)
  expect(different / (side * side)).toBeLessThan(TIES)
})

test('every picture of a batch is moved by its own transform, and mirrored twice is as it was', () => {
  const side = 9
  const size = side * side * 3
  const data = formulaPixels(1, 3 * size)
  const still = transformOf(STILL, side)
  const mirror = transformOf({ ...STILL, isMirrored: true }, side)
  const once = moved(side, data, [still, mirror, mirror])
  expect(once.subarray(0, size)).toEqual(data.subarray(0, size))
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      for (const picture of [1, 2]) {
        const at = picture * size + 3 * (row * side + column)
        const from = picture * size + 3 * (row * side + side - 1 - column)
        expect([...once.subarray(at, at + 3)]).toEqual([...data.subarray(from, from + 3)])
      }
  expect(moved(side, once, [still, mirror, mirror])).toEqual(data)
})

test('brightness, contrast, saturation and hue are torchvision’s, alone and one after the other', () => {
  const side = golden.jitterSide
  const session = open(side)
  for (const { pixels, steps, result } of golden.jitters) {
    const jitters = steps.map(([jitter, amount]) => ({ jitter, amounts: Float32Array.of(amount) }))
    const pictures = session.pictures({ shape: [1, side, side, 3], data: formulaColours(pixels, golden.jitterSide) }, { transforms: null, jitters })
    const error = relativeError(session.read(pictures), result)
    worst.jitter = Math.max(worst.jitter, error)
    expect(error, steps.join(', ')).toBeLessThan(1e-5)
  }
  session.close()
})

test('every picture of a batch has its own amount', () => {
  const side = golden.jitterSide
  const session = open(side)
  const cases = golden.jitters.filter(({ steps }) => steps.length === 1 && steps[0]?.[0] === 'contrast')
  const data = Uint8Array.from(cases.flatMap(({ pixels }) => [...formulaColours(pixels, golden.jitterSide)]))
  const jitters = [{ jitter: 'contrast' as const, amounts: Float32Array.from(cases, ({ steps }) => steps[0]?.[1] ?? NaN) }]
  const values = session.read(session.pictures({ shape: [cases.length, side, side, 3], data }, { transforms: null, jitters }))
  cases.forEach(({ result }, i) => {
    expect(relativeError(values.subarray(i * side * side * 3, (i + 1) * side * side * 3), result)).toBeLessThan(1e-5)
  })
  session.close()
})

test('erasing covers the rectangle of each picture with the mean, and nothing else', () => {
  const side = 11
  const { mean } = IMAGENET_PREPROCESSING
  const session = open(side, mean)
  const data = formulaPixels(3, 3 * side * side * 3)
  const feed = { shape: [3, side, side, 3], data }
  const plain = session.read(session.pictures(feed, null))
  const boxes = [[2, 3, 7, 4], [0, 0, 0, 0], [0, 9, 11, 11]] // prettier-ignore
  const values = session.read(session.pictures(feed, { transforms: null, jitters: [], erased: Float32Array.from(boxes.flat()) }))
  session.close()
  for (const [i, value] of values.entries()) {
    const [pixel, channel] = [Math.floor(i / 3) % (side * side), i % 3]
    const [row, column] = [Math.floor(pixel / side), pixel % side]
    const [top = 0, left = 0, bottom = 0, right = 0] = boxes[Math.floor(i / (side * side * 3))] ?? []
    const isCovered = row >= top && row < bottom && column >= left && column < right
    expect(value).toBe(isCovered ? Math.fround(mean[channel] ?? NaN) : plain[i])
  }
})

test('pixels are changed after the moves and before the colours, and a change that does nothing changes nothing', () => {
  const side = 9
  const session = open(side)
  const feed = { shape: [1, side, side, 3], data: formulaPixels(4, side * side * 3) }
  const mirror = Float32Array.from(transformOf({ ...STILL, isMirrored: true }, side))
  const jitters = [{ jitter: 'brightness' as const, amounts: Float32Array.of(0.5) }]
  const read = (changePixels?: (pixels: Uint8Array) => void) =>
    session.read(session.pictures(feed, { transforms: mirror, jitters, ...(changePixels === undefined ? {} : { changePixels }) }))
  const still = read()
  expect(read(() => undefined)).toEqual(still)
  const first = read((pixels) => {
    // The first pixel is what the last of the row was.
    expect([...pixels.subarray(0, 3)]).toEqual([...feed.data.subarray(3 * (side - 1), 3 * side)])
    pixels[0] = 200
  })
  expect(first[0]).toBeCloseTo(200 / 255 / 2, 6)
  expect(first.subarray(1)).toEqual(still.subarray(1))
  session.close()
})

afterAll(() => {
  console.info('Augmentation against torchvision: share of tied pixels, largest relative difference of colours:', worst)
})
