import { expect, test } from 'vitest'
import { toReadError, toStorageError } from './storage-error'

const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })

test('a full disk is told with the room that is needed, where that is known', () => {
  expect(toStorageError(full, '/models/a', 3 * 1024 ** 2)).toMatchObject({ code: 'STORAGE', message: expect.stringMatching(/needs 3145728 bytes \(3\.0 MiB\), but the disk is full/), action: 'Free at least 3.0 MiB on that disk, then try again.' })
  expect(toStorageError(full, '/models/a', 0)).toMatchObject({ message: expect.stringMatching(/needs more room, but the disk is full/), action: 'Free space on that disk, then try again.' })
})

test('what to do fits what was wrong', () => {
  const withCode = (code: string): Error => Object.assign(new Error(code), { code })
  expect(toStorageError(withCode('EFBIG'), '/models/a', 10)).toMatchObject({ action: expect.stringMatching(/Raise the limit on the size of files/) })
  expect(toReadError(withCode('EIO'), '/models/a')).toMatchObject({ code: 'STORAGE', message: '/models/a could not be read: the disk reports an input/output error.', action: expect.stringMatching(/Check the disk/) })
  expect(toReadError(withCode('EACCES'), '/models/a')).toMatchObject({ message: '/models/a could not be read: this user may not (EACCES).', action: expect.stringMatching(/permissions/) })
})
