import { expect, test } from 'vitest'
import { verifiedText } from './verified-text'

test('the check is told with its figures', () => {
  expect(verifiedText({ pictures: 60, largestDifference: 2.4e-7, agreement: 1, bound: 1e-4 })).toBe(
    'Verified on 60 pictures: every top class agrees, largest difference 2.4e-7 (bound 1e-4)',
  )
  expect(verifiedText({ pictures: 1, largestDifference: 0, agreement: 0.5, bound: 1e-4 })).toBe(
    'Verified on 1 picture: 50.0 % of the top classes agree, largest difference 0 (bound 1e-4)',
  )
  expect(verifiedText({ pictures: 200, largestDifference: 0.031, agreement: 0.99, bound: null })).toContain('3.1e-2 (held to its accuracy)')
})
