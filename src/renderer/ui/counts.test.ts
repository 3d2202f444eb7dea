import { expect, test } from 'vitest'
import { classCount, pictureCount } from './counts'

test('counts have separators and the right number of the noun', () => {
  expect(pictureCount(5412)).toBe('5,412 pictures')
  expect(pictureCount(1)).toBe('1 picture')
  expect(pictureCount(0)).toBe('0 pictures')
  expect(classCount(2)).toBe('2 classes')
})
