import { expect, test } from 'vitest'
import { folderName, freeName, joinPath, lastPart, parentOf } from './export-folder'

test('a run’s name becomes a folder’s name', () => {
  expect(folderName('Leaves / try 2')).toBe('leaves-try-2')
  expect(folderName('../..')).toBe('model')
  expect(folderName('Blätter')).toBe('blätter')
  expect(folderName('x'.repeat(200))).toHaveLength(80)
})

test('paths are joined and cut with the separator they have', () => {
  expect(joinPath('/home/a', 'b')).toBe('/home/a/b')
  expect(joinPath('/', 'b')).toBe('/b')
  expect(joinPath('C:\\models', 'b')).toBe('C:\\models\\b')
  expect(parentOf('/home/a/b')).toBe('/home/a')
  expect(parentOf('C:\\models\\b')).toBe('C:\\models')
})

test('a name that is taken gets a number', () => {
  expect(freeName('leaves', [])).toBe('leaves')
  expect(freeName('leaves', ['Leaves', 'leaves-2'])).toBe('leaves-3')
  expect(lastPart('/models/leaves/')).toBe('leaves')
})
