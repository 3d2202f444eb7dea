import { expect, test } from 'vitest'
import { stepped } from '../../state/preview-picture'
import { cutOffShare, middleSquare, runWords, squareWords, tileWords } from './preview-words'

const tile = { view: 3, epoch: 3, image: '', box: null, mix: null }

test('a view says when it is shown and what it is blended with', () => {
  expect(tileWords(tile)).toBe('View 3, first in epoch 3')
  expect(tileWords({ ...tile, epoch: null })).toBe('View 3, which this run does not get to')
  const mix = { path: 'b/7.jpg', ownShare: 0.71 }
  expect(tileWords({ ...tile, mix: { ...mix, kind: 'mixup' } })).toMatch(/MixUp: 71 % of this picture and of its label, 29 % of b\/7\.jpg/)
  expect(tileWords({ ...tile, mix: { ...mix, kind: 'cutmix' } })).toMatch(/CutMix: a part from b\/7\.jpg.*the label is 71 % this picture/)
})

test('how many of the nine are the run’s', () => {
  const tiles = Array.from({ length: 9 }, () => tile)
  expect(runWords({ runViews: 0, tiles: [] })).toMatch(/^Without augmentation/)
  expect(runWords({ runViews: 10, tiles })).toBe('The first 9 of 10 views that the run shows of it.')
  expect(runWords({ runViews: 3, tiles })).toBe('The run shows 3 views of each picture; the last 6 here are drawn alike.')
  expect(runWords({ runViews: 8, tiles })).toBe('The run shows 8 views of each picture; the last one here is drawn alike.')
})

test('what a crop leaves out is told of this picture', () => {
  expect(cutOffShare({ width: 400, height: 300 })).toBeCloseTo(0.25)
  expect(squareWords({ width: 300, height: 400 })).toMatch(/leave out 25\u00a0% of this one/)
  expect(squareWords({ width: 300, height: 300 })).toMatch(/square as it is/)
  expect(middleSquare({ width: 400, height: 300 })).toEqual({ left: 0.125, top: 0, width: 0.75, height: 1 })
})

test('steps go round, and chance never stays', () => {
  expect(['previous', 'next', 'first'].map((step) => stepped(step as 'next', { place: 0, total: 3 }))).toEqual([2, 1, 0])
  expect(stepped('next', { place: 2, total: 3 })).toBe(0)
  for (const drawn of [0, 0.3, 0.6, 0.999]) expect(stepped('random', { place: 1, total: 3 }, () => drawn)).not.toBe(1)
  expect(stepped('random', { place: 0, total: 1 })).toBe(0)
})
