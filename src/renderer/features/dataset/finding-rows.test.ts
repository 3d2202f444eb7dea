import { expect, test } from 'vitest'
import type { HealthItem } from '../../../shared/domain/health'
import { othersOf, rowsOf } from './finding-rows'

const item = (...paths: string[]): HealthItem => ({ pictures: paths.map((path) => ({ path, classIndex: 0, split: null, width: 1, height: 1, sizeBytes: 1 })) })
/** Pictures of 10 pixels, 2 between them, 6 between groups. */
const shown = (items: HealthItem[], width: number) =>
  rowsOf(items, { width, side: 10, gap: 2, groupGap: 6 }).map(({ segments, pictures }) => {
    expect(pictures).toEqual(segments.flatMap((segment) => segment.pictures))
    return segments.map(({ item: of, isFirst, pictures: own }) => `${of ?? '-'}${isFirst ? '*' : ''}${own.map(({ path }) => path).join('')}`).join(' | ')
  })

test('single pictures fill rows', () => {
  expect(shown([item('a'), item('b'), item('c')], 22)).toEqual(['-ab', '-c'])
  expect(shown([item('a'), item('b')], 3)).toEqual(['-a', '-b'])
  expect(shown([], 40)).toEqual([])
})

test('groups stand beside each other where they fit whole; a wide one goes on in rows of its own', () => {
  const pairs = [item('a', 'b'), item('c', 'd'), item('e', 'f')]
  expect(shown(pairs, 49)).toEqual(['0*ab', '1*cd', '2*ef'])
  expect(shown(pairs, 50)).toEqual(['0*ab | 1*cd', '2*ef'])
  expect(shown([item('a', 'b'), item('c', 'd', 'e', 'f', 'g'), item('h', 'i')], 50)).toEqual(['0*ab', '1*cdef', '1g', '2*hi'])
  expect(shown([item('a'), item('b', 'c'), item('d')], 50)).toEqual(['-a', '1*bc', '-d'])
})

test('keeping one leaves out the rest of its group and nothing of another', () => {
  expect(othersOf([item('a', 'b', 'c'), item('d', 'e')], new Set(['b']))).toEqual(['a', 'c'])
  expect(othersOf([item('a', 'b', 'c'), item('d', 'e')], new Set(['a', 'c', 'e']))).toEqual(['b', 'd'])
})
