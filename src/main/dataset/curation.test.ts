import { expect, test } from 'vitest'
import type { Picture, Scan } from '../../shared/domain/dataset'
import { manifestSchema } from '../../shared/domain/dataset'
import type { Decision } from '../../shared/domain/fix-journal'
import { curated, splitCurated } from './curation'

const RATIOS = { train: 0.6, val: 0.4, test: 0 }
const at = '2026-11-21T12:00:00.000Z'

const pictures = ['cat', 'dog'].flatMap((name, classIndex) =>
  Array.from({ length: 6 }, (_, i): Picture => ({ path: `${name}/${i}.jpg`, classIndex, givenSplit: null, format: 'jpeg', width: 9, height: 9, sizeBytes: 1, sha256: `${name}${i}` })),
)
const scan: Scan = { root: '/data', layout: 'folder-per-class', classes: ['cat', 'dog'], pictures, setAside: [], ignored: [], durationMs: 1 }
const of = (...paths: string[]) => paths.map((path) => ({ path, sha256: path.replace('/', '').replace('.jpg', '') }))
const exclude = (id: number, ...paths: string[]): Decision => ({ kind: 'exclude', id, at, finding: null, pictures: of(...paths) })
const NO_ALIKES = { together: [] }

test('nothing decided: the manifest is as it always was', () => {
  const manifest = splitCurated(scan, { decisions: [], alikes: NO_ALIKES }, RATIOS, 1)
  expect(Object.keys(manifest)).not.toContain('curation')
  expect(Object.keys(manifest.pictures[0] ?? {})).toEqual(['path', 'classIndex', 'split', 'sizeBytes', 'sha256'])
})

test('left out, moved, kept one of: the manifest has the rest and says why', () => {
  const decisions: Decision[] = [
    exclude(1, 'cat/0.jpg'),
    { kind: 'move', id: 2, at, finding: 'label-conflict', pictures: of('cat/1.jpg', 'cat/0.jpg'), toClass: 'dog' },
    { kind: 'exclude', id: 3, at, finding: 'duplicate', pictures: of('dog/5.jpg'), keeping: ['dog/4.jpg'] },
    { kind: 'fine', id: 4, at, finding: 'blurry', pictures: of('dog/1.jpg') },
  ]
  const manifest = splitCurated(scan, { decisions, alikes: NO_ALIKES }, RATIOS, 1)
  expect(manifestSchema.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest)
  expect(manifest.pictures.map(({ path }) => path)).toEqual(pictures.map(({ path }) => path).filter((path) => path !== 'cat/0.jpg' && path !== 'dog/5.jpg'))
  expect(manifest.pictures.find(({ path }) => path === 'cat/1.jpg')?.classIndex).toBe(1)
  expect(manifest.curation).toEqual({
    decisions: [
      { id: 1, at, kind: 'exclude', title: 'Excluded 1 picture' },
      { id: 2, at, kind: 'move', title: 'Moved 2 pictures to dog' },
      { id: 3, at, kind: 'exclude', title: 'Kept 1, excluded 1 picture' },
    ],
    excluded: [
      { path: 'cat/0.jpg', classIndex: 1, folderClass: 'cat', reason: 'left out', decision: 1 },
      { path: 'dog/5.jpg', classIndex: 1, reason: 'a copy of one that is kept', decision: 3 },
    ],
    moved: [{ path: 'cat/1.jpg', from: 'cat', to: 'dog', decision: 2 }],
  })
  expect([...(curated(scan, decisions).fine.get('blurry') ?? [])]).toEqual(['dog/1.jpg'])
})

test('a decision counts only for the file that was decided about', () => {
  const replaced: Decision = { ...exclude(1, 'cat/0.jpg', 'cat/1.jpg'), pictures: [{ path: 'cat/0.jpg', sha256: 'another' }, ...of('cat/1.jpg')] }
  const gone = exclude(2, 'cat/77.jpg')
  const { scan: left, record } = curated(scan, [replaced, gone])
  expect(left.pictures).toHaveLength(11)
  expect(record.decisions.map(({ id }) => id)).toEqual([1])
})

