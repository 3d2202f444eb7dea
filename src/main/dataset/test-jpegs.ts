/** JPEG files that no encoder at hand writes: any sampling, tables that overflow, restart markers, damage. */

/** Numbers 0 … 2^32 - 1, the same for the same seed (the generator of `patternPixels`). */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

export interface CoefficientJpeg {
  readonly width: number
  readonly height: number
  /** Across and down, of each component; one is grey. */
  readonly sampling: readonly (readonly [number, number])[]
  readonly seed: number
  /** Largest step of the quantisation tables; those of photographs are below 100. */
  readonly largestStep?: number
  /** Size category of the largest coefficients, at most 10. */
  readonly largestSize?: number
  readonly restartInterval?: number
  /** Segments between the start of the file and its tables. */
  readonly segments?: readonly Buffer[]
  readonly identifiers?: readonly number[]
}

export function segment(marker: number, content: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255]), bytes])
}

/** Bits to bytes, with a zero after each 0xff. */
class BitWriter {
  readonly bytes: number[] = []
  private held = 0
  private count = 0

  put(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--) {
      this.held = (this.held << 1) | ((value >> bit) & 1)
      if (++this.count < 8) continue
      this.bytes.push(this.held)
      if (this.held === 0xff) this.bytes.push(0)
      this.held = 0
      this.count = 0
    }
  }

  toWholeByte(): void {
    while (this.count > 0) this.put(1, 1)
  }
}

/** All DC codes have 4 bits, all AC codes 8, in this order. */
const DC_SIZES = Array.from({ length: 12 }, (_, size) => size)
const AC_SYMBOLS = [0x00, 0xf0, ...Array.from({ length: 160 }, (_, i) => (Math.floor(i / 10) << 4) | ((i % 10) + 1))]

const lengthsOf = (bits: number, count: number) => Array.from({ length: 16 }, (_, i) => (i === bits - 1 ? count : 0))

/** A baseline file of random coefficients. */
export function coefficientJpeg(options: CoefficientJpeg): Buffer {
  const { width, height, sampling, seed, largestStep = 40, largestSize = 5, restartInterval = 0, segments = [] } = options
  const identifiers = options.identifiers ?? sampling.map((_, component) => component + 1)
  const below = numbersFrom(seed)
  const signed = (bits: BitWriter, size: number) => bits.put(below(2 ** size), size)
  const bits = new BitWriter()
  const writeBlock = () => {
    const size = below(largestSize + 1)
    bits.put(DC_SIZES.indexOf(size), 4)
    signed(bits, size)
    for (let at = 1; at < 64; ) {
      const run = below(16)
      if (at + run > 63 || below(6) === 0) {
        bits.put(0, 8)
        return
      }
      const acSize = 1 + below(largestSize)
      bits.put(AC_SYMBOLS.indexOf((run << 4) | acSize), 8)
      signed(bits, acSize)
      at += run + 1
    }
  }
  const [across, down] = [Math.max(...sampling.map(([h]) => h)), Math.max(...sampling.map(([, v]) => v))]
  const [unitWidth, unitHeight] = sampling.length === 1 ? [8, 8] : [8 * across, 8 * down]
  const units = Math.ceil(width / unitWidth) * Math.ceil(height / unitHeight)
  for (let unit = 0; unit < units; unit++) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      bits.toWholeByte()
      bits.bytes.push(0xff, 0xd0 + ((unit / restartInterval - 1) % 8))
    }
    for (const [h, v] of sampling) for (let block = sampling.length === 1 ? 1 : h * v; block > 0; block--) writeBlock()
  }
  bits.toWholeByte()
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...segments,
    segment(0xdb, [0, ...Array.from({ length: 64 }, () => 1 + below(largestStep))]),
    segment(0xc4, [0, ...lengthsOf(4, DC_SIZES.length), ...DC_SIZES]),
    segment(0xc4, [0x10, ...lengthsOf(8, AC_SYMBOLS.length), ...AC_SYMBOLS]),
    ...(restartInterval > 0 ? [segment(0xdd, [restartInterval >> 8, restartInterval & 255])] : []),
    segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, sampling.length, ...sampling.flatMap(([h, v], i) => [identifiers[i] ?? 0, (h << 4) | v, 0])]),
    segment(0xda, [sampling.length, ...sampling.flatMap((_, i) => [identifiers[i] ?? 0, 0]), 0, 63, 0]),
    Buffer.from(bits.bytes),
    Buffer.from([0xff, 0xd9]),
  ])
}

/** One kind of damage to a file: cut off, bytes changed anywhere or in its head, bytes taken out, bytes put in. */
export function damagedJpeg(whole: Buffer, seed: number): Buffer {
  const below = numbersFrom(seed)
  const kind = below(5)
  const at = below(whole.length)
  if (kind === 0) return whole.subarray(0, at)
  if (kind === 3) return Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1 + below(20))])
  if (kind === 4) return Buffer.concat([whole.subarray(0, at), Buffer.from([below(256), below(256)]), whole.subarray(at)])
  const bytes = Buffer.from(whole)
  for (let changes = 1 + below(3); changes > 0; changes--) bytes[below(kind === 1 ? bytes.length : Math.min(700, bytes.length))] = below(256)
  return bytes
}
