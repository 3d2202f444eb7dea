/** Pairs of 64-bit hashes that differ in few bits, found without comparing every hash with every other. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { throwIfCancelled } from './cancellation'

/** Bits in which two hashes may differ to be told of. */
export const MAXIMUM_DISTANCE = 12

const CHUNKS = 4
const CHUNK_VALUES = 1 << 16
const ITEMS_A_TURN = 400

function bitsSet(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** All 16-bit values with at most `most` bits set. */
function masksUpTo(most: number): Uint32Array {
  return Uint32Array.from({ length: CHUNK_VALUES }, (_, value) => value).filter((value) => bitsSet(value) <= most)
}

/**
 * If two hashes differ in at most 12 bits, either one of their four 16-bit chunks differs in at most 2, or all four differ in exactly 3
 * (multi-index hashing: Norouzi, Punjani and Fleet, CVPR 2012). So looking up every chunk within 2 bits, and the first within 3, finds all.
 */
const RADII = [3, 2, 2, 2] as const

export class HashSet64 {
  private readonly words: Uint32Array

  /** @param hashes 16 hexadecimal digits each */
  constructor(hashes: readonly string[]) {
    this.words = new Uint32Array(hashes.length * 2)
    hashes.forEach((hash, index) => {
      this.words[2 * index] = Number.parseInt(hash.slice(0, 8), 16)
      this.words[2 * index + 1] = Number.parseInt(hash.slice(8), 16)
    })
  }

  get size(): number {
    return this.words.length / 2
  }

  distance(a: number, b: number): number {
    return bitsSet(((this.words[2 * a] as number) ^ (this.words[2 * b] as number)) >>> 0) + bitsSet(((this.words[2 * a + 1] as number) ^ (this.words[2 * b + 1] as number)) >>> 0)
  }

  chunk(index: number, chunk: number): number {
    const word = this.words[2 * index + (chunk >> 1)] as number
    return chunk % 2 === 0 ? word >>> 16 : word & 0xffff
  }

  /** Of items with the same hash, the first; and the items in the order of first ones. */
  distinct(): { firstOf: Int32Array; firsts: number[] } {
    const seen = new Map<string, number>()
    const firsts: number[] = []
    const firstOf = Int32Array.from({ length: this.size }, (_, index) => {
      const key = `${this.words[2 * index] as number} ${this.words[2 * index + 1] as number}`
      const first = seen.get(key)
      if (first !== undefined) return first
      seen.set(key, index)
      firsts.push(index)
      return index
    })
    return { firstOf, firsts }
  }
}

/**
 * Calls `visit` once for each pair of items at most 12 bits apart; of items with equal hashes, only with the first of them. Gives the
 * thread back between pieces of work.
 *
 * @throws Cancelled
 */
export async function visitClosePairs(
  hashes: HashSet64,
  visit: (a: number, b: number, distance: number) => void,
  options: { signal?: AbortSignal | undefined; onProgress?: (done: number, total: number) => void } = {},
): Promise<void> {
  const { firstOf, firsts } = hashes.distinct()
  firstOf.forEach((first, index) => {
    if (first !== index) visit(first, index, 0)
  })
  const tables = Array.from({ length: CHUNKS }, (_, chunk) => new ChunkTable(hashes, firsts, chunk))
  const masks = RADII.map(masksUpTo)
  for (let place = 0; place < firsts.length; place++) {
    if (place % ITEMS_A_TURN === 0) {
      options.onProgress?.(place, firsts.length)
      await nextTurn()
      throwIfCancelled(options.signal)
    }
    const item = firsts[place] as number
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      const { starts, places } = tables[chunk] as ChunkTable
      const own = hashes.chunk(item, chunk)
      for (const mask of masks[chunk] as Uint32Array) {
        const value = own ^ mask
        const end = starts[value + 1] as number
        for (let at = starts[value] as number; at < end; at++) {
          // Places are in order within a value: each pair is met from its later item alone.
          const otherPlace = places[at] as number
          if (otherPlace >= place) break
          const other = firsts[otherPlace] as number
          const distance = hashes.distance(item, other)
          if (distance <= MAXIMUM_DISTANCE && !isFoundBefore(hashes, item, other, chunk)) visit(other, item, distance)
        }
      }
    }
  }
  options.onProgress?.(firsts.length, firsts.length)
}

/** An earlier chunk leads to the same pair. */
function isFoundBefore(hashes: HashSet64, a: number, b: number, chunk: number): boolean {
  for (let earlier = 0; earlier < chunk; earlier++) {
    if (bitsSet(hashes.chunk(a, earlier) ^ hashes.chunk(b, earlier)) <= (RADII[earlier] as number)) return true
  }
  return false
}

/** The places of `firsts` by the value of one chunk. */
class ChunkTable {
  readonly starts = new Uint32Array(CHUNK_VALUES + 1)
  readonly places: Uint32Array

  constructor(hashes: HashSet64, firsts: readonly number[], chunk: number) {
    this.places = new Uint32Array(firsts.length)
    for (const item of firsts) {
      const after = hashes.chunk(item, chunk) + 1
      this.starts[after] = (this.starts[after] as number) + 1
    }
    for (let value = 0; value < CHUNK_VALUES; value++) this.starts[value + 1] = (this.starts[value + 1] as number) + (this.starts[value] as number)
    const next = this.starts.slice()
    firsts.forEach((item, place) => {
      const value = hashes.chunk(item, chunk)
      this.places[next[value] as number] = place
      next[value] = (next[value] as number) + 1
    })
  }
}
