/** float32 to IEEE 754 binary16, rounded to the nearest and ties to even, as NumPy and PyTorch do it. */
import { GraftError } from '../../../shared/domain/error'
import { shown } from './format-errors'

/** The largest finite float16. */
export const LARGEST_FLOAT16 = 65504

const scratch = new Float32Array(1)
const scratchBits = new Uint32Array(scratch.buffer)

/** The 16 bits of a float32 value. What is larger than float16 can hold becomes infinity, NaN stays NaN. */
export function float16Bits(value: number): number {
  scratch[0] = value
  const bits = scratchBits[0] ?? 0
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  // From half way between the largest float16 and the next power of two on.
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude >= 0x38800000) {
    // Normal: the exponent is rebased from 127 to 15, 13 bits of the fraction are rounded away; a carry goes into the exponent.
    const kept = (magnitude - 0x38000000) >>> 13
    return sign | (kept + roundUp(magnitude, 13, kept))
  }
  // Half of the smallest subnormal and below is zero, by ties to even.
  if (magnitude <= 0x33000000) return sign
  const shift = 126 - (magnitude >>> 23)
  const fraction = (magnitude & 0x7fffff) | 0x800000
  const kept = fraction >>> shift
  return sign | (kept + roundUp(fraction, shift, kept))
}

/** 1 where the `dropped` low bits of `bits` are more than half, or half and `kept` is odd. */
function roundUp(bits: number, dropped: number, kept: number): 0 | 1 {
  const half = 1 << (dropped - 1)
  const rest = bits & ((1 << dropped) - 1)
  return rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0
}

/**
 * Float16 bits of every value of a tensor.
 * @throws GraftError UNSUPPORTED naming the tensor where a value is too large for float16 or not a number
 */
export function toFloat16(name: string, values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    const bits = float16Bits(value)
    if ((bits & 0x7c00) === 0x7c00) {
      throw new GraftError('UNSUPPORTED', `The tensor "${shown(name)}" holds ${value}, which float16 cannot: its largest number is ${LARGEST_FLOAT16}.`, {
        action: 'Export with float32.',
      })
    }
    out[i] = bits
  }
  return out
}