test('a class of which too little is left is refused by name', () => {
  const all = exclude(1, 'cat/0.jpg', 'cat/1.jpg', 'cat/2.jpg', 'cat/3.jpg', 'cat/4.jpg')
  expect(() => splitCurated(scan, { decisions: [all], alikes: NO_ALIKES }, RATIOS, 1)).toThrow(/"cat" has 1 usable picture/)
})

test('a group of which one picture is left is a group no more', () => {
  const alikes = { together: [[0, 1, 2], [3, 4]] }
  const groups = (decisions: Decision[]) => splitCurated(scan, { decisions, alikes }, RATIOS, 1).pictures.flatMap(({ path, group }) => (group === undefined ? [] : [`${path} ${group}`]))
  expect(groups([])).toEqual(['cat/0.jpg 0', 'cat/1.jpg 0', 'cat/2.jpg 0', 'cat/3.jpg 1', 'cat/4.jpg 1'])
  expect(groups([exclude(1, 'cat/0.jpg', 'cat/1.jpg')])).toEqual(['cat/3.jpg 0', 'cat/4.jpg 0'])
})

test('fine without a finding: what was left out takes part again, in the class that it is fine in', () => {
  const decisions: Decision[] = [
    exclude(1, 'cat/0.jpg', 'cat/1.jpg'),
    { kind: 'move', id: 2, at, finding: null, pictures: of('cat/2.jpg'), toClass: 'dog' },
    { kind: 'fine', id: 3, at, finding: null, pictures: [...of('cat/0.jpg', 'dog/0.jpg'), ...of('cat/2.jpg').map((picture) => ({ ...picture, asClass: 'cat' }))] },
  ]
  const { scan: left, record } = curated(scan, decisions)
  expect(left.pictures.map(({ path, classIndex }) => [path, classIndex]).slice(0, 3)).toEqual([['cat/0.jpg', 0], ['cat/2.jpg', 0], ['cat/3.jpg', 0]])
  expect([record.decisions.map(({ id }) => id), record.excluded.map(({ path }) => path), record.moved]).toEqual([[1, 2, 3], ['cat/1.jpg'], []])
})

test('what was left out knows the split and the picture that it would have been with', () => {
  const alikes = { together: [[0, 1, 2], [6, 7]] }
  const copies: Scan = { ...scan, pictures: scan.pictures.map((picture) => (picture.path === 'cat/2.jpg' ? { ...picture, sha256: 'cat0' } : picture)) }
  const manifest = splitCurated(copies, { decisions: [exclude(1, 'cat/0.jpg', 'cat/5.jpg', 'dog/0.jpg')], alikes }, RATIOS, 1)
  const splitOf = new Map(manifest.pictures.map(({ path, split }) => [path, split]))
  expect(manifest.curation?.excluded).toEqual([
    // An exact copy before what only looks like it.
    { path: 'cat/0.jpg', classIndex: 0, reason: 'left out', decision: 1, split: splitOf.get('cat/2.jpg'), alike: 'cat/2.jpg' },
    { path: 'cat/5.jpg', classIndex: 0, reason: 'left out', decision: 1 },
    { path: 'dog/0.jpg', classIndex: 1, reason: 'left out', decision: 1, split: splitOf.get('dog/1.jpg'), alike: 'dog/1.jpg' },
  ])
})

test('what was left out of a split folder belongs to that folder, whatever it looks like', () => {
  const folders: Scan = { ...scan, layout: 'split-folders', pictures: scan.pictures.map((picture, i) => ({ ...picture, givenSplit: i % 6 < 3 ? ('train' as const) : ('val' as const) })) }
  const manifest = splitCurated(folders, { decisions: [exclude(1, 'cat/0.jpg', 'cat/5.jpg')], alikes: { together: [[0, 4], [1, 5]] } }, RATIOS, 1)
  expect(manifest.curation?.excluded.map(({ path, split }) => [path, split])).toEqual([['cat/0.jpg', 'train'], ['cat/5.jpg', 'val']])
})
