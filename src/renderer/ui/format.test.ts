import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatDate, formatDuration, formatDurationRange, formatLoss, formatShare, formatShort, formatSmall } from './format'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1024, '1.0 kB'],
  [1536, '1.5 kB'],
  [1024 ** 2 - 1, '1.0 MB'],
  [150 * 1024, '150 kB'],
  [1.4 * 1024 ** 3, '1.4 GB'],
  [5 * 1024 ** 5, '5120 TB'],
  [-1, '0 B'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

test.each([
  [0, '0 ms'],
  [0.85, '850 ms'],
  [12.4, '12 s'],
  [59.6, '1 min 00 s'],
  [245, '4 min 05 s'],
  [3599.7, '1 h 00 min'],
  [7800, '2 h 10 min'],
  [Number.POSITIVE_INFINITY, '–'],
])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))

test.each([
  [3, 7, '3–7 s'],
  [41, 56, '40–55 s'],
  [50, 130, '50 s – 2 min'],
  [240, 360, '4–6 min'],
  [292, 308, 'about 5 min'],
  [6000, 9000, '1.7–2.5 h'],
  [0, 0.2, 'about 1 s'],
])('from %d to %d seconds is %s', (low, high, text) => expect(formatDurationRange(low, high)).toBe(text))

test('counts have separators', () => {
  expect(formatCount(5412)).toBe('5,412')
})

test('large numbers keep three digits', () => {
  expect(formatShort(912)).toBe('912')
  expect(formatShort(1_300_000)).toBe('1.30 M')
  expect(formatShort(384_000_000)).toBe('384 M')
  expect(formatShort(999_600)).toBe('1.00 M')
})

test('shares and losses show a dash where nothing is known', () => {
  expect(formatShare(0.9417)).toBe('94.2 %')
  expect(formatShare(null)).toBe('–')
  expect(formatShare(Number.NaN)).toBe('–')
  expect(formatLoss(0.35512)).toBe('0.355')
  expect(formatLoss(undefined)).toBe('–')
})

test('small constants are readable', () => {
  expect(formatSmall(0)).toBe('0')
  expect(formatSmall(0.0005)).toBe('0.0005')
  expect(formatSmall(1e-4)).toBe('0.0001')
  expect(formatSmall(1e-7)).toBe('1e-7')
  expect(formatSmall(3.125e-5)).toBe('3.1e-5')
})

test('a date says its year only when it is another one', () => {
  const now = new Date('2026-06-01T12:00:00')
  expect(formatDate('2026-03-02T09:05:00', now)).toBe('2 Mar, 09:05')
  expect(formatDate('2025-03-02T09:05:00', now)).toContain('2025')
})
