/** Number formats of stored tensors and their conversion to float32. All stored numbers are little-endian. */
import { allocateFloats } from './tensor-map'

type ReadElement = (view: DataView, offsetBytes: number) => number

/** IEEE 754 binary16 to a number, exactly. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const bfloatScratch = new DataView(new ArrayBuffer(4))

/** bfloat16 is the upper half of a float32. */
function bfloatToNumber(bits: number): number {
  bfloatScratch.setUint32(0, bits * 0x10000)
  return bfloatScratch.getFloat32(0)
}

const ELEMENTS = {
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  float16: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  bfloat16: { bytes: 2, read: (view, at) => bfloatToNumber(view.getUint16(at, true)) },
  float64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  int64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  int16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
} as const satisfies Record<string, { bytes: number; read: ReadElement }>

export type ElementType = keyof typeof ELEMENTS

export function elementBytes(type: ElementType): number {
  return ELEMENTS[type].bytes
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** The first `count` elements of `bytes` as a fresh float32 array; `name` is for the error when memory is short. */
export function convertElements(bytes: Uint8Array, type: ElementType, count: number, name: string): Float32Array {
  const out = allocateFloats(count, name)
  if (type === 'float32' && HOST_IS_LITTLE_ENDIAN) {
    new Uint8Array(out.buffer).set(bytes.subarray(0, count * 4))
    return out
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { bytes: size, read }: { bytes: number; read: ReadElement } = ELEMENTS[type]
  for (let index = 0; index < count; index++) out[index] = read(view, index * size)
  return out
}

/** Elements of `bytes` picked by shape, stride and offset (all in elements, bounds already checked), in row-major order. */
export function gatherElements(
  bytes: Uint8Array,
  type: ElementType,
  layout: { readonly offset: number; readonly shape: readonly number[]; readonly stride: readonly number[] },
  count: number,
  name: string,
): Float32Array {
  const out = allocateFloats(count, name)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { bytes: size, read }: { bytes: number; read: ReadElement } = ELEMENTS[type]
  const index = layout.shape.map(() => 0)
  let position = layout.offset
  for (let done = 0; done < count; done++) {
    out[done] = read(view, position * size)
    for (let axis = index.length - 1; axis >= 0; axis--) {
      const length = layout.shape[axis] ?? 1
      const step = layout.stride[axis] ?? 0
      const next = (index[axis] ?? 0) + 1
      position += step
      index[axis] = next
      if (next < length) break
      position -= step * length
      index[axis] = 0
    }
  }
  return out
}
