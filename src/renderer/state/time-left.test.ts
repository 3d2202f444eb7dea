import { expect, test } from 'vitest'
import { timeLeftRange } from './time-left'

const guesses = (ends: readonly number[], spacingMs = 1000) => ends.map((endsAtMs, index) => ({ atMs: index * spacingMs, endsAtMs }))

test('nothing is said before there are three guesses', () => {
  expect(timeLeftRange([], 0, 0)).toBeNull()
  expect(timeLeftRange(guesses([60_000, 60_000]), 5, 0)).toBeNull()
})

test('the range holds all recent guesses and narrows once epochs have been seen whole', () => {
  const early = timeLeftRange(guesses([60_000, 90_000, 70_000]), 0.5, 0)
  const late = timeLeftRange(guesses([60_000, 90_000, 70_000]), 6, 0)
  expect(early).toEqual({ lowSeconds: expect.closeTo(40, 6), highSeconds: expect.closeTo(120, 6) })
  expect(late).toEqual({ lowSeconds: expect.closeTo(57, 6), highSeconds: expect.closeTo(94.5, 6) })
})

test('guesses older than a minute no longer count', () => {
  const range = timeLeftRange(guesses([900_000, 200_000, 200_000, 200_000], 40_000), 6, 120_000)
  expect(range?.highSeconds).toBeCloseTo(84, 6)
})

test('an end that has passed is not negative', () => {
  expect(timeLeftRange(guesses([1000, 1000, 1000]), 6, 50_000)).toEqual({ lowSeconds: 0, highSeconds: 0 })
})
