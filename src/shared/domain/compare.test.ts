import { expect, test } from 'vitest'
import { changedCells, changeOf, matchAnswers, pairWords, pText, verdictOf, type AnsweredSplit, type RunPair } from './compare'

const split = (root: string, classes: string[], rows: [path: string, truth: number, prediction: number, hash?: string][]): AnsweredSplit => ({
  root,
  classes,
  predictions: rows.map(([path, truth, prediction]) => ({ path, truth, prediction })),
  hashes: new Map(rows.flatMap(([path, , , hash]) => (hash === undefined ? [] : [[path, hash] as const]))),
})

test('pictures are matched by path and bytes, then by bytes alone; a changed picture is another one', () => {
  const base = split('/a', ['oak', 'elm'], [['oak/1', 0, 0, 'h1'], ['oak/2', 0, 1, 'h2'], ['elm/3', 1, 1, 'h3'], ['elm/4', 1, 1, 'h4']])
  const other = split('/b', ['elm', 'oak'], [['oak/1', 1, 0, 'h1'], ['oak/2', 1, 1, 'changed'], ['moved/3', 0, 0, 'h3'], ['elm/5', 0, 0, 'h5']])
  const { answers, places, onlyBase, onlyOther, relabelled, classes } = matchAnswers(base, other)
  expect(classes).toEqual(['oak', 'elm'])
  expect(answers).toEqual([{ truth: 0, base: 0, other: 1 }, { truth: 1, base: 1, other: 1 }])
  expect(places).toEqual([{ base: 0, other: 0 }, { base: 2, other: 2 }])
  expect([onlyBase, onlyOther, relabelled]).toEqual([2, 2, 0])
})

test('a picture with another label is left out and counted; a class of one alone has a place of its own', () => {
  const base = split('/a', ['oak', 'elm'], [['1', 0, 0, 'h1'], ['2', 0, 0, 'h2']])
  const other = split('/a', ['elm', 'oak', 'yew'], [['1', 0, 0, 'h1'], ['2', 1, 2, 'h2']])
  expect(matchAnswers(base, other)).toMatchObject({ relabelled: 1, classes: ['oak', 'elm', 'yew'], answers: [{ truth: 0, base: 0, other: 2 }] })
})

test('without hashes the same path counts only below the same folder; of copies each is matched once', () => {
  const rows: [string, number, number][] = [['1', 0, 0]]
  expect(matchAnswers(split('/a', ['x'], rows), split('/a', ['x'], rows)).answers).toHaveLength(1)
  expect(matchAnswers(split('/a', ['x'], rows), split('/b', ['x'], rows)).answers).toHaveLength(0)
  const copies = matchAnswers(split('/a', ['x'], [['1', 0, 0, 'h'], ['2', 0, 0, 'h']]), split('/b', ['x'], [['9', 0, 0, 'h']]))
  expect([copies.answers.length, copies.onlyBase, copies.onlyOther]).toEqual([1, 1, 0])
})

test('changed cells are those of the two matrices; both gain and loss are in the row of the truth', () => {
  const answers = [
    { truth: 0, base: 1, other: 0 },
    { truth: 0, base: 1, other: 0 },
    { truth: 1, base: 1, other: 0 },
    { truth: 1, base: 1, other: 1 },
  ]
  expect(changedCells(answers, 2)).toEqual([
    { truth: 0, prediction: 0, base: 0, other: 2 },
    { truth: 0, prediction: 1, base: 2, other: 0 },
    { truth: 1, prediction: 0, base: 0, other: 1 },
    { truth: 1, prediction: 1, base: 2, other: 1 },
  ])
  expect(answers.map(changeOf)).toEqual(['wrong to right', 'wrong to right', 'right to wrong', null])
  expect(changeOf({ truth: 0, base: 1, other: 2 })).toBe('wrong otherwise')
})

function pair(difference: number, interval: { low: number; high: number } | null, p: number, more: Partial<RunPair> = {}, comparisons = 1): RunPair {
  const figures: RunPair['figures'] = {
    accuracy: { base: 0.9, other: 0.9 + difference, difference, interval },
    macro_f1: { base: 0.9, other: 0.9, difference: 0, interval: null },
    p_value: p / comparisons,
    p_adjusted: p,
    comparisons,
    resamples: 2000,
  }
  const filled: RunPair = {
    base_id: 'a', other_id: 'b', verdict: verdictOf(figures), common: 400, only_base: 0, only_other: 0, relabelled: 0, right_to_wrong: 3, wrong_to_right: 8, wrong_otherwise: 0, figures, classes: [], changed_cells: [],
  } // prettier-ignore
  return { ...filled, ...more }
}
const names = { base: 'A', other: 'B' }

test('a difference is called one only where test and interval both say so', () => {
  expect(pairWords(pair(0.012, { low: 0.003, high: 0.021 }, 0.012), names)).toEqual({
    verdict: 'B is better than A: +1.2 points, 95 % interval 0.3 to 2.1',
    basis: 'Accuracy on 400 pictures that both saw: 3 only A has right, 8 only B (McNemar p = 0.012). Macro-F1: 0.0 points.',
    notes: [],
  })
  expect(pairWords(pair(-0.012, { low: -0.021, high: -0.003 }, 0.0004), names).verdict).toBe('B is worse than A: −1.2 points, 95 % interval −2.1 to −0.3')
  expect(pairWords(pair(0.002, { low: -0.009, high: 0.013 }, 0.7), names).verdict).toBe('No difference seen between A and B: +0.2 points, 95 % interval −0.9 to 1.3')
  const torn = pairWords(pair(0.012, { low: 0.001, high: 0.021 }, 0.07), names)
  expect(torn.verdict).toMatch(/^No difference seen/)
  expect(torn.notes).toEqual(['The interval leaves zero out, the test does not find enough: too little to call it a difference.'])
})

test('of several comparisons the adjusted p decides and is said', () => {
  const words = pairWords(pair(0.012, { low: 0.003, high: 0.021 }, 0.06, {}, 3), names)
  expect(words.verdict).toMatch(/^No difference seen/)
  expect(words.basis).toContain('(McNemar p = 0.02; for 3 comparisons p = 0.06)')
})

test('what little the two have in common is said, and nothing is said of what they have not', () => {
  expect(pairWords(pair(0, { low: -0.1, high: 0.1 }, 1, { common: 40, only_base: 80, only_other: 10 }), names).notes).toEqual([
    'Only 40 pictures of up to 120 are in common: what holds for these need not hold for the others.',
  ])
  expect(pairWords(pair(0, { low: -0.1, high: 0.1 }, 1, { common: 100, only_base: 1 }), names).notes).toEqual(['Left out: 1 picture that only A was measured on, 0 pictures that only B was.'])
  const nothing = pairWords({ ...pair(0, null, 1), common: 0, only_base: 5, only_other: 7, figures: null, verdict: 'nothing in common' }, names)
  expect(nothing).toEqual({ verdict: 'A and B cannot be compared: no picture in common', basis: 'A was measured on 5 pictures, B on 7 pictures.', notes: [] })
  expect(pairWords(pair(0, null, 1), names).verdict).toBe('No difference seen between A and B: both are right on the same pictures')
})

test('small p are not written as nought', () => {
  expect([0.5, 0.049, 0.0123, 0.0004, 1].map(pText)).toEqual(['p = 0.5', 'p = 0.049', 'p = 0.012', 'p < 0.001', 'p = 1'])
})
