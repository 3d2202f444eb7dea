import { expect, test } from 'vitest'
import { ratiosAfter } from './recipe-split'

const dataset = (train: number, val: number, test: number) => ({ layout: 'folder-per-class' as const, ratios: { train, val, test } })

test('a recipe with a split of its own has it drawn, and leaving the recipe draws the usual one again', () => {
  expect(ratiosAfter('balanced', 'guide-b', dataset(0.7, 0.15, 0.15))).toEqual({ train: 0.8, val: 0.2, test: 0 })
  expect(ratiosAfter('guide-b', 'balanced', dataset(0.8, 0.2, 0))).toEqual({ train: 0.7, val: 0.15, test: 0.15 })
})

test('a split that was chosen by hand or given by the folders stays', () => {
  expect(ratiosAfter('balanced', 'guide-b', dataset(0.6, 0.2, 0.2))).toBeNull()
  expect(ratiosAfter('balanced', 'guide-b', { ...dataset(0.7, 0.15, 0.15), layout: 'split-folders' })).toBeNull()
  expect(ratiosAfter('balanced', 'fast', dataset(0.7, 0.15, 0.15))).toBeNull()
})
