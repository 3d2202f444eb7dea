import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Augmentation, augmentationSchema } from '../../../shared/domain/run-config'
import { JITTERS } from '../compile/augmentation'
import { drawBatch, drawView } from './augmentation-draw'
import { drawErasing } from './random-rectangles'

const FULL: Augmentation = augmentationSchema.parse({ horizontal_flip: 0.3, vertical_flip: 0.1, rotation: 20, brightness: 0.2, contrast: 0.3, saturation: 0.4, hue: 0.05 })
const NONE: Augmentation = augmentationSchema.parse({ horizontal_flip: 0, vertical_flip: 0, rotation: 0, brightness: 0, contrast: 0, saturation: 0, hue: 0 })
/** Everything beyond flips, rotation and colours. */
const LATER: Partial<Augmentation> = { translate: 0.1, scale: [0.8, 1.2], shear: 10, random_resized_crop: true, rand_augment: 2, random_erasing: 0.5, mixup: 0.2, cutmix: 1 }
const keys = (count: number) => Array.from({ length: count }, (_, i) => i * 7919 + 5)

test('a view depends on seed, picture and view, and on nothing else', () => {
  const view = drawView(FULL, 42, 17, 3)
  expect(drawView(FULL, 42, 17, 3)).toEqual(view)
  const others = [drawView(FULL, 43, 17, 3), drawView(FULL, 42, 18, 3), drawView(FULL, 42, 17, 4), drawView(FULL, 42, 3, 17)]
  for (const other of others) expect(other.angle).not.toBe(view.angle)
  // In whatever batch the picture comes.
  const [first, second] = [[17, 5, 9], [4, 17, 8, 1]].map((pictureKeys) => drawBatch(FULL, { seed: 42, pictureKeys, view: 3, side: 32 }))
  expect([...(first?.transforms?.subarray(0, 8) ?? [])]).toEqual([...(second?.transforms?.subarray(8, 16) ?? [])])
  for (const jitter of JITTERS) {
    const amount = (batch: typeof first, row: number) => batch?.jitters.find((part) => part.jitter === jitter)?.amounts[row]
    expect(amount(first, 0)).toBe(amount(second, 1))
    expect(amount(first, 0)).toBeDefined()
  }
})

test('a part switched off leaves the other parts as they were', () => {
  const view = drawView(FULL, 1, 2, 3)
  const without = drawView({ ...FULL, horizontal_flip: 0, brightness: 0, rotation: 0 }, 1, 2, 3)
  expect(without.isMirrored).toBe(false)
  expect(without.angle).toBeCloseTo(0, 12)
  expect(without.jitter).toEqual({ ...view.jitter, brightness: 1 })
})

test('amounts spread over their ranges as asked for', () => {
  const views = keys(5000).map((key) => drawView(FULL, 7, key, 1))
  const share = (holds: (view: (typeof views)[number]) => boolean) => views.filter(holds).length / views.length
  expect(share((view) => view.isMirrored)).toBeCloseTo(0.3, 1.3)
  expect(share((view) => view.isUpsideDown)).toBeCloseTo(0.1, 1.3)
  const spread = (values: number[], low: number, high: number) => {
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low)
    expect(Math.max(...values)).toBeLessThan(high)
    // Each quarter of the range holds a quarter of the values, within five standard deviations.
    for (let quarter = 0; quarter < 4; quarter++) {
      const inside = values.filter((value) => Math.floor((4 * (value - low)) / (high - low)) === quarter).length
      expect(Math.abs(inside / values.length - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / values.length))
    }
  }
  spread(views.map((view) => view.angle), -20, 20) // prettier-ignore
  spread(views.map((view) => view.jitter.brightness), 0.8, 1.2)
  spread(views.map((view) => view.jitter.contrast), 0.7, 1.3)
  spread(views.map((view) => view.jitter.saturation), 0.6, 1.4)
  spread(views.map((view) => view.jitter.hue), -0.05, 0.05)
})

test('the order of the colour jitters is drawn for each batch, and the same batch has the same one', () => {
  const order = (first: number, view: number) => drawBatch(FULL, { seed: 3, pictureKeys: [first, 2], view, side: 8 }).jitters.map(({ jitter }) => jitter)
  expect(order(11, 1)).toEqual(order(11, 1))
  const orders = new Set(keys(200).map((key) => order(key, 1).join()))
  expect(orders.size).toBe(24)
  expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map((view) => order(11, view).join())).size).toBeGreaterThan(1)
})

