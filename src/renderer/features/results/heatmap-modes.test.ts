import { expect, test } from 'vitest'
import { classesShown, heatmapWords, modeFor, modesOf } from './heatmap-modes'

test('a right answer has one heatmap, a wrong one two that can be seen beside each other', () => {
  expect(modesOf(1, 1)).toEqual(['picture', 'prediction'])
  expect(modesOf(0, 1)).toEqual(['picture', 'truth', 'prediction', 'both'])
  expect(modesOf(0, 1).map((mode) => classesShown(mode, 0, 1))).toEqual([[null], [0], [1], [0, 1]])
})

test('what was chosen for a wrong answer becomes the one heatmap of a right one', () => {
  expect(modeFor('both', modesOf(1, 1))).toBe('prediction')
  expect(modeFor('truth', modesOf(0, 1))).toBe('truth')
  expect(modeFor('picture', modesOf(1, 1))).toBe('picture')
})

test('a heatmap is told in words', () => {
  const map = (values: number[]) => ({ classIndex: 0, height: 2, width: 2, values, isSpokenFor: values.some((value) => value > 0) })
  expect(heatmapWords(map([0, 1, 0, 0]), 'grass')).toBe('for grass the model looked mostly at the upper right')
  expect(heatmapWords(map([0, 0, 0, 0]), 'grass')).toBe('nothing in it speaks for grass')
})
