import { expect, test } from 'vitest'
import type { ChosenThresholds } from '../../shared/domain/thresholds'
import { decided } from './thresholds-decided'

const chosen = (classes: { name: string; threshold: number }[], temperature: number | null = null): ChosenThresholds => ({
  version: 1,
  checkpoint_epoch: 1,
  temperature,
  chosen_on: 'val',
  classes: classes.map((entry) => ({ ...entry, miss_cost: 5, source: 'set' })),
})
// Highest first, as a model answers; the labels are in another order.
const picture = { path: 'a.jpg', top: [{ label: 'oak', probability: 0.7 }, { label: 'elm', probability: 0.3 }], failure: null } // prettier-ignore
const answers = { labels: ['elm', 'oak'], pictures: [picture, { path: 'b.jpg', top: [], failure: { code: 'UNREADABLE' as const, message: 'It is no picture.' } }] }
const said = (thresholds: ChosenThresholds) => decided(answers, thresholds).pictures.map(({ answer }) => answer)

test('a class is said from its threshold on, though another one is likelier', () => {
  expect(said(chosen([{ name: 'elm', threshold: 0.3 }]))).toEqual(['elm', null])
  expect(said(chosen([{ name: 'elm', threshold: 0.31 }]))).toEqual(['oak', null])
})

test('the threshold holds at its temperature', () => {
  // 0.7 and 0.3 are 0.604 and 0.396 at temperature 2.
  expect(said(chosen([{ name: 'elm', threshold: 0.39 }], 2))).toEqual(['elm', null])
  expect(said(chosen([{ name: 'elm', threshold: 0.4 }], 2))).toEqual(['oak', null])
})

test('nothing is said where every class has a threshold and none is reached; classes that it has no threshold for are as before', () => {
  expect(said(chosen([{ name: 'elm', threshold: 0.8 }, { name: 'oak', threshold: 0.8 }]))).toEqual([null, null]) // prettier-ignore
  expect(said(chosen([{ name: 'ash', threshold: 0.1 }]))).toEqual(['oak', null])
})
