import { expect, test } from 'vitest'
import { forecastOf } from '../../../shared/domain/forecast'
import type { Measurement } from '../../../shared/domain/model'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { forecastNote, forecastWords } from './preset-cards'
import { forecastKey, type ForecastState } from './use-forecasts'

const MEASUREMENT: Measurement = {
  batchSize: 16,
  startSeconds: 1,
  warmUpSeconds: 1,
  decodePictureMs: 4,
  prefixPictureMs: 10,
  prefixPlainMs: 8,
  trainStepMs: 100,
  smallStepMs: 20,
  validatePictureMs: 2,
  forwardPictureMs: 10,
  copySeconds: 0.1,
  writeSeconds: 0.1,
  memoryBytes: 5e8,
  featureBytes: 1000,
  featureBudgetBytes: 1e9,
  measuredAt: '2026-01-01T00:00:00.000Z',
}

const known = (secondsLow: number, secondsHigh: number): ForecastState => ({
  kind: 'known',
  forecast: { ...forecastOf(MEASUREMENT, DEFAULT_RUN_CONFIG, { train: 70, val: 15, test: 15, decodedShare: 0 }), secondsLow, secondsHigh },
})

test('a forecast is a range, and said to be a guess once', () => {
  expect(forecastWords(known(12, 20))).toBe('about 10–20 s')
  expect(forecastWords(known(299, 301))).toBe('about 5 min')
  expect(forecastWords({ kind: 'measuring' })).toBeNull()
})

test('while a run is live nothing is measured, but what is known stays', () => {
  expect(forecastNote({ kind: 'waiting' }, true)).toBe('measured after the live run')
  expect(forecastNote(known(1, 2), true)).toBe('measured on this machine')
})

test('only what changes the time asks for a new measurement', () => {
  const key = forecastKey('a', DEFAULT_RUN_CONFIG)
  expect(forecastKey('a', { ...DEFAULT_RUN_CONFIG, learning_rate: 0.1 })).toBe(key)
  expect(forecastKey('a', { ...DEFAULT_RUN_CONFIG, freeze_ratio: 0.5 })).not.toBe(key)
  expect(forecastKey('b', DEFAULT_RUN_CONFIG)).not.toBe(key)
})
