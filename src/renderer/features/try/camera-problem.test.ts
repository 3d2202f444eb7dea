import { expect, test } from 'vitest'
import { cameraProblem } from './camera-problem'

test('each way in which there is no camera has its own words, and something to do', () => {
  const names = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'SecurityError', 'SomethingNew']
  const titles = names.map((name) => cameraProblem(new DOMException('', name)).title)
  expect(new Set(titles).size).toBe(names.length)
  expect(cameraProblem(new DOMException('', 'OverconstrainedError'))).toEqual(cameraProblem(new DOMException('', 'NotFoundError')))
  expect(cameraProblem(null).title).toMatch(/went away/)
  for (const name of names) expect(cameraProblem(new DOMException('', name)).action).toMatch(/\.$/)
})
