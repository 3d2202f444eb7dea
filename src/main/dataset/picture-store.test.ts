import { expect, test } from 'vitest'
import type { ManifestEntry } from '../../shared/domain/dataset'
import { PictureStore } from './picture-store'

test('a picture that a batch asks for twice at once is whole for either', async () => {
  const entry: ManifestEntry = { path: 'a/0.png', classIndex: 0, split: 'train', sizeBytes: 1, sha256: '00' }
  let onSecond = () => {}
  let goOn = () => {}
  const second = new Promise<void>((resolve) => (onSecond = resolve))
  const released = new Promise<void>((resolve) => (goOn = resolve))
  let reads = 0
  const store = new PictureStore([entry], 1, true, {
    // The third read has written what it will find to be damaged when the second one ends.
    async readPlain(_entry, target) {
      const read = ++reads
      target.fill(read === 3 ? 0 : 7)
      if (read === 2) await second
      if (read < 3) return
      onSecond()
      await released
      target.fill(7)
    },
    readWhole: () => Promise.reject(new Error('not asked for')),
  })
  store.keep(0, 'cache')
  const rows = [0, 1, 2, 3].map(() => new Uint8Array(3))
  await store.read(0, rows[0]!)
  const both = [store.read(0, rows[1]!), store.read(0, rows[2]!)]
  await both[0]
  await store.read(0, rows[3]!)
  expect([rows[1], rows[3]]).toEqual([Uint8Array.of(7, 7, 7), Uint8Array.of(7, 7, 7)])
  goOn()
  await both[1]
  expect(rows[2]).toEqual(Uint8Array.of(7, 7, 7))
  expect(reads).toBe(3)
})
