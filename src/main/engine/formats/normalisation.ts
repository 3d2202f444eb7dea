/** The mean and standard deviation that a file gives, checked and on the scale of Graft's pictures, 0 to 1. */
import { GraftError } from '../../../shared/domain/error'
import type { Vector } from './model-metadata'

export interface Normalisation {
  readonly mean: Vector
  readonly std: Vector
  /** What was changed, or null. */
  readonly note: string | null
}

const BYTE_SCALE = 255
/** Means of pictures of 0 to 1 lie in between; with room for scripts that take −1 to 1. */
const MOST_OF_UNIT_SCALE = 2

const scaled = ([r, g, b]: Vector): Vector => [r / BYTE_SCALE, g / BYTE_SCALE, b / BYTE_SCALE]
/** For a sentence: (0.485, 0.456, 0.406). */
export const vectorWords = (vector: readonly number[]): string => `(${vector.map((value) => Number(value.toPrecision(4))).join(', ')})`

/**
 * (x − mean) / std is the same for x of 0 to 255 with both of that scale as for x of 0 to 1 with both divided by 255.
 * Null where they are no numbers, where a standard deviation is not above zero, or the scale cannot be told.
 */
export function onUnitScale(mean: Vector, std: Vector): Normalisation | null {
  const fits = (of: Vector, least: number, most: number): boolean => of.every((value) => value >= least && value <= most)
  if (!std.every((value) => value > 0)) return null
  if (fits(mean, -MOST_OF_UNIT_SCALE, MOST_OF_UNIT_SCALE) && fits(std, 0, MOST_OF_UNIT_SCALE)) return { mean, std, note: null }
  if (!fits(mean, 0, BYTE_SCALE) || !fits(std, 1, BYTE_SCALE)) return null
  const note = `The file’s normalisation, mean ${vectorWords(mean)} and standard deviation ${vectorWords(std)}, is for pictures of 0 to 255: both are divided by 255.`
  return { mean: scaled(mean), std: scaled(std), note }
}

/**
 * The same for a normalisation that is going to be used.
 * @param what the file, for the message
 * @throws GraftError BAD_INPUT
 */
export function usableNormalisation(mean: Vector, std: Vector, what: string): Normalisation {
  const usable = onUnitScale(mean, std)
  if (usable !== null) return usable
  throw new GraftError(
    'BAD_INPUT',
    `Expected of ${what} a mean and a standard deviation above zero for pictures of 0 to 1, or both for 0 to 255, but it gives mean ${vectorWords(mean)} and standard deviation ${vectorWords(std)}.`,
    { action: 'Correct mean and std in the file, or leave them out: then the backbone’s own are taken.' },
  )
}
