import { expect, test } from 'vitest'
import type { HealthItem } from '../../../shared/domain/health'
import { othersOf, rowsOf } from './finding-rows'

const item = (...paths: string[]): HealthItem => ({ pictures: paths.map((path) => ({ path, classIndex: 0, split: null, width: 1, height: 1, sizeBytes: 1 })) })
const shown = (items: HealthItem[], perRow: number) => rowsOf(items, perRow).map(({ item: of, isFirst, pictures }) => `${of ?? '-'}${isFirst ? '*' : ''} ${pictures.map(({ path }) => path).join('')}`)

test('single pictures fill rows, groups stand by themselves and go on', () => {
  expect(shown([item('a'), item('b'), item('c')], 2)).toEqual(['- ab', '- c'])
  expect(shown([item('a'), item('b', 'c', 'd'), item('e'), item('f')], 2)).toEqual(['- a', '1* bc', '1 d', '- ef'])
  expect(shown([], 4)).toEqual([])
})

test('keeping one leaves out the rest of its group and nothing of another', () => {
  expect(othersOf([item('a', 'b', 'c'), item('d', 'e')], new Set(['b']))).toEqual(['a', 'c'])
  expect(othersOf([item('a', 'b', 'c'), item('d', 'e')], new Set(['a', 'c', 'e']))).toEqual(['b', 'd'])
})
