import { expect, test } from 'vitest'
import { epochSecondsAt, forecastAgain, forecastOf, forecastOfStages, memoryVerdict, stageAlone } from './forecast'
import type { Measurement } from './model'
import { parameterWords, shortCount } from './parameter-words'
import { DEFAULT_RUN_CONFIG } from './run-config'
import { plannedStages } from './stages'

const MEASUREMENT: Measurement = {
  batchSize: 10,
  startSeconds: 2,
  warmUpSeconds: 1,
  decodePictureMs: 10,
  prefixPictureMs: 20,
  prefixPlainMs: 10,
  trainStepMs: 100,
  smallStepMs: 20,
  validatePictureMs: 5,
  forwardPictureMs: 15,
  copySeconds: 0,
  writeSeconds: 0,
  memoryBytes: 1e9,
  featureBytes: 1000,
  featureBudgetBytes: 250_000,
  measuredAt: '2026-01-01T00:00:00.000Z',
}
const COUNTS = { train: 105, val: 20, test: 20, decodedShare: 0 }
const config = { ...DEFAULT_RUN_CONFIG, epochs: 10, views: 3, image_size: 100 }

test('epochs, new views and what is done once add up to the run', () => {
  const forecast = forecastOf(MEASUREMENT, config, COUNTS)
  // 10 full steps, one of 5 pictures on the line between 2 and 10, and the validation.
  expect(forecast.epochSeconds).toBeCloseTo((10 * 100 + 50 + 20 * 5) / 1000)
  expect(forecast.newViewEpochSeconds).toBeCloseTo(forecast.epochSeconds + 105 * 0.02)
  expect(forecast.firstEpochSeconds).toBeCloseTo(forecast.newViewEpochSeconds + 1 + 20 * 0.01)
  expect(forecast.prepareSeconds).toBeCloseTo(2 + 145 * 0.01)
  const epochs = forecast.firstEpochSeconds + 2 * forecast.newViewEpochSeconds + 7 * forecast.epochSeconds
  expect(forecast.seconds).toBeCloseTo(forecast.prepareSeconds + epochs + 0.5 + 40 * 0.015)
  expect([forecast.secondsLow / forecast.seconds, forecast.secondsHigh / forecast.seconds]).toEqual([0.75, 1.25])
})

test('memory counts the pictures and the views that fit into the budget', () => {
  const pictures = 145 * 100 * 100 * 3
  // Two of the three views fit, and the validation's own.
  expect(forecastOf(MEASUREMENT, config, COUNTS).memoryBytes).toBe(1e9 + pictures + 2 * 105_000 + 20_000)
  expect(forecastOf({ ...MEASUREMENT, featureBytes: 0 }, config, COUNTS).memoryBytes).toBe(1e9 + pictures)
  // More pictures than are kept decoded in memory.
  expect(forecastOf({ ...MEASUREMENT, featureBytes: 0 }, config, { ...COUNTS, train: 30_000 }).memoryBytes).toBe(1e9)
})

test('where nothing is kept only the first epoch is longer; decoded pictures are read', () => {
  const forecast = forecastOf({ ...MEASUREMENT, featureBytes: 0, prefixPictureMs: 0, prefixPlainMs: 0 }, config, { ...COUNTS, decodedShare: 1 })
  expect(forecast.newViewEpochs).toBe(1)
  expect(forecast.newViewEpochSeconds).toBe(forecast.epochSeconds)
  expect(forecast.prepareSeconds).toBeCloseTo(2 + 145 * 0.001)
})

test('parameters are stated as in the guides', () => {
  expect(parameterWords({ parameters: 2_540_000, trainableParameters: 593_000 })).toBe('2.5M (0.6M trainable)')
  expect([912, 1026, 48_300, 99_999, 100_000, 11_689_512, 1.2e9].map(shortCount)).toEqual(['912', '1.0k', '48.3k', '100.0k', '0.1M', '11.7M', '1.2B'])
})

test('a run of several stages is the sum of its stages as measured, and takes the memory of its largest', () => {
  const staged = { ...config, epochs: 7, views: null, stages: [{ name: 'Head', epochs: 2 }, { name: null, epochs: 5, freeze: 'none' as const }].map((stage) => ({ start_from: 'best' as const, optimizer_state: 'restart' as const, ...stage })) }
  const measurements = [MEASUREMENT, { ...MEASUREMENT, featureBytes: 0, prefixPictureMs: 0, trainStepMs: 300, memoryBytes: 3e9 }]
  const measured = plannedStages(staged).map((stage, index) => ({ stage, measurement: measurements[index] ?? MEASUREMENT }))
  const forecast = forecastOfStages(measured, staged, COUNTS)
  const alone = measured.map(({ stage, measurement }) => forecastOf(measurement, stageAlone(staged, stage), COUNTS))
  expect(forecast.stages.map(({ name, epochs }) => [name, epochs])).toEqual([['Head', 2], ['Stage 2', 5]]) // prettier-ignore
  const [head, all] = alone
  if (head === undefined || all === undefined) throw new Error('Two stages were asked for')
  // The second run alone would start and decode again; the end is the last one's.
  const finish = (one: typeof head) => one.seconds - one.prepareSeconds - (one.stages[0]?.seconds ?? 0)
  expect(forecast.seconds).toBeCloseTo(head.seconds + all.seconds - all.prepareSeconds - finish(head))
  expect(forecast.memoryBytes).toBe(Math.max(head.memoryBytes, all.memoryBytes))
})

test('other epochs and views are told from the same measurements, other stages are not', () => {
  const forecast = forecastOf(MEASUREMENT, config, COUNTS)
  const longer = { ...config, epochs: 30, views: 5 }
  expect(forecastAgain(forecast, longer)).toEqual(forecastOf(MEASUREMENT, longer, COUNTS))
  expect(forecastAgain(forecast, { ...config, stages: [{ name: null, epochs: 2, start_from: 'best', optimizer_state: 'restart' }, { name: null, epochs: 2, start_from: 'best', optimizer_state: 'restart' }] })).toBeNull()
})

test('the epochs of a stage add up to it, checkpoints and all', () => {
  const { stages } = forecastOf({ ...MEASUREMENT, copySeconds: 0.3, writeSeconds: 0.2 }, config, COUNTS)
  const [stage] = stages
  if (stage === undefined) throw new Error('A run has a stage')
  const seconds = Array.from({ length: stage.epochs }, (_, index) => epochSecondsAt(stage, index + 1))
  expect(seconds.reduce((a, b) => a + b, 0)).toBeCloseTo(stage.seconds)
  // Three views: the first epoch, two with a new view, the rest.
  expect(new Set(seconds.map((value) => value.toFixed(6))).size).toBe(3)
  expect(seconds[1]).toBeGreaterThan(seconds[3] ?? NaN)
})

test('memory is held against what is free and what there is', () => {
  const machine = { memoryBytes: 16e9, freeMemoryBytes: 8e9 }
  expect([6e9, 7.5e9, 9e9, 17e9].map((needed) => memoryVerdict(needed, machine))).toEqual(['fits', 'tight', 'more_than_free', 'more_than_there_is'])
})
