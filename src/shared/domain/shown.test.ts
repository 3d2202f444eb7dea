import { expect, test } from 'vitest'
import { nameFault, shown, shownList } from './shown'

test('what could drive a terminal or turn a name round is written out', () => {
  expect(shown('a\u001b[31mb\u202ec')).toBe('a\\u{1b}[31mb\\u{202e}c')
  expect(shown('x'.repeat(101))).toBe(`${'x'.repeat(100)}…`)
})

test('a long list is cut and counted', () => {
  expect(shownList(['a', 'b'])).toBe('a, b')
  expect(shownList(Array.from({ length: 1000 }, (_, i) => String(i)))).toMatch(/^0, 1, .*, 19 and 980 more$/)
  expect(shownList(['a\n', 'b'])).toBe('a\\u{a}, b')
})

test.each([['', 'is empty'], ['  ', 'is empty'], ['a\u001b[2J', 'has control characters'], ['a\nb', 'has control characters'], ['Löwe 🦁', null], ['👨\u200d👩', null]])('%j %s', (name, fault) => {
  expect(nameFault(name)).toBe(fault)
})
