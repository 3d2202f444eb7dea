import { describe, expect, test } from 'vitest'
import { manifestSchema } from '../../shared/domain/dataset'
import type { Picture, Scan, SetAside, Split } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { KeyedRandom } from '../../shared/domain/random'
import { apportion, manifestCounts, splitDataset, withSetAside } from './split'

/** A scan with the given numbers of pictures a class, or a class and split. */
function scanOf(classes: Readonly<Record<string, number | Partial<Record<Split, number>>>>): Scan {
  const names = Object.keys(classes).sort()
  let layout: Scan['layout'] = 'folder-per-class'
  const pictures = names.flatMap((name, classIndex) => {
    const counts = classes[name] ?? 0
    const make = (count: number, givenSplit: Split | null): Picture[] =>
      Array.from({ length: count }, (_, i) => {
        const path = `${givenSplit === null ? '' : `${givenSplit}/`}${name}/${String(i).padStart(5, '0')}.jpg`
        return { path, classIndex, givenSplit, format: 'jpeg', width: 10, height: 10, sizeBytes: 7, sha256: path }
      })
    if (typeof counts === 'number') return make(counts, null)
    layout = 'split-folders'
    return Object.entries(counts).flatMap(([split, count]) => make(count, split as Split))
  })
  pictures.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { root: '/data', layout, classes: names, pictures, setAside: [], ignored: [], durationMs: 1 }
}

const A = { train: 0.7, val: 0.15, test: 0.15 }
const setAsideOf = (path: string): SetAside => ({ path, reason: 'corrupt', message: 'broken', action: 'delete it' })

describe('apportion', () => {
  test('known roundings', () => {
    expect(apportion(200, A)).toEqual({ train: 140, val: 30, test: 30 })
    expect(apportion(10, A)).toEqual({ train: 7, val: 2, test: 1 })
    expect(apportion(100, { train: 0.29, val: 0.57, test: 0.14 })).toEqual({ train: 29, val: 57, test: 14 })
    expect(apportion(3, { train: 0.98, val: 0.01, test: 0.01 })).toEqual({ train: 2, val: 1, test: 0 })
    expect(apportion(2, A)).toEqual({ train: 1, val: 1, test: 0 })
    expect(apportion(5, { train: 0.8, val: 0.2, test: 0 })).toEqual({ train: 4, val: 1, test: 0 })
    expect(apportion(2, { train: 0.01, val: 0.01, test: 0.98 })).toEqual({ train: 1, val: 1, test: 0 })
  })

  test('for random counts and ratios: adds up, within one of exact, never empty', () => {
    const random = new KeyedRandom(1, 'split')
    for (let i = 0; i < 5000; i++) {
      const count = 2 + random.below(300)
      const cuts = [random.uniform(), random.uniform()].sort((a, b) => a - b)
      const [first, second] = i % 3 === 0 ? [cuts[0] ?? 0, 1] : [cuts[0] ?? 0, cuts[1] ?? 0]
      const ratios = { train: first, val: second - first, test: 1 - second }
      const result = apportion(count, ratios)
      expect(result.train + result.val + result.test).toBe(count)
      expect(Math.min(result.train, result.val)).toBeGreaterThanOrEqual(1)
      expect(result.test).toBeGreaterThanOrEqual(0)
      if (ratios.test === 0) expect(result.test).toBe(0)
      // The guarantee of one in train and val may shift up to two pictures where a share is below one.
      if (count * ratios.train >= 1 && count * ratios.val >= 1) {
        for (const split of ['train', 'val', 'test'] as const)
          expect(Math.abs(result[split] - count * ratios[split])).toBeLessThan(1 + 1e-6)
      }
    }
  })
})

