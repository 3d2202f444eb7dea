/** How long it still takes, as a range until the guesses agree. */
import type { EndGuess } from './run-view'

export interface TimeLeft {
  lowSeconds: number
  highSeconds: number
}

const FEWEST_GUESSES = 3
const WINDOW_MS = 60_000

/**
 * The spread of the last minute's guesses, widened by what is not known yet: before the first epoch has been seen whole the
 * trainer's guess may be a third off, afterwards a twentieth. Null before there are three guesses.
 */
export function timeLeftRange(guesses: readonly EndGuess[], epochsDone: number, nowMs: number): TimeLeft | null {
  const last = guesses.at(-1)
  if (last === undefined || guesses.length < FEWEST_GUESSES) return null
  const ends = guesses.filter((guess) => guess.atMs >= last.atMs - WINDOW_MS).map((guess) => guess.endsAtMs)
  const margin = epochsDone < 1 ? 1 / 3 : epochsDone < 3 ? 0.1 : 0.05
  const low = (Math.min(...ends) - nowMs) / 1000
  const high = (Math.max(...ends) - nowMs) / 1000
  return { lowSeconds: Math.max(0, low * (1 - margin)), highSeconds: Math.max(0, high * (1 + margin)) }
}
