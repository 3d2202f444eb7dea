import { expect, test } from 'vitest'
import { splitProblem } from './split-editor'

test('shares must add up, and train and validation each need one', () => {
  expect(splitProblem(70, 15, 15)).toBeNull()
  expect(splitProblem(33.3, 33.3, 33.4)).toBeNull()
  expect(splitProblem(60, 15, 15)).toBe('The shares add up to 90 %; 100 % is needed.')
  expect(splitProblem(100, 0, 0)).toBe('Training and validation need a share each.')
})
