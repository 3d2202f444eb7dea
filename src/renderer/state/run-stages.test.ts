import { expect, test } from 'vitest'
import { runConfigSchema } from '../../shared/domain/run-config'
import { currentSpan, stageSpans } from './run-stages'
import type { StageEvent } from './run-view'

const config = runConfigSchema.parse({ epochs: 25, stages: [{ name: 'Head', epochs: 5 }, { name: 'Late', epochs: 10 }, { name: 'All', epochs: 10 }] })
const begins = (stage: number, first_epoch: number, epochs: number): StageEvent => ({
  event: 'stage', stage, name: '', stages: 3, first_epoch, epochs, frozen_layers: 1, layers: 2, trainable_parameters: 1, views: 1, prefix_cached: true, learning_rates: {}, from_epoch: null,
}) // prettier-ignore
const words = (begun: StageEvent[], done: number, hasEnded = false): string[] =>
  stageSpans(config, begun, done, hasEnded).map(({ name, firstEpoch, lastEpoch, endedEarly }) => `${name} ${firstEpoch}–${lastEpoch}${endedEarly ? ' early' : ''}`)

test('before it begins a run lies as it is planned', () => {
  expect(words([], 0)).toEqual(['Head 1–5', 'Late 6–15', 'All 16–25'])
  expect(currentSpan(stageSpans(config, [], 0, false), [])).toBeNull()
})

test('a stage that ends early draws those behind it nearer', () => {
  expect(words([begins(1, 1, 5), begins(2, 4, 10)], 4)).toEqual(['Head 1–3 early', 'Late 4–13', 'All 14–23'])
})

test('the last stage of an ended run is as long as it was', () => {
  const begun = [begins(1, 1, 5), begins(2, 6, 10), begins(3, 16, 10)]
  expect(words(begun, 19, true)).toEqual(['Head 1–5', 'Late 6–15', 'All 16–19 early'])
  expect(words(begun, 19)).toEqual(['Head 1–5', 'Late 6–15', 'All 16–25'])
  expect(currentSpan(stageSpans(config, begun, 19, true), begun)?.name).toBe('All')
})

test('a run of one stage has none to show', () => {
  expect(stageSpans(runConfigSchema.parse({}), [], 3, false)).toEqual([])
})
