/**
 * Numbers by formula, the same here and in scripts/golden/formula.py, so that golden files need not store inputs. Value i of
 * tensor t is a 32-bit hash of (t, i) spread over [-1, 1).
 */
import type { HostTensor } from '../formats/tensor-map'
import { type Network, networkParameters } from '../zoo/network'

/** The hash of one place: murmur3's finaliser over a mix of tensor and index. */
export function hashed(tensor: number, index: number): number {
  let h = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(tensor + 1, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** float32 values in [-1, 1). */
export function formulaUniform(tensor: number, count: number): Float32Array {
  const result = new Float32Array(count)
  for (let i = 0; i < count; i++) result[i] = hashed(tensor, i) / 2 ** 31 - 1
  return result
}

/** uint8 values. */
export function formulaPixels(tensor: number, count: number): Uint8Array {
  const result = new Uint8Array(count)
  for (let i = 0; i < count; i++) result[i] = hashed(tensor, i) >>> 24
  return result
}

/** A square of RGB pixels: noise above, greys below it, channels that are full or empty in the last quarter. */
export function formulaColours(tensor: number, side: number): Uint8Array {
  const pixels = formulaPixels(tensor, side * side * 3)
  return pixels.map((value, i) => {
    const row = Math.floor(i / (3 * side))
    if (row >= (side * 3) / 4) return (value >> 7) * 255
    return row >= side / 2 ? (pixels[i - (i % 3)] ?? 0) : value
  })
}

/** Matrices scaled by gain and fan-in, vectors near what they start from, variances positive. */
function formulaWeight(tensor: number, name: string, shape: readonly number[], gain: number): Float32Array {
  const u = formulaUniform(tensor, shape.reduce((a, b) => a * b, 1))
  if (shape.length > 1) {
    const bound = gain * Math.sqrt(3 / shape.slice(1).reduce((a, b) => a * b, 1))
    return u.map((value) => value * bound)
  }
  if (name.endsWith('running_var')) return u.map((value) => 1 + 0.5 * value)
  if (name.endsWith('weight')) return u.map((value) => 1 + 0.25 * value)
  return u.map((value) => 0.25 * value)
}

/** All parameters and running statistics of a network, tensor t being the t-th in its order. */
export function formulaWeights(network: Network, gain = 1): Map<string, HostTensor> {
  return new Map(networkParameters(network).map((spec, t) => [spec.name, { shape: spec.shape, data: formulaWeight(t, spec.name, spec.shape, gain) }]))
}
