import { expect, test } from 'vitest'
import { readNumber, stepped } from './number-field'

const share = { low: 0, high: 1 }

test('a number is read as people write it', () => {
  expect(readNumber(' 1e-7 ', share)).toEqual({ value: 1e-7 })
  expect(readNumber('0,25', share)).toEqual({ value: 0.25 })
  expect(readNumber('', { ...share, isOptional: true })).toEqual({ value: null })
})

test('what is not a number of the field says what was expected', () => {
  expect(readNumber('', share)).toEqual({ problem: 'Expected a number' })
  expect(readNumber('two', share)).toEqual({ problem: 'Expected a number' })
  expect(readNumber('Infinity', share)).toEqual({ problem: 'Expected a number' })
  expect(readNumber('1.5', share)).toEqual({ problem: 'Expected 0 to 1' })
  expect(readNumber('1.5', { low: 1, high: 10, isWhole: true })).toEqual({ problem: 'Expected a whole number' })
  expect(readNumber('-1', { low: 0, high: Number.MAX_SAFE_INTEGER })).toEqual({ problem: 'Expected 0 or more' })
})

test('a bound that does not count is refused', () => {
  const between = { low: 0, high: 1, isLowExcluded: true, isHighExcluded: true }
  expect(readNumber('0', between)).toEqual({ problem: 'Expected more than 0' })
  expect(readNumber('1', between)).toEqual({ problem: 'Expected less than 1' })
  expect(readNumber('0.999', between)).toEqual({ value: 0.999 })
})

test('learning rates step through 1, 2, 5', () => {
  expect(stepped(5e-4, 1, 'tenfold')).toBe(1e-3)
  expect(stepped(1e-3, 1, 'tenfold')).toBe(2e-3)
  expect(stepped(1e-3, -1, 'tenfold')).toBe(5e-4)
  expect(stepped(3e-4, -1, 'tenfold')).toBe(2e-4)
  expect(stepped(0, 1, 'tenfold')).toBe(1e-6)
  expect(stepped(0.3, -1, 0.1)).toBe(0.2)
})
