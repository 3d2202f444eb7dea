import { expect, test } from 'vitest'
import { recallPoints, recallsOf, worstFirst } from './recalls'

const epoch = (number: number, confusion_matrix: number[][]) => ({ epoch: number, confusion_matrix })

test('recall is the share of a class’s pictures that were recognised, and unknown without pictures', () => {
  expect(recallsOf(epoch(1, [[3, 1, 0], [2, 2, 0], [0, 0, 0]]))).toEqual([0.75, 0.5, null])
})

test('a class has a point for each epoch that measured it', () => {
  const epochs = [epoch(1, [[1, 1], [0, 2]]), epoch(2, [[0, 0], [1, 1]]), epoch(3, [[2, 0], [0, 2]])]
  expect(recallPoints(epochs, 0)).toEqual([{ x: 1, y: 0.5 }, { x: 3, y: 1 }])
})

test('the worst come first, in the order of the classes where equal, and what is not known comes last', () => {
  expect(worstFirst([0.5, null, 0.2, 0.5], 5)).toEqual([2, 0, 3, 1, 4])
})
