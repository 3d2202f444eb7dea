import { expect, test } from 'vitest'
import type { Excluded, Manifest } from './dataset'
import type { Decision } from './fix-journal'
import { countFixes, fixesSince, fixesText, fixMeaning } from './fix-since'

const at = '2026-11-21T12:00:00.000Z'
const entry = (path: string, classIndex: number, split: 'train' | 'val' | 'test') => ({ path, classIndex, split, sizeBytes: 1, sha256: `hash of ${path}` })
const run: Pick<Manifest, 'classes' | 'pictures' | 'curation'> = {
  classes: ['cat', 'dog'],
  pictures: [entry('cat/0', 0, 'train'), entry('cat/1', 1, 'train'), entry('cat/2', 0, 'test'), entry('dog/0', 1, 'val')],
  curation: {
    decisions: [],
    excluded: [{ path: 'dog/9', classIndex: 1, reason: 'left out', decision: 1, split: 'test' }],
    moved: [{ path: 'cat/1', from: 'cat', to: 'dog', decision: 2 }],
  },
}
const of = (...paths: string[]) => paths.map((path) => ({ path, sha256: `hash of ${path}` }))
const before: Decision[] = [
  { kind: 'exclude', id: 1, at, finding: null, pictures: of('dog/9') },
  { kind: 'move', id: 2, at, finding: null, pictures: of('cat/1'), toClass: 'dog' },
]
const since = (...more: Decision[]) => fixesSince(run, [...before, ...more])

test('what the run was made with is no fix since', () => {
  expect(since()).toEqual({ marks: [], changed: [], broughtBack: [] })
  expect(fixesText(countFixes(since()))).toBe('no fixes')
})

test('taking back what the run was made with is one', () => {
  const found = fixesSince(run, [])
  expect(found.marks).toEqual([{ path: 'cat/1', mark: 'relabelled', toClass: 'cat' }])
  expect(found.broughtBack).toEqual([{ path: 'dog/9', classIndex: 1, split: 'test', moved: null }])
  expect(fixesText(countFixes(found))).toBe('2 fixes: 1 relabelled, 1 taken in again')
})

const leftOut = (excluded: Excluded, ...decisions: Decision[]) => fixesSince({ ...run, curation: { decisions: [], excluded: [excluded], moved: [] } }, decisions).broughtBack

test('what comes back has the class that it was given after it was left out', () => {
  const excluded = { path: 'cat/9', classIndex: 0, reason: 'left out', decision: 1 }
  const [out, keep]: Decision[] = [
    { kind: 'exclude', id: 1, at, finding: null, pictures: of('cat/9') },
    { kind: 'fine', id: 2, at, finding: null, pictures: of('cat/9') },
  ]
  if (out === undefined || keep === undefined) throw new Error('no decisions')
  const move: Decision = { kind: 'move', id: 3, at, finding: null, pictures: of('cat/9'), toClass: 'dog' }
  expect(leftOut(excluded, out, keep, move)).toEqual([{ path: 'cat/9', classIndex: 1, split: null, moved: { from: 'cat', decision: 3 } }])
  expect(leftOut(excluded, out, move)).toEqual([])
  const asDog: Decision = { ...keep, id: 3, pictures: of('cat/9').map((picture) => ({ ...picture, asClass: 'dog' })) }
  expect(leftOut(excluded, out, asDog)).toEqual([{ path: 'cat/9', classIndex: 1, split: null, moved: { from: 'cat', decision: 3 } }])
})

test('what was moved and left out, and is neither any more, comes back in the class of its folder', () => {
  const excluded = { path: 'cat/9', classIndex: 1, folderClass: 'cat', reason: 'left out', decision: 2 }
  expect(leftOut(excluded)).toEqual([{ path: 'cat/9', classIndex: 0, split: null, moved: null }])
  const move: Decision = { kind: 'move', id: 1, at, finding: null, pictures: of('cat/9'), toClass: 'dog' }
  expect(leftOut(excluded, move)).toEqual([{ path: 'cat/9', classIndex: 1, split: null, moved: { from: 'cat', decision: 1 } }])
})

test('the last word counts, and only of the file that was decided about', () => {
  const replaced = [{ path: 'dog/0', sha256: 'another' }]
  const found = since(
    { kind: 'move', id: 3, at, finding: null, pictures: of('cat/0', 'cat/2'), toClass: 'dog' },
    { kind: 'move', id: 4, at, finding: null, pictures: of('cat/0'), toClass: 'cat' },
    { kind: 'exclude', id: 5, at, finding: null, pictures: [...of('cat/2'), ...replaced] },
    { kind: 'fine', id: 6, at, finding: 'blurry', pictures: of('cat/2') },
  )
  expect(found.marks).toEqual([{ path: 'cat/2', mark: 'excluded', toClass: null }])
  expect(fixesText(countFixes(found))).toBe('1 fix: 1 excluded')
})

test('what fixes mean is said split by split; of test pictures that the score is another one', () => {
  const found = since({ kind: 'move', id: 3, at, finding: null, pictures: of('cat/2'), toClass: 'dog' }, { kind: 'exclude', id: 4, at, finding: null, pictures: of('cat/0') })
  const [train, score] = fixMeaning(countFixes(found))
  expect(train).toBe('1 picture in training (1 excluded): what was excluded is not learned from.')
  expect(score).toMatch(/^1 picture in test \(1 relabelled\): the new label says what is right\. The new score is that of a corrected test set/)
})
