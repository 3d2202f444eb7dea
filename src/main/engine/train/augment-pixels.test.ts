import { expect, test } from 'vitest'
import { KeyedRandom } from '../../../shared/domain/random'
import { type Augmentation, augmentationSchema } from '../../../shared/domain/run-config'
import { type BatchAugmentation, JITTERS, type Jitter } from '../compile/augmentation'
import { compileProgram } from '../compile/program'
import { type Digest, readGolden, relativeError } from '../golden/compare'
import { formulaColours, formulaPixels } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { IMAGENET_PREPROCESSING } from '../zoo/backbone'
import { NetworkBuilder } from '../zoo/network'
import { augmentPicture, type PictureAmounts } from './augment-pixels'
import { drawBatch, transformOf } from './augmentation-draw'
import { changePixels, drawPixelChanges } from './rand-augment'
import { augmentPlainly } from './test-augmentation'

/** torchvision's functional transforms on tensors; made by scripts/golden/make-augmentation.py. */
const golden = readGolden<{
  moves: { pixels: number; side: number; mirrored: boolean; flipped: boolean; angle: number; shift: [number, number]; scale: number; shear: number; result: string }[]
  jitterSide: number
  jitters: { pixels: number; steps: [Jitter, number][]; result: Digest }[]
}>('augmentation.json')

const { mean } = IMAGENET_PREPROCESSING
const NOTHING: PictureAmounts = { transform: null, change: null, jitters: [], erased: null, erasingColour: mean }

/** By bytes: much faster than number by number. */
const isSame = (a: Uint8Array | Float32Array, b: Uint8Array | Float32Array) => Buffer.compare(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength)) === 0

function augmented(pixels: Uint8Array, side: number, amounts: Partial<PictureAmounts>): Float32Array {
  const before = pixels.slice()
  // What was left in it does not show.
  const out = new Float32Array(pixels.length).fill(NaN)
  augmentPicture(pixels, side, { ...NOTHING, ...amounts }, out)
  expect(isSame(pixels, before)).toBe(true)
  return out
}

function open(side: number): NetworkSession {
  const net = new NetworkBuilder()
  const pooled = net.globalAveragePool(net.conv('conv', 'input', { in: 3, out: 2, kernel: 1 }))
  const rest = { trained: null, optimizer: 'sgd', optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false } } as const
  return new NetworkSession(
    compileProgram({ network: net.build(pooled, net.linear('fc', pooled, 2, 2)), imageSize: side, preprocessing: { mean, std: [1, 1, 1] }, cut: 'input', ...rest }),
  )
}

const largestDifference = (a: Float32Array, b: Float32Array) => a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? NaN))), 0)

/** Where a source lies this near the middle between two pixels, rounding decides which of them is nearest. */
const TIE = 1e-4
const TIES = 0.05
const NAME = 'as torchvision: mirrored $mirrored, flipped $flipped, turned by $angle degrees, shifted by $shift pixels, $scale times the size, slanted by $shear degrees, side $side'

test.each(golden.moves)(NAME, ({ pixels, side, mirrored, flipped, result, ...affine }) => {
  const { angle, scale, shear } = affine
  const shift = [affine.shift[0] / side, affine.shift[1] / side] as const
  const transform = Float32Array.from(transformOf({ isMirrored: mirrored, isUpsideDown: flipped, angle, shift, scale, shear }, side))
  const ours = augmented(formulaPixels(pixels, side * side * 3), side, { transform }).map((value) => Math.round(value * 255))
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
  if (angle % 90 === 0 && scale === 1 && shear === 0) expect(different).toBe(0)
  expect(different / (side * side)).toBeLessThan(TIES)
})

test('brightness, contrast, saturation and hue are torchvision’s, alone and one after the other', () => {
  for (const { pixels, steps, result } of golden.jitters) {
    const jitters = steps.map(([jitter, amount]) => ({ jitter, amount: Math.fround(amount) }))
    expect(relativeError(augmented(formulaColours(pixels, golden.jitterSide), golden.jitterSide, { jitters }), result), steps.join(', ')).toBeLessThan(1e-5)
  }
})

const SIDE = 37
const COUNT = 8
const SIZE = SIDE * SIDE * 3
const keys = Array.from({ length: COUNT }, (_, i) => 7919 * i + 5)
const OFF = { horizontal_flip: 0, rotation: 0, brightness: 0, contrast: 0, saturation: 0 }
const EVERYTHING = {
  horizontal_flip: 0.5, vertical_flip: 0.3, rotation: 30, translate: 0.2, scale: [0.7, 1.4], shear: 15, brightness: 0.4, contrast: 0.5, saturation: 0.6, hue: 0.3, rand_augment: 2, random_erasing: 0.6,
} // prettier-ignore

/** Half of them noise, half in a few levels. */
const batchPixels = formulaPixels(9, COUNT * SIZE).map((value, i) => (i < (COUNT * SIZE) / 2 ? value : value & 0xc0))

function byHand(augmentation: Augmentation, batch: BatchAugmentation, view: number): Float32Array {
  const result = new Float32Array(COUNT * SIZE)
  for (const [row, key] of keys.entries()) {
    const amounts: Partial<PictureAmounts> = {
      transform: batch.transforms?.subarray(8 * row, 8 * row + 8) ?? null,
      change: batch.changePixels === undefined ? null : (pixels) => { changePixels(pixels, SIDE, drawPixelChanges(augmentation, 1, key, view, SIDE)) }, // prettier-ignore
      jitters: batch.jitters.map((part) => ({ jitter: part.jitter, amount: part.amounts[row] ?? NaN })),
      erased: batch.erased?.subarray(4 * row, 4 * row + 4) ?? null,
    }
    result.set(augmented(batchPixels.subarray(row * SIZE, (row + 1) * SIZE), SIDE, amounts), row * SIZE)
  }
  return result
}

