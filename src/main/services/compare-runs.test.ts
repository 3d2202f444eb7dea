import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeComparableRun } from './compare-runs.examples'
import { changedPictures, comparedRun, compareRuns } from './compare-runs'

const base = await mkdtemp(join(tmpdir(), 'graft-compare-'))
afterAll(() => rm(base, { recursive: true, force: true }))

/** 60 pictures of two classes; A has 12 wrong, B 2 of these, C the same as A. */
const a = await makeComparableRun(join(base, 'a'), 'a', { pictures: 60, isWrong: (index) => index < 12 })
const b = await makeComparableRun(join(base, 'b'), 'b', { pictures: 60, isWrong: (index) => index < 2 })
const c = await makeComparableRun(join(base, 'c'), 'c', { pictures: 60, isWrong: (index) => index < 12 })
const away = await makeComparableRun(join(base, 'away'), 'away', { pictures: 10, isWrong: () => false, firstPicture: 1000 })
const bare = await makeComparableRun(join(base, 'bare'), 'bare', { pictures: 60, isWrong: () => false, isMeasured: false })

test('a better run is called better; one with the same answers is not; one of other pictures is not compared', async () => {
  const { pairs, measured, unmeasured } = await compareRuns([a, b, c, away, bare], 'test')
  expect(pairs.map(({ other_id: id, verdict }) => [id, verdict])).toEqual([
    ['b', 'better'],
    ['c', 'no difference seen'],
    ['away', 'nothing in common'],
  ])
  expect(pairs[0]).toMatchObject({ common: 60, only_base: 0, right_to_wrong: 0, wrong_to_right: 10, classes: ['oak', 'elm'] })
  expect(pairs[0]?.figures?.accuracy.difference).toBeCloseTo(10 / 60, 12)
  // Two were tested, the third could not be.
  expect(pairs[0]?.figures?.comparisons).toBe(2)
  expect(pairs[0]?.figures?.p_adjusted).toBeCloseTo(2 * 2 * 0.5 ** 10, 12)
  expect(measured.map(({ run_id: id, accuracy }) => [id, accuracy])).toEqual([['a', 0.8], ['b', 58 / 60], ['c', 0.8], ['away', 1]])
  expect(unmeasured).toEqual([{ run_id: 'bare', reason: null }])
})

test('without the base there is nothing to compare with, and why is said', async () => {
  expect(await compareRuns([bare, a], 'test')).toMatchObject({ pairs: [], unmeasured: [{ run_id: 'bare' }] })
  expect((await compareRuns([a, b], 'train')).unmeasured.map(({ run_id: id }) => id)).toEqual(['a', 'b'])
})

test('pictures that changed their answer are found by kind and by cell', async () => {
  const all = await changedPictures(a, b, 'test', { kind: null, cell: null })
  expect(all).toHaveLength(10)
  expect(all.every(({ kind }) => kind === 'wrong to right')).toBe(true)
  expect(await changedPictures(a, b, 'test', { kind: 'right to wrong', cell: null })).toEqual([])
  const cell = await changedPictures(a, b, 'test', { kind: null, cell: { truth: 0, prediction: 1 } })
  expect(cell.map(({ path }) => path).sort()).toEqual(['oak/10.png', 'oak/2.png', 'oak/4.png', 'oak/6.png', 'oak/8.png'])
  expect(await changedPictures(a, bare, 'test', { kind: null, cell: null })).toEqual([])
})

test('curves and settings come from the folder', async () => {
  const { epochs, run, config, stages } = await comparedRun(a)
  expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
  expect(epochs[0]).not.toHaveProperty('confusion_matrix.0')
  expect([run.run_id, config.backbone, stages]).toEqual(['a', 'efficientnet_lite0', []])
})
