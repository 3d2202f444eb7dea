import { expect, test } from 'vitest'
import { windowBetween, within, zoomed } from './epoch-window'

test('what is drawn over in either direction is a window of whole epochs, and a click is none', () => {
  expect(windowBetween(7.4, 2.6, 20)).toEqual({ first: 3, last: 7 })
  expect(windowBetween(18, 25, 20)).toEqual({ first: 18, last: 20 })
  expect(windowBetween(4.1, 4.3, 20)).toBeNull()
})

test('zooming in keeps the epoch in sight, and stays within the run', () => {
  expect(zoomed(null, 10, 'in', 20)).toEqual({ first: 6, last: 15 })
  expect(zoomed(null, 20, 'in', 20)).toEqual({ first: 11, last: 20 })
  expect(zoomed({ first: 11, last: 12 }, 12, 'in', 20)).toEqual({ first: 12, last: 13 })
})

test('zooming out ends with all epochs', () => {
  expect(zoomed({ first: 6, last: 10 }, 8, 'out', 20)).toEqual({ first: 4, last: 12 })
  expect(zoomed({ first: 4, last: 16 }, 8, 'out', 20)).toBeNull()
})

test('a window takes the points of its epochs, those of its ends too', () => {
  const points = [1, 2, 3, 4].map((x) => ({ x, y: x }))
  expect(within(points, { first: 2, last: 3 })).toEqual(points.slice(1, 3))
  expect(within(points, null)).toBe(points)
})
