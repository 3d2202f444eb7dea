/** What `augmentPicture` gives, step by step over all pixels in plain JavaScript: its kernel is to give the same to the bit. */
import type { PictureAmounts } from './augment-pixels'

const round = Math.fround
const held = (x: number) => 0.5 * (Math.abs(x) - Math.abs(x - 1) + 1)
const [RED, GREEN, BLUE] = [0.2989, 0.587, 0.114]
const isStill = (transform: Float32Array) => [1, 0, 0, 0, 1, 0].every((value, i) => transform[i] === value)

/** float32 [side, side, 3] of `pixels` uint8 [side, side, 3] */
export function augmentPlainly(pixels: Uint8Array, side: number, amounts: PictureAmounts): Float32Array {
  const { transform, change, jitters, erased, erasingColour } = amounts
  const isMoved = transform !== null && !isStill(transform)
  const bytes = isMoved ? moved(pixels, side, transform) : pixels.slice()
  change?.(bytes)
  let values: Float64Array = Float64Array.from(bytes, (level) => round(level * round(1 / 255)))
  let isRounded = false
  for (const { jitter, amount } of jitters) {
    if (jitter === 'saturation' || jitter === 'hue' || (jitter === 'contrast' && isMoved && change === null)) {
      isRounded = true
      values = values.map(round)
    }
    if (jitter === 'saturation') values = byPixel(values, (pixel) => saturated(pixel, amount))
    else if (jitter === 'hue') values = byPixel(values, (pixel) => turned(pixel, amount))
    else {
      const offset = jitter === 'contrast' ? (1 - amount) * meanGrey(values) : 0
      values = values.map((value) => (isRounded ? round(held(amount * value + offset)) : Math.min(1, Math.max(0, amount * value + offset))))
    }
  }
  const [top = 0, left = 0, bottom = 0, right = 0] = Array.from(erased ?? [])
  return Float32Array.from(values, (value, i) => {
    const [row, column] = [Math.floor(i / (3 * side)), Math.floor(i / 3) % side]
    return row >= top && row < bottom && column >= left && column < right ? (erasingColour[i % 3] ?? NaN) : value
  })
}

function moved(pixels: Uint8Array, side: number, [a = 1, b = 0, c = 0, d = 0, e = 1, f = 0]: Float32Array): Uint8Array {
  return pixels.map((_, i) => {
    const [y, x] = [Math.floor(i / (3 * side)), Math.floor(i / 3) % side]
    const fromX = round(round(round(a * x) + round(b * y)) + c) + 0.5
    const fromY = round(round(round(d * x) + round(e * y)) + f) + 0.5
    const isInside = fromX > 0 && fromX < side && fromY > 0 && fromY < side
    return isInside ? (pixels[3 * (Math.floor(fromY) * side + Math.floor(fromX)) + (i % 3)] ?? NaN) : 0
  })
}

type Pixel = readonly [red: number, green: number, blue: number]

function byPixel(values: Float64Array, change: (pixel: Pixel) => Pixel): Float64Array {
  const result = new Float64Array(values.length)
  for (let i = 0; i < values.length; i += 3) result.set(change([values[i] ?? NaN, values[i + 1] ?? NaN, values[i + 2] ?? NaN]).map(round), i)
  return result
}

function meanGrey(values: Float64Array): number {
  const [red, green, blue] = [0, 1, 2].map((channel) => values.reduce((sum, value, i) => (i % 3 === channel ? sum + value : sum), 0))
  return (RED * (red ?? NaN) + GREEN * (green ?? NaN) + BLUE * (blue ?? NaN)) / (values.length / 3)
}

function saturated([r, g, b]: Pixel, factor: number): Pixel {
  const offset = (1 - factor) * (RED * r + GREEN * g + BLUE * b)
  return [held(factor * r + offset), held(factor * g + offset), held(factor * b + offset)]
}

function turned([r, g, b]: Pixel, shift: number): Pixel {
  const value = Math.max(r, g, b)
  const range = value - Math.min(r, g, b)
  if (range <= 0) return [r, g, b]
  const sixth = range * 6
  const hue = (r === value ? (g - b) / sixth : g === value ? (b - r) / sixth + 1 / 3 : (r - g) / sixth + 2 / 3) + shift
  const at = 6 * (hue - Math.floor(hue))
  const low = value - range
  return [low + range * held(Math.abs(at - 3) - 1), low + range * held(2 - Math.abs(at - 2)), low + range * held(2 - Math.abs(at - 4))]
}