test('what is switched off is not run at all', () => {
  expect(drawBatch(NONE, { seed: 1, pictureKeys: [1, 2], view: 1, side: 8 })).toEqual({ transforms: null, jitters: [] })
  const onlyHue = drawBatch({ ...NONE, hue: 0.1 }, { seed: 1, pictureKeys: [1, 2], view: 1, side: 8 })
  expect(onlyHue.transforms).toBeNull()
  expect(onlyHue.jitters.map(({ jitter }) => jitter)).toEqual(['hue'])
  const { transforms } = drawBatch({ ...NONE, vertical_flip: 1 }, { seed: 1, pictureKeys: [9], view: 1, side: 8 })
  expect([...(transforms ?? [])].map((value) => value + 0)).toEqual([1, 0, 0, 0, -1, 7, 0, 0])
})

test('runs of flips, rotation and colours see the views that they saw when there was nothing else', () => {
  const checksum = (values: Float32Array | null) => values && crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  const drawn = (augmentation: Augmentation) => {
    const { transforms, jitters, ...rest } = drawBatch(augmentation, { seed: 42, pictureKeys: keys(64), view: 3, side: 224 })
    expect(rest).toEqual({})
    return [checksum(transforms), ...jitters.map(({ jitter, amounts }) => [jitter, checksum(amounts)])]
  }
  // Drawn before there were other parts.
  const defaults = augmentationSchema.parse({})
  expect(drawn(defaults)).toEqual([2031448909, ['saturation', 4080641838], ['brightness', 2729290774], ['contrast', 3660150395]])
  expect(drawn(FULL)).toEqual([1730893308, ['saturation', 1492448268], ['brightness', 2729290774], ['hue', 1079635759], ['contrast', 193383674]])
})

test('the parts that came later leave the others’ draws as they were, and each other’s', () => {
  const all = { ...FULL, ...LATER }
  const [with_, without] = [drawView(all, 1, 2, 3), drawView(FULL, 1, 2, 3)]
  expect({ ...with_, shift: without.shift, scale: 1, shear: 0 }).toEqual(without)
  expect(drawView({ ...all, translate: 0 }, 1, 2, 3)).toEqual({ ...with_, shift: [0, 0] })
  expect(drawView({ ...all, scale: [1, 1] }, 1, 2, 3)).toEqual({ ...with_, scale: 1 })
  const options = { seed: 1, pictureKeys: keys(20), view: 2, side: 32 }
  const [batch, unerased, unchanged] = [all, { ...all, random_erasing: 0 }, { ...all, rand_augment: 0 }].map((augmentation) => drawBatch(augmentation, options))
  expect(unerased?.erased).toBeUndefined()
  expect(unchanged?.changePixels).toBeUndefined()
  for (const other of [unerased, unchanged]) expect({ transforms: other?.transforms, jitters: other?.jitters }).toEqual({ transforms: batch?.transforms, jitters: batch?.jitters })
  expect(unchanged?.erased).toEqual(batch?.erased)
})

test('the boxes of a batch are those of its pictures: rows before columns, and 0 where nothing is covered', () => {
  const augmentation = { ...NONE, random_erasing: 0.5 }
  const { erased } = drawBatch(augmentation, { seed: 4, pictureKeys: keys(30), view: 2, side: 48 })
  const boxes = keys(30).map((key) => drawErasing(augmentation, 4, key, 2, 48))
  expect([...(erased ?? [])]).toEqual(boxes.flatMap((box) => (box === null ? [0, 0, 0, 0] : [box.top, box.left, box.top + box.height, box.left + box.width])))
  expect(boxes.some((box) => box === null) && boxes.some((box) => box !== null && box.top !== box.left)).toBe(true)
})

test('shifts, sizes and slants spread over their ranges, and shifts are whole pixels', () => {
  const augmentation = { ...NONE, ...LATER }
  const views = keys(4000).map((key) => drawView(augmentation, 7, key, 1))
  const halves = (values: number[], low: number, high: number) => {
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low)
    expect(Math.max(...values)).toBeLessThan(high)
    expect(Math.abs(values.filter((value) => value < (low + high) / 2).length / values.length - 0.5)).toBeLessThan(2.5 / Math.sqrt(values.length))
  }
  halves(views.map(({ shift }) => shift[0]), -0.1, 0.1) // prettier-ignore
  halves(views.map(({ shift }) => shift[1]), -0.1, 0.1) // prettier-ignore
  halves(views.map(({ scale }) => scale), 0.8, 1.2) // prettier-ignore
  halves(views.map(({ shear }) => shear), -10, 10) // prettier-ignore
  const { transforms } = drawBatch({ ...NONE, translate: 0.3 }, { seed: 1, pictureKeys: keys(40), view: 1, side: 15 })
  expect((transforms ?? []).every((value) => Number.isInteger(value))).toBe(true)
})
