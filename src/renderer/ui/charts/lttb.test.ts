import { expect, test } from 'vitest'
import { KeyedRandom } from '../../../shared/domain/random'
import { reducePoints } from './lttb'

const wave = (count: number): { x: number; y: number }[] => Array.from({ length: count }, (_, x) => ({ x, y: Math.sin(x / 50) }))

test('few points pass unchanged', () => {
  const points = wave(10)
  expect(reducePoints(points, 10)).toBe(points)
  expect(reducePoints([], 10)).toEqual([])
})

test('many points become exactly as many as asked for, in order, with both ends', () => {
  const points = wave(10_000)
  const reduced = reducePoints(points, 400)
  expect(reduced).toHaveLength(400)
  expect(reduced[0]).toBe(points[0])
  expect(reduced.at(-1)).toBe(points.at(-1))
  for (let i = 1; i < reduced.length; i++) expect(reduced[i]!.x).toBeGreaterThan(reduced[i - 1]!.x)
})

test('a single peak survives', () => {
  const points = wave(5000).map((point) => ({ ...point, y: point.x === 2345 ? 40 : point.y }))
  expect(reducePoints(points, 60).some((point) => point.y === 40)).toBe(true)
})

test('extremes of noise stay close to those of the whole', () => {
  const random = new KeyedRandom(7, 'sample')
  const points = Array.from({ length: 20_000 }, (_, x) => ({ x, y: random.normal() }))
  const reduced = reducePoints(points, 500)
  const largest = (list: readonly { y: number }[]): number => list.reduce((most, point) => Math.max(most, point.y), -Infinity)
  expect(largest(reduced)).toBe(largest(points))
})
