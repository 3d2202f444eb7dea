import { expect, test } from 'vitest'
import { smoothed } from './smoothed'

const points = [4, 0, 4, 0].map((y, index) => ({ x: index + 1, y }))

test('without weight the points stay as they are', () => expect(smoothed(points, 0)).toEqual(points))

test('the first point stays, and each one after it is the mean of all before, the newest weighing most', () => {
  const at = smoothed(points, 0.5).map(({ y }) => y)
  // (4·½ + 0)/(¾)·… worked by hand: 4, 4/3, 20/7, 20/15.
  expect(at[0]).toBe(4)
  expect(at[1]).toBeCloseTo(4 / 3, 12)
  expect(at[2]).toBeCloseTo(20 / 7, 12)
  expect(at[3]).toBeCloseTo(20 / 15, 12)
})
