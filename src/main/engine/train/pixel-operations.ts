/**
 * The 14 changes that RandAugment draws from (Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced
 * Search Space", NeurIPS 2020), with the ranges of torchvision.transforms.RandAugment. Each is Pillow's own arithmetic on
 * 8-bit pixels, equal to the bit, since that is what torchvision's scripts run it on.
 */

/** Strengths are counted from 0 to 30. */
export const MAGNITUDE_BINS = 31

export interface PixelOperation {
  /** The amount for a strength of `bin` on a picture of this side. */
  amount(bin: number, side: number): number
  /** Whether the amount is as often taken negative. */
  readonly isSigned: boolean
  /** Changes one picture [side, side, 3] in place. */
  apply(pixels: Uint8Array, side: number, amount: number): void
}

/** Rows x and y of a map from output to input coordinates. */
type Matrix = readonly [number, number, number, number, number, number]

const at = (pixels: Uint8Array | readonly number[] | Float64Array, index: number): number => pixels[index] as number

/** torch.linspace(start, end, 31), whose last bits depend on the processor. */
const bins = (start: number, end: number, bin: number) => Math.fround(start + ((end - start) * bin) / (MAGNITUDE_BINS - 1))

/** Nearest pixel and black outside, with Pillow's 16 bits behind the point. */
function moveAffine(pixels: Uint8Array, side: number, [a, b, c, d, e, f]: Matrix): void {
  const source = pixels.slice()
  const fixed = (value: number) => Math.floor(value * 65536 + 0.5)
  const [acrossX, downX, acrossY, downY] = [fixed(a), fixed(b), fixed(d), fixed(e)]
  const [startX, startY] = [fixed(c + a * 0.5 + b * 0.5), fixed(f + d * 0.5 + e * 0.5)]
  let out = 0
  for (let row = 0; row < side; row++) {
    let x = startX + row * downX
    let y = startY + row * downY
    for (let column = 0; column < side; column++, out += 3) {
      const [fromX, fromY] = [x >> 16, y >> 16]
      const isInside = fromX >= 0 && fromX < side && fromY >= 0 && fromY < side
      const from = 3 * (fromY * side + fromX)
      pixels[out] = isInside ? at(source, from) : 0
      pixels[out + 1] = isInside ? at(source, from + 1) : 0
      pixels[out + 2] = isInside ? at(source, from + 2) : 0
      x += acrossX
      y += acrossY
    }
  }
}