describe('splitDataset', () => {
  test('stratified, seeded, independent of the other classes', () => {
    const manifest = splitDataset(scanOf({ a: 100, b: 33 }), A, 42)
    expect(() => manifestSchema.parse(manifest)).not.toThrow()
    expect(manifestCounts(manifest)).toEqual({
      pictures: 133,
      split: { train: 93, val: 20, test: 20 },
      classes: [
        { train: 70, val: 15, test: 15 },
        { train: 23, val: 5, test: 5 },
      ],
      sizeBytes: 133 * 7,
    })
    expect(splitDataset(scanOf({ a: 100, b: 33 }), A, 42)).toEqual(manifest)
    expect(splitDataset(scanOf({ a: 100, b: 33 }), A, 43).pictures).not.toEqual(manifest.pictures)
    const ofA = (classes: Record<string, number>): unknown =>
      splitDataset(scanOf(classes), A, 42).pictures.filter((picture) => picture.classIndex === 0)
    expect(ofA({ a: 100, b: 50 })).toEqual(ofA({ a: 100, b: 33 }))
    const trainPaths = manifest.pictures
      .filter((picture) => picture.split === 'train' && picture.classIndex === 0)
      .map((picture) => picture.path)
    expect(trainPaths).not.toEqual(manifest.pictures.slice(0, 70).map((picture) => picture.path))
  })

  test('given splits are kept; val is carved from train where there is none', () => {
    const kept = splitDataset(scanOf({ a: { train: 8, val: 2, test: 1 }, b: { train: 5, val: 1 } }), A, 1)
    expect(manifestCounts(kept).classes).toEqual([
      { train: 8, val: 2, test: 1 },
      { train: 5, val: 1, test: 0 },
    ])
    const carved = splitDataset(scanOf({ a: { train: 80, test: 7 }, b: { train: 40, test: 3 } }), { train: 0.6, val: 0.2, test: 0.2 }, 1)
    expect(manifestCounts(carved).classes).toEqual([
      { train: 60, val: 20, test: 7 },
      { train: 30, val: 10, test: 3 },
    ])
    expect(carved.pictures.every((picture) => (picture.split === 'test') === picture.path.startsWith('test/'))).toBe(true)
    const alone = splitDataset(scanOf({ a: { train: 20 }, b: { train: 40 } }), A, 1)
    expect(manifestCounts(alone).split).toEqual({ train: 42, val: 9, test: 9 })
  })

  test('refuses by name', () => {
    expect(() => splitDataset(scanOf({ a: 10, lonely: 1 }), A, 1)).toThrow(/"lonely" has 1 usable picture;/)
    expect(() => splitDataset(scanOf({ a: 10, empty: 0 }), A, 1)).toThrow(/"empty" has 0 usable pictures;/)
    expect(() => splitDataset(scanOf({ a: { train: 3, val: 1 }, odd: { val: 2 } }), A, 1)).toThrow(
      /"odd" has no usable picture in the train folder/,
    )
    expect(() => splitDataset(scanOf({ a: 10, b: 10 }), { train: 0.7, val: 0.2, test: 0.2 }, 1)).toThrow(/sum 1.1/)
    expect(() => splitDataset(scanOf({ a: 10, b: 10 }), { train: 1, val: 0, test: 0 }, 1)).toThrow(GraftError)
    expect(() => splitDataset(scanOf({ a: 10, b: 10 }), { train: Number.NaN, val: 0.5, test: 0.5 }, 1)).toThrow(GraftError)
    expect(() => splitDataset(scanOf({ a: 10, b: 10 }), A, -1)).toThrow(/seed/)
    expect(() => splitDataset(scanOf({ a: 10, b: 10 }), { train: 0.7, val: 0.15, test: 0.1500005 }, 0)).not.toThrow()
  })
})

describe('withSetAside', () => {
  test('takes pictures out and moves no other', () => {
    const manifest = splitDataset(scanOf({ a: 20, b: 20 }), A, 5)
    const bad = ['a/00003.jpg', 'b/00011.jpg']
    const after = withSetAside(manifest, bad.map(setAsideOf))
    expect(after.pictures).toEqual(manifest.pictures.filter((picture) => !bad.includes(picture.path)))
    expect(after.setAside.map((file) => file.path)).toEqual(bad)
    expect(withSetAside(after, bad.map(setAsideOf)).setAside.length).toBe(2)
    expect(manifest.pictures.length).toBe(40)
  })

  test('names the class whose val has nothing left', () => {
    const manifest = splitDataset(scanOf({ a: 20, b: 20 }), A, 5)
    const val = manifest.pictures
      .filter((picture) => picture.split === 'val' && picture.classIndex === 1)
      .map((picture) => setAsideOf(picture.path))
    expect(() => withSetAside(manifest, val)).toThrow(/None of the 3 pictures of class "b" in val/)
  })
})
