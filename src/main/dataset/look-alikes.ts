/** Which pictures of a dataset belong together: copies, nearly the same, and shots of one moment. */
import { posix } from 'node:path'
import type { Picture } from '../../shared/domain/dataset'
import type { Measurement } from '../../shared/domain/health'
import { HashSet64, visitClosePairs } from './hash-neighbours'
import { gridCorrelation } from './perceptual-hash'

/**
 * Beside at most 12 of 64 bits of the hash, the grids of two near-duplicates correlate by this. Measured on 400 photographs: half and quarter size,
 * JPEG quality 10 and 30, 20 % brighter, 40 % darker, grey, blurred by 2 pixels and 3 % cropped are all found, 5 % cropped and 50 % brighter 9 times
 * of 10; of 79,800 pairs of different photographs the nearest are 14 bits apart, of 44,850 pairs of drawn leaves 12 with .80.
 */
export const NEAR_CORRELATION = 0.85
/** A picture whose grey levels span less than this has no structure to compare. */
export const LEAST_SPAN = 24
/** Two shots of one camera within this are a burst. */
export const BURST_MS = 2000
/** Frames that are numbered one after the other are of one film where they also look alike: more loosely than near-duplicates. */
const FRAME_STEP = 2
const FRAME_DISTANCE = 18
const FRAME_CORRELATION = 0.8

/** Groups of at least two pictures, by their indices in the scan, ascending. */
export interface LookAlikes {
  /** Copies, and pictures that are nearly the same. */
  readonly near: readonly (readonly number[])[]
  /** Shots of one moment, or frames of one film, that are not nearly the same already. */
  readonly bursts: readonly (readonly number[])[]
  /** Both: what the split keeps together. */
  readonly together: readonly (readonly number[])[]
}

class DisjointSets {
  private constructor(private readonly parents: Int32Array) {}

  static of(size: number): DisjointSets {
    return new DisjointSets(Int32Array.from({ length: size }, (_, index) => index))
  }

  find(item: number): number {
    let root = item
    while (this.parents[root] !== root) root = this.parents[root] as number
    while (this.parents[item] !== root) {
      const next = this.parents[item] as number
      this.parents[item] = root
      item = next
    }
    return root
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.find(a), this.find(b)]
    if (rootA !== rootB) this.parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB)
  }

  copy(): DisjointSets {
    return new DisjointSets(this.parents.slice())
  }

  groups(): number[][] {
    const byRoot = new Map<number, number[]>()
    this.parents.forEach((_, item) => {
      const root = this.find(item)
      const group = byRoot.get(root)
      if (group === undefined) byRoot.set(root, [item])
      else group.push(item)
    })
    return [...byRoot.values()].filter((group) => group.length > 1)
  }
}

/** Copies alone: what is known from the hashes of the files, before any picture was looked at. */
export function findCopies(pictures: readonly Picture[]): LookAlikes {
  const near = joinCopies(pictures).groups()
  return { near, bursts: [], together: near }
}

function joinCopies(pictures: readonly Picture[]): DisjointSets {
  const sets = DisjointSets.of(pictures.length)
  const firstOf = new Map<string, number>()
  pictures.forEach(({ sha256 }, index) => {
    const first = firstOf.get(sha256)
    if (first === undefined) firstOf.set(sha256, index)
    else sets.join(first, index)
  })
  return sets
}

/**
 * @param measurements by sha256; a picture without one is compared by its bytes alone
 * @throws Cancelled
 */
export async function findLookAlikes(
  pictures: readonly Picture[],
  measurements: ReadonlyMap<string, Measurement>,
  options: { signal?: AbortSignal | undefined; onProgress?: (done: number, total: number) => void } = {},
): Promise<LookAlikes> {
  const near = joinCopies(pictures)
  const compared = structured(pictures, measurements)
  const hashes = new HashSet64(compared.map(({ measurement }) => measurement.hash))
  await visitClosePairs(
    hashes,
    (a, b) => {
      const [first, second] = [compared[a], compared[b]]
      if (first === undefined || second === undefined || near.find(first.index) === near.find(second.index)) return
      if (gridCorrelation(gridOf(first), gridOf(second)) >= NEAR_CORRELATION) near.join(first.index, second.index)
    },
    options,
  )
  const moments = DisjointSets.of(pictures.length)
  joinMoments(pictures, measurements, moments)
  joinFrames(pictures, compared, hashes, moments)
  const together = near.copy()
  for (const [first = 0, ...rest] of moments.groups()) for (const other of rest) together.join(first, other)
  const bursts = moments.groups().filter(([first = 0, ...rest]) => rest.some((other) => near.find(other) !== near.find(first)))
  return { near: near.groups(), bursts, together: together.groups() }
}

interface Compared {
  /** In the scan. */
  index: number
  measurement: Measurement
  grid: Uint8Array | null
}

/** One picture of each content that has structure. */
function structured(pictures: readonly Picture[], measurements: ReadonlyMap<string, Measurement>): Compared[] {
  const seen = new Set<string>()
  return pictures.flatMap(({ sha256 }, index) => {
    const measurement = measurements.get(sha256)
    if (measurement === undefined || seen.has(sha256) || measurement.lightest - measurement.darkest < LEAST_SPAN) return []
    seen.add(sha256)
    return [{ index, measurement, grid: null }]
  })
}

/** Decoded where it is first wanted: most pictures are like no other. */
function gridOf(compared: Compared): Uint8Array {
  compared.grid ??= Buffer.from(compared.measurement.grid, 'base64')
  return compared.grid
}

function joinMoments(pictures: readonly Picture[], measurements: ReadonlyMap<string, Measurement>, sets: DisjointSets): void {
  const shots = pictures.flatMap(({ sha256 }, index) => {
    const { camera = null, takenMs = null } = measurements.get(sha256) ?? {}
    return camera === null || takenMs === null ? [] : [{ index, camera, takenMs }]
  })
  shots.sort((a, b) => (a.camera < b.camera ? -1 : a.camera > b.camera ? 1 : a.takenMs - b.takenMs))
  shots.forEach((shot, place) => {
    const before = shots[place - 1]
    if (before !== undefined && before.camera === shot.camera && shot.takenMs - before.takenMs <= BURST_MS) sets.join(before.index, shot.index)
  })
}

function joinFrames(pictures: readonly Picture[], compared: readonly Compared[], hashes: HashSet64, sets: DisjointSets): void {
  const films = new Map<string, { place: number; number: number }[]>()
  compared.forEach(({ index }, place) => {
    const path = pictures[index]?.path ?? ''
    const parts = /^(.*?)(\d+)(\D*)$/.exec(posix.basename(path, posix.extname(path)))
    if (parts === null) return
    const [, before = '', digits = '', after = ''] = parts
    const film = [posix.dirname(path), before, after].join('\n')
    const frames = films.get(film)
    const frame = { place, number: Number(digits) }
    if (frames === undefined) films.set(film, [frame])
    else frames.push(frame)
  })
  for (const frames of films.values()) {
    frames.sort((a, b) => a.number - b.number)
    frames.forEach((frame, at) => {
      const before = frames[at - 1]
      if (before === undefined || frame.number - before.number > FRAME_STEP || hashes.distance(before.place, frame.place) > FRAME_DISTANCE) return
      const [first, second] = [compared[before.place], compared[frame.place]]
      if (first === undefined || second === undefined) return
      if (gridCorrelation(gridOf(first), gridOf(second)) >= FRAME_CORRELATION) sets.join(first.index, second.index)
    })
  }
}
