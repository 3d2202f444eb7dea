import { expect, test } from 'vitest'
import { fetchWords, generationLabel, missingBytes, weightsSetting } from './weights-words'

const MB = 1024 * 1024
const wanted = { kind: 'busy' as const, backbone: 'resnet50', name: 'imagenet1k_v2' }

test('generations have short names, and the newest is what imagenet means', () => {
  expect(generationLabel('imagenet1k_v2')).toBe('V2')
  expect(generationLabel('other')).toBe('other')
  expect(weightsSetting({ name: 'imagenet1k_v2', isDefault: true })).toBe('imagenet')
  expect(weightsSetting({ name: 'imagenet1k_v1', isDefault: false })).toBe('imagenet1k_v1')
})

test('of a download that was broken off only the rest is to come', () => {
  expect(missingBytes({ sizeBytes: 100, partBytes: 30 })).toBe(70)
  expect(missingBytes({ sizeBytes: 100, partBytes: 103 })).toBe(0)
})

test('speed and time left are those of this transfer, not of what was there before', () => {
  const fetch = { ...wanted, progress: { message: 'Fetching', done: 60 * MB, total: 98 * MB }, start: { bytes: 40 * MB, atMs: 1000 } }
  expect(fetchWords(fetch, 5000)).toBe('Fetching · 60.0 MB of 98.0 MB · 5.0 MB/s · about 8 s left')
  expect(fetchWords({ ...wanted, progress: null, start: null }, 0)).toBe('Connecting')
  const checking = { ...fetch, progress: { message: 'Checking', done: 98 * MB, total: 98 * MB } }
  expect(fetchWords(checking, 9000)).toBe('Checking · 98.0 MB of 98.0 MB')
})
