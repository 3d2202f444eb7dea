import { expect, test } from 'vitest'
import { uploadSpeed } from './upload-speed'

const MB = 1024 * 1024

test('nothing is said before a second has passed or a byte has left', () => {
  expect(uploadSpeed(MB, 10 * MB, 900)).toBeNull()
  expect(uploadSpeed(0, 10 * MB, 5000)).toBeNull()
})

test('speed and time left follow from what has left so far', () => {
  expect(uploadSpeed(2 * MB, 10 * MB, 2000)).toBe('1.0 MB/s · about 8 s left')
  expect(uploadSpeed(10 * MB, 10 * MB, 2000)).toBe('5.0 MB/s · nearly done')
})
