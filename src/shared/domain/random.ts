/**
 * Counter-based random numbers: a value is a pure function of a key, so nothing has to be saved to resume and the number of
 * workers does not matter. Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).
 */

/** One number for each independent use; never renumber, only append. */
export const RANDOM_STREAMS = {
  split: 1,
  shuffle: 2,
  augment: 3,
  jitterOrder: 4,
  dropout: 5,
  initialise: 6,
  sample: 7,
  bootstrap: 8,
  mix: 9,
  affine: 10,
  crop: 11,
  randAugment: 12,
  erasing: 13,
} as const
export type RandomStream = keyof typeof RANDOM_STREAMS

const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** The high 32 bits of a product of two unsigned 32-bit integers; `Math.imul` gives the low ones. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16
  const aLow = a & 0xffff
  const bHigh = b >>> 16
  const bLow = b & 0xffff
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const middleLow = (middle & 0xffff) + aLow * bHigh
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + (middleLow >>> 16)) >>> 0
}

/** Writes four 32-bit unsigned integers for a 128-bit counter and a 64-bit key into `block`: networks are drawn with it, so it makes no garbage. */
function fillBlock(block: Uint32Array, counter: readonly [number, number, number, number], key: readonly [number, number]): void {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  block[0] = c0
  block[1] = c1
  block[2] = c2
  block[3] = c3
}

/** Four 32-bit unsigned integers for a 128-bit counter and a 64-bit key. */
export function philox(counter: readonly [number, number, number, number], key: readonly [number, number]): number[] {
  const block = new Uint32Array(4)
  fillBlock(block, counter, key)
  return [...block]
}

/** A stateful reader over the counter sequence of one key: (seed, stream, a, b). */
export class KeyedRandom {
  private readonly block = new Uint32Array(4)
  /** The block at hand is used up to here. */
  private used = 4
  private readonly counter: [number, number, number, number]
  private readonly key: readonly [number, number]

  constructor(seed: number, stream: RandomStream, a = 0, b = 0) {
    this.counter = [0, a >>> 0, b >>> 0, RANDOM_STREAMS[stream]]
    this.key = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0]
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    if (this.used === 4) {
      fillBlock(this.block, this.counter, this.key)
      this.counter[0]++
      this.used = 0
    }
    return this.block[this.used++] as number
  }

  /** Uniform in [0, 1), with 32 bits. */
  uniform(): number {
    return this.uint32() / 0x100000000
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform()
  }

  /** Uniform integer in [0, bound), without modulo bias. */
  below(bound: number): number {
    const limit = Math.floor(0x100000000 / bound) * bound
    for (;;) {
      const value = this.uint32()
      if (value < limit) return value % bound
    }
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Fills with normal numbers of this deviation, both that each Box–Muller pair gives: a network has tens of millions. */
  fillNormal(target: Float32Array, deviation: number): void {
    for (let i = 0; i < target.length; i += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - this.uniform()))
      const angle = 2 * Math.PI * this.uniform()
      target[i] = radius * Math.cos(angle)
      if (i + 1 < target.length) target[i + 1] = radius * Math.sin(angle)
    }
  }

  /** A new array in random order (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[result[i], result[j]] = [result[j] as T, result[i] as T]
    }
    return result
  }
}
