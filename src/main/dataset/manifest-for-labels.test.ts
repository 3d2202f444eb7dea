import { expect, test } from 'vitest'
import type { Manifest } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { manifestForLabels } from './manifest-for-labels'

const manifest: Manifest = {
  version: 1,
  root: '/pictures',
  layout: 'folder-per-class',
  classes: ['ant', 'bee'],
  seed: 0,
  ratios: { train: 0.7, val: 0.15, test: 0.15 },
  pictures: [],
  setAside: [],
  ignored: [],
}

test('the pictures take the model’s class order', () => {
  expect(manifestForLabels(manifest, ['bee', 'wasp', 'ant']).classes).toEqual(['bee', 'wasp', 'ant'])
})

test('names that a hostile file gives do not reach the terminal as they are, and a thousand are not listed', () => {
  const labels = ['\u001b]0;title\u0007', ...Array.from({ length: 1000 }, (_, i) => `class ${i}`)]
  try {
    manifestForLabels(manifest, labels)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(GraftError)
    const { message } = error as GraftError
    expect(message).toMatch(/know: ant, bee; it knows \\u\{1b\}\]0;title\\u\{7\}, class 0, .* and 981 more\.$/)
    expect(message).not.toContain('\u001b')
  }
})
