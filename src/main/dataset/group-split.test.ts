import { expect, test } from 'vitest'
import type { Picture, Scan, Split } from '../../shared/domain/dataset'
import { KeyedRandom } from '../../shared/domain/random'
import { apportion, manifestCounts, splitDataset } from './split'

const RATIOS = { train: 0.7, val: 0.15, test: 0.15 }

function scanOf(counts: readonly number[], contentOf: (path: string) => string = (path) => path): Scan {
  const pictures = counts.flatMap((count, classIndex) =>
    Array.from({ length: count }, (_, i): Picture => {
      const path = `c${classIndex}/${String(i).padStart(4, '0')}.jpg`
      return { path, classIndex, givenSplit: null, format: 'jpeg', width: 10, height: 10, sizeBytes: 7, sha256: contentOf(path) }
    }),
  )
  return { root: '/data', layout: 'folder-per-class', classes: counts.map((_, i) => `c${i}`), pictures, setAside: [], ignored: [], durationMs: 1 }
}

const splitsOf = (scan: Scan, groupOf: ReadonlyMap<string, number>, seed = 42) => splitDataset(scan, RATIOS, seed, groupOf)

/** Groups of random sizes over random pictures, some of two classes. */
function randomGroups(scan: Scan, seed: number, most: number): Map<string, number> {
  const random = new KeyedRandom(seed, 'sample')
  const order = random.shuffled(scan.pictures)
  const groupOf = new Map<string, number>()
  let at = 0
  for (let group = 0; at < order.length / 2; group++) {
    const size = 2 + random.below(most - 1)
    const first = order[at]?.classIndex
    const mixed = random.below(4) === 0
    for (const { path, classIndex } of order.slice(at, at + size)) if (mixed || classIndex === first) groupOf.set(path, group)
    at += size
  }
  return groupOf
}

test('without groups it is the plain stratified split, to the picture', () => {
  const scan = scanOf([40, 13, 7])
  const drawn = new Map(splitsOf(scan, new Map()).pictures.map(({ path, split }) => [path, split]))
  for (const classIndex of [0, 1, 2]) {
    const own = scan.pictures.filter((picture) => picture.classIndex === classIndex)
    const counts = apportion(own.length, RATIOS)
    const order = new KeyedRandom(42, 'split', classIndex).shuffled(own)
    expect(order.map(({ path }) => drawn.get(path))).toEqual(order.map((_, i) => (i < counts.train ? 'train' : i < counts.train + counts.val ? 'val' : 'test')))
  }
})

test('no group straddles, the same seed draws the same, and classes keep their proportions', () => {
  for (let seed = 0; seed < 60; seed++) {
    const scan = scanOf([120, 80, 200])
    const groupOf = randomGroups(scan, seed, 8)
    const manifest = splitsOf(scan, groupOf, seed)
    expect(splitsOf(scan, groupOf, seed)).toEqual(manifest)
    const splitOfGroup = new Map<number, Split>()
    for (const { group, split } of manifest.pictures) {
      if (group === undefined) continue
      expect(splitOfGroup.get(group) ?? split).toBe(split)
      splitOfGroup.set(group, split)
    }
    expect(splitOfGroup.size).toBeGreaterThan(20)
    manifestCounts(manifest).classes.forEach((counts, classIndex) => {
      // Half of the pictures are single, so that every share can be met to the picture.
      expect(counts).toEqual(apportion([120, 80, 200][classIndex] ?? 0, RATIOS))
    })
  }
})

test('a group that is larger than any share goes to one split, and the others share the rest', () => {
  const scan = scanOf([100])
  const groupOf = new Map(scan.pictures.slice(0, 90).map(({ path }) => [path, 0]))
  expect(manifestCounts(splitsOf(scan, groupOf)).split).toEqual({ train: 90, val: 5, test: 5 })
})

test('two groups of a class are one to train and one to validate on', () => {
  const scan = scanOf([10])
  const groupOf = new Map(scan.pictures.map(({ path }, i) => [path, i < 5 ? 0 : 1]))
  expect(manifestCounts(splitsOf(scan, groupOf)).split).toEqual({ train: 5, val: 5, test: 0 })
})

test('a class of one group is split all the same, copies together, and the manifest still says that it is one group', () => {
  // Nearly the same all ten: three exact copies and seven others.
  const scan = scanOf([10, 20], (path) => (/c0\/000[012]/.test(path) ? 'copy' : path))
  const groupOf = new Map(scan.pictures.filter(({ classIndex }) => classIndex === 0).map(({ path }) => [path, 0]))
  for (let seed = 0; seed < 20; seed++) {
    const { pictures } = splitsOf(scan, groupOf, seed)
    const ofFirst = pictures.filter(({ classIndex }) => classIndex === 0)
    expect(new Set(ofFirst.slice(0, 3).map(({ split }) => split)).size).toBe(1)
    for (const split of ['train', 'val']) expect(ofFirst.some((picture) => picture.split === split)).toBe(true)
    expect(ofFirst.every(({ group }) => group === 0)).toBe(true)
  }
  // And one of copies alone, picture by picture.
  const copies = scanOf([4], () => 'copy')
  const counts = manifestCounts(splitsOf(copies, new Map(copies.pictures.map(({ path }) => [path, 0])))).split
  expect(counts.train).toBeGreaterThan(0)
  expect(counts.val).toBeGreaterThan(0)
})

test('what the folders give is kept, whatever belongs together', () => {
  const scan = scanOf([20])
  const given = scan.pictures.map((picture, i): Picture => ({ ...picture, givenSplit: i < 15 ? 'train' : 'val' }))
  const manifest = splitDataset({ ...scan, layout: 'split-folders', pictures: given }, RATIOS, 1, new Map(given.map(({ path }) => [path, 3])))
  expect(manifest.pictures.map(({ split }) => split)).toEqual(given.map(({ givenSplit }) => givenSplit))
})

test('of many classes that are one group each all are split, in about as many draws as of one', () => {
  // Drawn once a class, this takes longer than a test may.
  const scan = scanOf(Array.from({ length: 600 }, () => 50))
  const { classes } = manifestCounts(splitsOf(scan, new Map(scan.pictures.map(({ path, classIndex }) => [path, classIndex]))))
  for (const counts of classes) expect(counts).toEqual(apportion(50, RATIOS))
})