/** Pillow's Image.rotate about the centre, counter-clockwise by degrees. */
function rotate(pixels: Uint8Array, side: number, degrees: number): void {
  const radians = (-degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const centre = side / 2
  moveAffine(pixels, side, [cos, sin, centre - cos * centre - sin * centre, -sin, cos, centre + sin * centre - cos * centre])
}

/** Pillow's Image.blend of one level: `other` where the factor is 0, `value` where it is 1, and beyond; in float32, cut off to whole levels. */
function blendLevel(other: number, value: number, factor: number): number {
  const blended = Math.fround(other + Math.fround(factor * (value - other)))
  return blended <= 0 ? 0 : blended >= 255 ? 255 : Math.trunc(blended)
}

/** Pillow's conversion to grey. */
const grey = (pixels: Uint8Array, i: number) => (at(pixels, i) * 19595 + at(pixels, i + 1) * 38470 + at(pixels, i + 2) * 7471 + 0x8000) >> 16

/** Every level of all channels by one table of 256, or of each by its own. */
function lookUp(pixels: Uint8Array, tables: Uint8Array | readonly Uint8Array[]): void {
  const [red, green, blue] = tables instanceof Uint8Array ? [tables, tables, tables] : tables
  if (red === undefined || green === undefined || blue === undefined) return
  for (let i = 0; i < pixels.length; i += 3) {
    pixels[i] = at(red, at(pixels, i))
    pixels[i + 1] = at(green, at(pixels, i + 1))
    pixels[i + 2] = at(blue, at(pixels, i + 2))
  }
}

const table = (level: (value: number) => number) => Uint8Array.from({ length: 256 }, (_, value) => level(value))
const identityTable = () => table((value) => value)

/** How many pixels have each level of a channel. */
function histogram(pixels: Uint8Array, channel: number): Float64Array {
  const counts = new Float64Array(256)
  for (let i = channel; i < pixels.length; i += 3) counts[at(pixels, i)] = at(counts, at(pixels, i)) + 1
  return counts
}

/** ImageEnhance.Contrast blends with the mean of the grey picture. */
function contrast(pixels: Uint8Array, _: number, amount: number): void {
  let sum = 0
  for (let i = 0; i < pixels.length; i += 3) sum += grey(pixels, i)
  const mean = Math.trunc(sum / (pixels.length / 3) + 0.5)
  const factor = Math.fround(1 + amount)
  lookUp(pixels, table((value) => blendLevel(mean, value, factor)))
}

/** ImageEnhance.Color blends with the grey picture. */
function colour(pixels: Uint8Array, _: number, amount: number): void {
  const factor = Math.fround(1 + amount)
  for (let i = 0; i < pixels.length; i += 3) {
    const level = grey(pixels, i)
    for (let c = i; c < i + 3; c++) pixels[c] = blendLevel(level, at(pixels, c), factor)
  }
}

/** ImageEnhance.Sharpness blends with ImageFilter.SMOOTH, which weighs a pixel 5 and its neighbours 1, of 13, and leaves the borders. */
function sharpness(pixels: Uint8Array, side: number, amount: number): void {
  const source = pixels.slice()
  const factor = Math.fround(1 + amount)
  const stride = 3 * side
  for (let row = 1; row < side - 1; row++) {
    for (let i = row * stride + 3; i < (row + 1) * stride - 3; i++) {
      const [value, above, below] = [at(source, i), i - stride, i + stride]
      const beside = at(source, i - 3) + 5 * value + at(source, i + 3)
      const sum = at(source, above - 3) + at(source, above) + at(source, above + 3) + beside + at(source, below - 3) + at(source, below) + at(source, below + 3)
      pixels[i] = blendLevel(Math.floor((2 * sum + 13) / 26), value, factor)
    }
  }
}

/** ImageOps.autocontrast: the levels of each channel spread over all 256. */
function autoContrastTable(counts: Float64Array): Uint8Array {
  const low = counts.findIndex((count) => count > 0)
  const high = counts.findLastIndex((count) => count > 0)
  if (high <= low) return identityTable()
  const scale = 255 / (high - low)
  return table((value) => Math.min(255, Math.max(0, Math.trunc(value * scale - low * scale))))
}

/** ImageOps.equalize: about as many pixels at each level of a channel. */
function equalizeTable(counts: Float64Array): Uint8Array {
  const used = counts.filter((count) => count > 0)
  const step = Math.floor((used.reduce((a, b) => a + b, 0) - (used.at(-1) ?? 0)) / 255)
  if (used.length <= 1 || step === 0) return identityTable()
  let below = Math.floor(step / 2)
  return table((value) => {
    const level = Math.min(255, Math.floor(below / step))
    below += at(counts, value)
    return level
  })
}

type Apply = PixelOperation['apply']
const moved = (matrix: (amount: number) => Matrix): Apply => (pixels, side, amount) => {
  moveAffine(pixels, side, matrix(amount))
}
const levels = (level: (value: number, amount: number) => number): Apply => (pixels, _, amount) => {
  lookUp(pixels, table((value) => level(value, amount)))
}
const spread = (make: (counts: Float64Array) => Uint8Array): Apply => (pixels) => {
  lookUp(pixels, [0, 1, 2].map((channel) => make(histogram(pixels, channel))))
}

const none = () => 0
const shearing = (bin: number) => bins(0, 0.3, bin)
const shifting = (bin: number, side: number) => bins(0, (150 / 331) * side, bin)
const enhancing = (bin: number) => bins(0, 0.9, bin)

/** In torchvision's order, which what is drawn depends on: never reorder. */
export const PIXEL_OPERATIONS = {
  Identity: { amount: none, isSigned: false, apply: () => undefined },
  ShearX: { amount: shearing, isSigned: true, apply: moved((tangent) => [1, tangent, 0, 0, 1, 0]) },
  ShearY: { amount: shearing, isSigned: true, apply: moved((tangent) => [1, 0, 0, tangent, 1, 0]) },
  TranslateX: { amount: shifting, isSigned: true, apply: moved((shift) => [1, 0, -Math.trunc(shift), 0, 1, 0]) },
  TranslateY: { amount: shifting, isSigned: true, apply: moved((shift) => [1, 0, 0, 0, 1, -Math.trunc(shift)]) },
  Rotate: { amount: (bin) => bins(0, 30, bin), isSigned: true, apply: rotate },
  Brightness: { amount: enhancing, isSigned: true, apply: levels((value, amount) => blendLevel(0, value, Math.fround(1 + amount))) },
  Color: { amount: enhancing, isSigned: true, apply: colour },
  Contrast: { amount: enhancing, isSigned: true, apply: contrast },
  Sharpness: { amount: enhancing, isSigned: true, apply: sharpness },
  Posterize: { amount: (bin) => 8 - Math.round(bin / ((MAGNITUDE_BINS - 1) / 4)), isSigned: false, apply: levels((value, bits) => value & ~(2 ** (8 - bits) - 1)) },
  Solarize: { amount: (bin) => bins(255, 0, bin), isSigned: false, apply: levels((value, threshold) => (value < threshold ? value : 255 - value)) },
  AutoContrast: { amount: none, isSigned: false, apply: spread(autoContrastTable) },
  Equalize: { amount: none, isSigned: false, apply: spread(equalizeTable) },
} as const satisfies Record<string, PixelOperation>
export type PixelOperationName = keyof typeof PIXEL_OPERATIONS
