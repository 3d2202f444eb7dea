import { expect, test } from 'vitest'
import { meanSpeed, prepareText, progressText } from './run-words'

test('a phase of one step counts nothing', () => {
  expect(prepareText('engine', 0, 1)).toBe('Starting the engine')
  expect(prepareText('decoding', 1200, 5412)).toBe('Decoding pictures · 1,200 of 5,412')
})

test('progress tells what it knows', () => {
  expect(progressText({ phase: 'train', done: 32, total: 420, loss: 0.5123, accuracy: 0.841 })).toBe(
    'Learning · 32 of 420 pictures · loss 0.512 · accuracy 84.1 %',
  )
  expect(progressText({ phase: 'train', done: 1, total: 1, loss: null, accuracy: null })).toBe('Learning · 1 of 1 picture')
  expect(progressText({ phase: 'val', done: 90, total: 90, loss: null, accuracy: null })).toBe('Validating · 90 of 90 pictures')
})

test('the speed of a run that is over is that of the whole run, and unknown without its time', () => {
  const record = { counts: { train: 210, val: 45, test: 45 }, total_s: 20 }
  expect(meanSpeed(4, record, null)).toBe(42)
  expect(meanSpeed(4, record, { total_s: 40 })).toBe(21)
  expect(meanSpeed(0, record, null)).toBeNull()
  expect(meanSpeed(4, { ...record, total_s: 0 }, null)).toBeNull()
})
