/** Reads golden files and measures how far values lie from the digests in them. */
import { readFileSync } from 'node:fs'
import { formulaUniform, hashed } from './formula'

/** Dot products with formula vectors: an error anywhere in a tensor changes them. */
const PROJECTIONS = 2
/** The norm, the projections, and some entries, as scripts/golden/formula.py writes them. */
export type Digest = readonly number[]

/** Every golden file is made by a script of its own in scripts/golden and trusted to have the shape that its test names. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T
}

const projectionVectors = new Map<number, Float32Array[]>()

function projectionVectorsOf(count: number): Float32Array[] {
  const known = projectionVectors.get(count)
  if (known !== undefined) return known
  const vectors = Array.from({ length: PROJECTIONS }, (_, p) => formulaUniform(1000 + p, count))
  projectionVectors.set(count, vectors)
  return vectors
}

/**
 * The largest difference from a digest, relative: norm and projections to the tensor's norm, entries to its root mean square or
 * to the entry, whichever is larger. `floor` stands in for the norm of a tensor that is zero but for rounding. NaN if any value is.
 */
export function relativeError(values: ArrayLike<number>, expected: Digest, floor = 1e-6): number {
  const count = values.length
  const vectors = projectionVectorsOf(count)
  let squares = 0
  const dots = vectors.map(() => 0)
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    squares += value * value
    for (let p = 0; p < PROJECTIONS; p++) dots[p] = (dots[p] as number) + value * (vectors[p]?.[i] as number)
  }
  const [norm = NaN, ...rest] = expected
  const scale = Math.max(norm, floor)
  const typical = scale / Math.sqrt(count)
  const errors = [Math.abs(Math.sqrt(squares) - norm) / scale]
  dots.forEach((dot, p) => errors.push(Math.abs(dot - (rest[p] ?? NaN)) / scale))
  rest.slice(PROJECTIONS).forEach((entry, j) => {
    errors.push(Math.abs((values[hashed(2000, j) % count] as number) - entry) / Math.max(typical, Math.abs(entry)))
  })
  return errors.some(Number.isNaN) ? NaN : Math.max(...errors)
}
