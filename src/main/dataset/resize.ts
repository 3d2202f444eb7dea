/**
 * Bilinear resizing with antialiasing as Pillow does it (libImaging/Resample.c, 8 bits a channel), which is what torchvision's
 * `resize(antialias=True)` does to a PIL image: a triangle filter whose support grows with the shrink factor, 22-bit fixed-point
 * weights, across first, then down, rounded to 8 bits between the passes. Equal to the bit, except that Pillow 13 takes some
 * sizes whose height shrinks down first, which moves up to a quarter of the bytes by one level.
 *
 * The passes are WebAssembly, many times as fast as the same in JavaScript: resize-kernel.c.
 */
import { exportedFunction } from '../../shared/exported-function'
import { RESIZE_KERNEL } from './resize-kernel'

/** The kernel works on whole vectors and so passes the ends of what it is given. */
const SPARE_BYTES = 16
const PAGE_BYTES = 65536
/** Memory of WebAssembly never shrinks: after a larger picture it is given up as a whole. */
const KEPT_BYTES = 64 * 1024 * 1024

type Pass = (source: number, size: number, height: number, target: number, outSize: number, table: number) => void

interface Kernel {
  memory: WebAssembly.Memory
  stride: (inSize: number, outSize: number) => number
  weigh: (inSize: number, outSize: number, table: number, exact: number) => void
  across: Pass
  down: Pass
}

const kernelModule = new WebAssembly.Module(RESIZE_KERNEL)
let kept: Kernel | null = null

function openKernel(): Kernel {
  const memory = new WebAssembly.Memory({ initial: 16 })
  const { exports } = new WebAssembly.Instance(kernelModule, { env: { memory } })
  const named = (name: string) => exportedFunction(exports, name)
  return { memory, stride: named('stride'), weigh: named('weigh'), across: named('across'), down: named('down') }
}

/** Gives out addresses one after another. */
class Places {
  end = 16
  take(bytes: number): number {
    const start = this.end
    this.end = Math.ceil((start + bytes + SPARE_BYTES) / 16) * 16
    return start
  }
}

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
  if (width === outWidth && height === outHeight) {
    out.set(pixels)
    return out
  }
  const kernel = (kept ??= openKernel())
  const { memory, stride, weigh, across, down } = kernel
  const places = new Places()
  const source = places.take(pixels.length)
  const between = places.take(outWidth * height * 3)
  const result = places.take(outBytes)
  const [strideAcross, strideDown] = [stride(width, outWidth), stride(height, outHeight)]
  const tableAcross = places.take(outWidth * strideAcross * 4)
  const tableDown = places.take(outHeight * strideDown * 4)
  const exact = places.take(Math.max(strideAcross, strideDown) * 8)
  const missingBytes = places.end - memory.buffer.byteLength
  if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / PAGE_BYTES))
  new Uint8Array(memory.buffer, source, pixels.length).set(pixels)
  if (width !== outWidth) {
    weigh(width, outWidth, tableAcross, exact)
    across(source, width, height, height === outHeight ? result : between, outWidth, tableAcross)
  }
  if (height !== outHeight) {
    weigh(height, outHeight, tableDown, exact)
    down(width === outWidth ? source : between, outWidth * 3, height, result, outHeight, tableDown)
  }
  out.set(new Uint8Array(memory.buffer, result, outBytes))
  if (memory.buffer.byteLength > KEPT_BYTES) kept = null
  return out
}