const PARTS: Record<string, object> = {
  'nothing': {},
  'flips': { horizontal_flip: 0.5, vertical_flip: 0.5 },
  'rotation': { rotation: 180 },
  'every move': { horizontal_flip: 0.5, vertical_flip: 0.5, rotation: 40, translate: 0.3, scale: [0.5, 1.6], shear: 20 },
  ...Object.fromEntries(JITTERS.map((jitter) => [jitter, { [jitter]: jitter === 'hue' ? 0.5 : 0.8 }])),
  'the defaults': { horizontal_flip: 0.5, rotation: 10, brightness: 0.2, contrast: 0.2, saturation: 0.2 },
  'RandAugment': { rand_augment: 2 },
  'RandAugment after a move': { rand_augment: 3, rotation: 20 },
  'erasing': { random_erasing: 0.7 },
  'everything': EVERYTHING,
} // prettier-ignore

test.each(Object.entries(PARTS))('%s: as the graph has it, in whatever order of the colours, and to the bit where there are none', (_, parts) => {
  const augmentation = augmentationSchema.parse({ ...OFF, ...parts })
  const session = open(SIDE)
  const feed = { shape: [COUNT, SIDE, SIDE, 3], data: batchPixels }
  const orders = new Set<string>()
  for (let view = 1; view <= 10; view++) {
    const batch = drawBatch(augmentation, { seed: 1, pictureKeys: keys, view, side: SIDE })
    orders.add(batch.jitters.map(({ jitter }) => jitter).join())
    const graph = session.read(session.pictures(feed, batch))
    const ours = byHand(augmentation, batch, view)
    // The graph rounds after each colour, and those after it magnify that.
    expect(largestDifference(ours, graph)).toBeLessThanOrEqual(parts === EVERYTHING ? 2e-6 : 1e-6)
    if (batch.jitters.length === 0) expect(isSame(ours, graph)).toBe(true)
  }
  if (parts === EVERYTHING) expect(orders.size).toBeGreaterThan(6)
  session.close()
})

test('halves are rounded as the graph rounds them: shifts of half a pixel', () => {
  const session = open(SIDE)
  const random = new KeyedRandom(1, 'sample')
  for (let drawn = 0; drawn < 60; drawn++) {
    const [c, f] = [random.below(9) / 2 - 2, random.below(9) / 2 - 2]
    const transform = Float32Array.of(random.below(2) * 2 - 1, 0, c, 0, 1, f, 0, 0)
    if (transform[0] === -1) transform[2] = SIDE - 1 + c
    const feed = { shape: [1, SIDE, SIDE, 3], data: batchPixels.subarray(0, SIZE) }
    const graph = session.read(session.pictures({ ...feed, data: feed.data.slice() }, { transforms: transform, jitters: [] }))
    expect(isSame(augmented(feed.data, SIDE, { transform }), graph)).toBe(true)
  }
  session.close()
})

const orders = <T>(items: readonly T[]): T[][] => (items.length === 0 ? [[]] : items.flatMap((item) => [[item], ...orders(items.filter((other) => other !== item)).map((rest) => [item, ...rest])]))

test('the same to the bit as plain loops in JavaScript: every order of some or all colours, moved or not, changed or not, cut off at both ends', () => {
  const random = new KeyedRandom(2, 'sample')
  // Few levels, so that there are greys and equal channels; black and white.
  const pixels = formulaPixels(3, SIZE).map((value) => [0, 1, 60, 128, 130, 254, 255, value][value % 8] ?? 0)
  const change = (moved: Uint8Array) => { moved.reverse() } // prettier-ignore
  const transform = Float32Array.from(transformOf({ isMirrored: true, isUpsideDown: false, angle: 8, shift: [0.1, 0], scale: 1.1, shear: 0 }, SIDE))
  const erased = [3, 0, 9, 12]
  for (const order of orders(JITTERS)) {
    for (const shared of [{ transform }, { change }, { transform, change, erased }, {}]) {
      const amounts = { ...NOTHING, ...shared, jitters: order.map((jitter) => ({ jitter, amount: Math.fround(jitter === 'hue' ? random.between(-0.5, 0.5) : random.between(0, 2.2)) })) }
      expect(isSame(augmented(pixels, SIDE, amounts), augmentPlainly(pixels, SIDE, amounts)), order.join()).toBe(true)
    }
  }
})

test('the same to the bit whatever the side, and whichever was before it', () => {
  for (const side of [1, 32, 2, 224, 3, 33, 160, 300, 5, 512, 31]) {
    const pixels = formulaPixels(side, side * side * 3)
    const batch = drawBatch(augmentationSchema.parse({ ...EVERYTHING, rand_augment: 0, random_erasing: 0 }), { seed: 4, pictureKeys: keys, view: side, side })
    for (const row of side < 64 ? keys.keys() : [0, 1]) {
      const jitters = batch.jitters.map(({ jitter, amounts }) => ({ jitter, amount: amounts[row] ?? NaN }))
      const amounts = { ...NOTHING, transform: batch.transforms?.subarray(8 * row, 8 * row + 8) ?? null, jitters }
      expect(isSame(augmented(pixels, side, amounts), augmentPlainly(pixels, side, amounts)), `side ${side}, picture ${row}`).toBe(true)
    }
  }
})
