import { expect, test } from 'vitest'
import { failureParts, failureTitle } from './failure-words'

test('the table that ends an action is shown once, as a table', () => {
  const table = '0 of 62 expected tensors fit.\n\nMissing in the file (62)'
  const parts = failureParts({ code: 'MISMATCH', message: 'It holds none.', action: `Save a model of one of these networks.\n${table}`, detail: table })
  expect(parts).toEqual({ action: 'Save a model of one of these networks.', table, technical: null })
})

test('other details are technical, and an action may be missing', () => {
  expect(failureParts({ code: 'BUG', message: 'x', action: 'Report it.', detail: 'stack' })).toEqual({ action: 'Report it.', table: null, technical: 'stack' })
  expect(failureParts({ code: 'UNREADABLE', message: 'x' })).toEqual({ action: null, table: null, technical: null })
})

test('a refusal is about the file’s content only while it is read', () => {
  expect(failureTitle('REFUSED', 'reading')).toBe('The file asks for more than weights')
  expect(failureTitle('REFUSED', 'sending')).toBe('The file could not be sent')
})
