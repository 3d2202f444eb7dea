import { expect, test } from 'vitest'
import type { Forecast } from '../../../shared/domain/model'
import { aboutSeconds, epochNote, usualEpochSeconds } from './freeze-figures'

const forecast = (times: Partial<Forecast>) => ({ firstEpochSeconds: 10, newViewEpochSeconds: 10, newViewEpochs: 1, epochSeconds: 10, ...times }) as Forecast

test('a time is a range of a quarter to both sides; what is short is one number', () => {
  expect(aboutSeconds(40)).toBe('30–50 s')
  expect(aboutSeconds(0.04)).toBe('about 40 ms')
})

test('epochs that take longer are named', () => {
  expect(epochNote(forecast({}), 5)).toBe('all alike')
  expect(epochNote(forecast({ firstEpochSeconds: 15 }), 5)).toBe('15 s in the first')
  expect(epochNote(forecast({ newViewEpochSeconds: 30, newViewEpochs: 3, epochSeconds: 1 }), 10)).toBe('30 s in the first 3')
})

test('the usual epoch is one without new views, where there is one', () => {
  const times = forecast({ newViewEpochSeconds: 30, newViewEpochs: 3, epochSeconds: 1 })
  expect(usualEpochSeconds(times, 10)).toBe(1)
  expect(usualEpochSeconds(times, 3)).toBe(30)
})
