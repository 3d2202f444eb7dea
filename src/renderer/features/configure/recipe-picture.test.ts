import { expect, test } from 'vitest'
import type { StageForecast } from '../../../shared/domain/model'
import { planRates } from '../../../shared/domain/rate-plan'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { stageSchema } from '../../../shared/domain/stages'
import { memoryWarning } from './memory-note'
import { epochWords, secondsWords } from './recipe-picture'
import { slideSpan, slideStep } from './setting-slider'
import { draggedEpochs } from './stage-ends'
import { forecastKey, measuredKey } from './use-forecasts'

const staged = { ...DEFAULT_RUN_CONFIG, stages: [stageSchema.parse({ name: 'Head', epochs: 2 }), stageSchema.parse({ name: 'All', epochs: 3, freeze: 'none' })] }
const timed = (epochs: number): StageForecast => ({ name: '', epochs, seconds: 30 + 10 * (epochs - 1), firstEpochSeconds: 30, newViewEpochSeconds: 10, newViewEpochs: epochs, epochSeconds: 10, memoryBytes: 0 })

test('an epoch says its seconds, the first of a stage its own, and nothing before they are measured', () => {
  const plan = planRates(staged, 10, () => null)
  const words = (epoch: number): string | null => secondsWords(plan, epoch, { stages: [timed(2), timed(3)] })
  expect(words(3)).toBe('25–40 s')
  expect(words(1)).toBe('25–40 s')
  expect(words(4)).not.toBe(words(3))
  expect(secondsWords(plan, 4, null)).toBeNull()
  expect(epochWords(plan, [null, null], 3)).toBe('epoch 3 · All · learning rate 0.0005')
})

test('a stage is dragged by whole epochs and keeps at least one', () => {
  expect(draggedEpochs(5, 31, 10)).toBe(8)
  expect(draggedEpochs(5, -200, 10)).toBe(1)
  expect(draggedEpochs(9_999, 1e6, 1)).toBe(10_000)
})

test('epochs and views are counted, what else changes is measured', () => {
  const keyOf = (change: object): string => measuredKey('d', { ...staged, ...change })
  expect(keyOf({ epochs: 30, views: 2 })).toBe(keyOf({}))
  // An amount of the augmentation costs the same however large; a part that is switched on does not.
  const { augmentation } = staged
  expect(keyOf({ augmentation: { ...augmentation, rotation: 80, brightness: 0.9 } })).toBe(keyOf({}))
  for (const part of [{ hue: 0.1 }, { rand_augment: 2 }, { random_resized_crop: true }, { mixup: 0.2 }, { brightness: 0 }]) expect(keyOf({ augmentation: { ...augmentation, ...part } })).not.toBe(keyOf({}))
  expect(forecastKey('d', { ...staged, epochs: 30 })).not.toBe(forecastKey('d', staged))
  for (const change of [{ image_size: 128 }, { freeze_ratio: 0.1 }, { batch_size: 7 }, { augment: false }]) expect(keyOf(change)).not.toBe(keyOf({}))
})

test('memory that is not there is said with what to do', () => {
  const machine = { memoryBytes: 16e9, freeMemoryBytes: 8e9 }
  expect(memoryWarning(2e9, machine)).toBeNull()
  expect(memoryWarning(9e9, machine)).toMatch(/^Only .* are free.*smaller batch/)
  expect(memoryWarning(20e9, machine)).toMatch(/^This machine has/)
})

test('a slider spans what is sensible in steps that reach its ends', () => {
  expect(slideSpan({}, { low: 0, high: 1 })).toEqual([0, 1])
  expect(slideSpan({ slide: [0.3, 2] }, { low: 0.1, high: 10 })).toEqual([0.3, 2])
  expect([slideStep([0, 180], false), slideStep([0, 1], false), slideStep([0, 10], true)]).toEqual([1, 0.01, 1])
})
