/**
 * Bilinear resizing with antialiasing as Pillow does it (libImaging/Resample.c, 8 bits a channel), which is what torchvision's
 * `resize(antialias=True)` does to a PIL image: a triangle filter whose support grows with the shrink factor, 22-bit fixed-point
 * weights, across first, then down, rounded to 8 bits between the passes. Equal to the bit, except that Pillow 13 takes some
 * sizes whose height shrinks down first, which moves up to a quarter of the bytes by one level.
 */

/** Pillow's PRECISION_BITS: 8 bits of pixel and 2 of headroom leave 22 for the weight. */
const WEIGHT_BITS = 22
const HALF = 1 << (WEIGHT_BITS - 1)
const CACHED_AXES = 256

/** For each output position: the first input position, how many follow, and their weights from `position * stride` on. */
interface Axis {
  first: Int32Array
  taps: Int32Array
  weights: Int32Array
  stride: number
}

const axes = new Map<number, Axis>()

function computeAxis(inSize: number, outSize: number): Axis {
  const scale = inSize / outSize
  const filterScale = Math.max(scale, 1)
  const support = filterScale
  const stride = Math.ceil(support) * 2 + 1
  const axis: Axis = { first: new Int32Array(outSize), taps: new Int32Array(outSize), weights: new Int32Array(outSize * stride), stride }
  const exact = new Float64Array(stride)
  for (let position = 0; position < outSize; position++) {
    const centre = (position + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - support + 0.5))
    const taps = Math.min(inSize, Math.trunc(centre + support + 0.5)) - first
    let sum = 0
    for (let tap = 0; tap < taps; tap++) {
      const weight = Math.max(0, 1 - Math.abs((tap + first - centre + 0.5) / filterScale))
      exact[tap] = weight
      sum += weight
    }
    axis.first[position] = first
    axis.taps[position] = taps
    for (let tap = 0; tap < taps; tap++) {
      axis.weights[position * stride + tap] = Math.trunc(0.5 + ((exact[tap] as number) / sum) * (1 << WEIGHT_BITS))
    }
  }
  return axis
}

function axisFor(inSize: number, outSize: number): Axis {
  const key = inSize * 0x100000 + outSize
  const known = axes.get(key)
  if (known !== undefined) return known
  const axis = computeAxis(inSize, outSize)
  const oldest = axes.keys().next()
  if (axes.size >= CACHED_AXES && oldest.done !== true) axes.delete(oldest.value)
  axes.set(key, axis)
  return axis
}

function resizeAcross(source: Uint8Array, width: number, height: number, target: Uint8Array, outWidth: number): void {
  const { first, taps, weights, stride } = axisFor(width, outWidth)
  for (let y = 0; y < height; y++) {
    const row = y * width * 3
    let out = y * outWidth * 3
    for (let x = 0; x < outWidth; x++) {
      let offset = row + (first[x] as number) * 3
      const weightsFrom = x * stride
      const weightsTo = weightsFrom + (taps[x] as number)
      let red = HALF
      let green = HALF
      let blue = HALF
      for (let tap = weightsFrom; tap < weightsTo; tap++) {
        const weight = weights[tap] as number
        red = (red + Math.imul(source[offset] as number, weight)) | 0
        green = (green + Math.imul(source[offset + 1] as number, weight)) | 0
        blue = (blue + Math.imul(source[offset + 2] as number, weight)) | 0
        offset += 3
      }
      red >>= WEIGHT_BITS
      green >>= WEIGHT_BITS
      blue >>= WEIGHT_BITS
      target[out] = red > 255 ? 255 : red
      target[out + 1] = green > 255 ? 255 : green
      target[out + 2] = blue > 255 ? 255 : blue
      out += 3
    }
  }
}

/** The rows weigh the same along their whole length, so the common numbers of taps are written out. */
function resizeDown(source: Uint8Array, rowBytes: number, height: number, target: Uint8Array, outHeight: number): void {
  const { first, taps, weights, stride } = axisFor(height, outHeight)
  for (let y = 0; y < outHeight; y++) {
    const start = (first[y] as number) * rowBytes
    const count = taps[y] as number
    const weightsFrom = y * stride
    const w0 = weights[weightsFrom] as number
    const w1 = weights[weightsFrom + 1] as number
    const w2 = weights[weightsFrom + 2] as number
    let out = y * rowBytes
    const end = out + rowBytes
    let a = start
    if (count === 1) {
      for (; out < end; out++, a++) target[out] = source[a] as number
    } else if (count === 2) {
      for (let b = a + rowBytes; out < end; out++, a++, b++) {
        target[out] = (HALF + Math.imul(source[a] as number, w0) + Math.imul(source[b] as number, w1)) >> WEIGHT_BITS
      }
    } else if (count === 3) {
      let b = a + rowBytes
      for (let c = b + rowBytes; out < end; out++, a++, b++, c++) {
        target[out] =
          (HALF + Math.imul(source[a] as number, w0) + Math.imul(source[b] as number, w1) + Math.imul(source[c] as number, w2)) >>
          WEIGHT_BITS
      }
    } else {
      const weightsTo = weightsFrom + count
      for (; out < end; out++, a++) {
        let sum = HALF
        let offset = a
        for (let tap = weightsFrom; tap < weightsTo; tap++) {
          sum = (sum + Math.imul(source[offset] as number, weights[tap] as number)) | 0
          offset += rowBytes
        }
        sum >>= WEIGHT_BITS
        target[out] = sum > 255 ? 255 : sum
      }
    }
  }
}

/** Holds the picture between the passes; kept from call to call, since calls never overlap. */
let between = new Uint8Array(0)

/**
 * Resizes an RGB picture, shrinking or enlarging each side on its own.
 *
 * @param pixels (height, width, 3) uint8
 * @param target where to write (outHeight, outWidth, 3) uint8; new when left out
 * @returns target
 */
export function resizeBilinearAntialiased(
  pixels: Uint8Array,
  width: number,
  height: number,
  outWidth: number,
  outHeight: number,
  target?: Uint8Array,
): Uint8Array {
  if (pixels.length !== width * height * 3) throw new RangeError(`Expected ${width} x ${height} x 3 bytes, came ${pixels.length}`)
  if (!(outWidth >= 1 && outHeight >= 1)) throw new RangeError(`Cannot resize to ${outWidth} x ${outHeight}`)
  const outBytes = outWidth * outHeight * 3
  const out = target ?? new Uint8Array(outBytes)
  if (out.length !== outBytes) throw new RangeError(`Expected room for ${outBytes} bytes, came ${out.length}`)
  if (width === outWidth && height === outHeight) out.set(pixels)
  else if (height === outHeight) resizeAcross(pixels, width, height, out, outWidth)
  else if (width === outWidth) resizeDown(pixels, width * 3, height, out, outHeight)
  else {
    if (between.length < outWidth * height * 3) between = new Uint8Array(outWidth * height * 3)
    resizeAcross(pixels, width, height, between, outWidth)
    resizeDown(between, outWidth * 3, height, out, outHeight)
  }
  if (between.length > 32 * 1024 * 1024) between = new Uint8Array(0)
  return out
}
