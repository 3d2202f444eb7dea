import { expect, test } from 'vitest'
import { fitted, labelShifts } from './line-panel'
import { seriesCsv } from './save-chart'

test('a stage’s name is cut to its band, and left out of one that is too narrow', () => {
  expect([200, 60, 20].map((width) => fitted('Late layers', width))).toEqual(['Late layers', 'Late la…', ''])
})

test('labels that are apart stay where they are', () => expect(labelShifts([10, 60])).toEqual([0, 0]))

test('labels that would overlap move apart by equal parts, whichever comes first', () => {
  expect(labelShifts([50, 54])).toEqual([-5, 5])
  expect(labelShifts([54, 50])).toEqual([5, -5])
})

test('a label on the axis goes up from it, and takes along one that it would meet', () => {
  expect(labelShifts([20, 99], 100)).toEqual([0, -6])
  expect(labelShifts([98, 99], 100)).toEqual([-19, -6])
})

test('numbers are saved with one row an epoch and an empty field where a line has no point', () => {
  const csv = seriesCsv([
    { label: 'train', kind: 'train', points: [{ x: 1, y: 0.9 }, { x: 2, y: 0.5 }] },
    { label: 'validation', kind: 'validation', points: [{ x: 1, y: 0.8 }] },
  ])
  expect(csv).toBe('epoch,train,validation\n1,0.9,0.8\n2,0.5,\n')
})

test('many labels in one place stand below one another, all within the drawing', () => {
  const middles = (tops: number[], bottom: number) => labelShifts(tops, bottom).map((shift, index) => (tops[index] ?? 0) + shift)
  expect(middles([0, 0, 1, 2], 200)).toEqual([-3, 11, 25, 39])
  expect(middles([100, 101, 99, 50], 200)).toEqual([100, 114, 86, 50])
  expect(middles([90, 100, 100, 100], 100)).toEqual([51, 65, 79, 93])
})
