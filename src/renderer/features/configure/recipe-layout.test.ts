import { expect, test } from 'vitest'
import { PRESET_CONFIGS } from '../../../shared/domain/presets'
import { planRates } from '../../../shared/domain/rate-plan'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { fallWords, rateAxis, rateShare, ratesWords, recipeLines, shownRates, stopWords } from './recipe-layout'

test('the axis holds whole decades', () => {
  expect(rateAxis([5e-4])).toMatchObject({ low: 1e-4, high: 1e-3, ticks: [1e-4, 1e-3] })
  expect(rateAxis([1e-3, 2e-6])).toMatchObject({ low: 1e-6, high: 1e-3 })
  expect(rateAxis([1e-3])).toMatchObject({ low: 1e-4, high: 1e-3 })
  expect(rateAxis([0])).toMatchObject({ low: 1e-5, high: 1e-3 })
  // What is next to nothing lies on the axis instead of pressing the rest together.
  expect(rateAxis([1, 1e-12]).ticks.length).toBeLessThan(8)
})

test('a rate has its place by its power of ten, and none below the axis', () => {
  const axis = rateAxis([1e-3, 1e-5])
  expect([1e-3, 1e-4, 1e-5, 0, 1].map((rate) => Number(rateShare(rate, axis).toFixed(6)))).toEqual([1, 0.5, 0, 0, 1])
})

test('three stages of a preset have a line each and two in the last', () => {
  const plan = planRates({ ...DEFAULT_RUN_CONFIG, ...PRESET_CONFIGS.best }, 10, () => null)
  expect(recipeLines(plan).map(({ stage, group, kind }) => [stage, group, kind])).toEqual([[1, 'all', 'main'], [2, 'all', 'main'], [3, 'head', 'main'], [3, 'backbone', 'backbone']]) // prettier-ignore
  expect(Math.max(...shownRates(plan))).toBe(1e-3)
})

test('what is not known beforehand is said', () => {
  const [stage] = planRates(DEFAULT_RUN_CONFIG, 10, () => null)
  if (stage === undefined) throw new Error('no stage')
  expect(fallWords(stage)).toBe('× 0.5 when val loss has not gained for 3 ep.')
  expect(stopWords(stage)).toBe('may end from epoch 6 on, once val accuracy has not gained for 5')
})

test('rates by depth are said by their ends', () => {
  expect(ratesWords([{ name: 'all', rate: 1e-3 }])).toBe('0.001')
  expect(ratesWords([{ name: 'head', rate: 1e-3 }, { name: 'backbone', rate: 1e-5 }])).toBe('head 0.001 · backbone 1e-5') // prettier-ignore
  expect(ratesWords(['head', 'layer4', 'layer3', 'layer2', 'layer1'].map((name, i) => ({ name, rate: 10 ** -(i + 2) })))).toBe('head 0.01 · layer4 0.001 … layer1 1e-6')
})
