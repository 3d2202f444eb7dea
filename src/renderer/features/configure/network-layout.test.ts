import { expect, test } from 'vitest'
import { bandsOf, frozenLayers, handlePosition, layoutOf, listOf, movedByKey, nearestEdge, positionOf, ratioOf, stageLabel, stagesOf, toggledStage } from './network-layout'

const layer = (name: string, stage: string, parameters = 10, macs = 10) => ({ name, stage, parameters, macs })
const LAYERS = [layer('a', 's0'), layer('b', 's1'), layer('c', 's1'), layer('d', 's2'), layer('e', 's2'), layer('f', 's2')]

test('neighbouring layers of a stage are drawn together and know where they begin', () => {
  expect(stagesOf(LAYERS).map(({ name, first, layers }) => [name, first, layers.length])).toEqual([
    ['s0', 0, 1],
    ['s1', 1, 2],
    ['s2', 3, 3],
  ])
})

test('a stage is called by what tells it apart', () => {
  expect(['_blocks.7', 'features.4', '_conv_stem', 'layer3', '_conv_head'].map(stageLabel)).toEqual(['7', '4', 'stem', 'layer3', 'last'])
})

test('the area of a block is its share, and the tallest fills its half', () => {
  const { stages, edges } = layoutOf([layer('a', 's0', 30, 5), layer('b', 's1', 10, 10), layer('c', 's1', 20, 10)])
  expect(Math.max(...stages.map(({ macsHeight }) => macsHeight))).toBeCloseTo(1)
  const areas = stages.map(({ parametersHeight, width }) => parametersHeight * width)
  expect((areas[0] ?? 0) / (areas[1] ?? 1)).toBeCloseTo(1)
  expect(edges).toHaveLength(4)
  expect(edges.at(-1)).toBe(1)
})

test('a stage of one layer among many keeps a width that one can hit', () => {
  const { stages } = layoutOf([layer('a', 's0'), ...Array.from({ length: 99 }, (_, i) => layer(`b${i}`, 's1'))])
  expect(stages[0]?.width).toBeGreaterThan(0.04)
  expect(stages.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1)
})

test('the handle snaps to the nearest layer, also beyond the ends', () => {
  const layout = layoutOf(LAYERS)
  expect([-1, 0, 0.18, 0.32, 0.49, 0.99, 2].map((share) => nearestEdge(layout, share))).toEqual([0, 0, 1, 2, 3, 6, 6])
})

test('arrow keys go by layer, Page keys by stage, Home and End to the ends', () => {
  const layout = layoutOf(LAYERS)
  const moved = (position: number, key: string) => movedByKey(layout, position, key)
  expect([moved(2, 'ArrowRight'), moved(2, 'ArrowLeft'), moved(6, 'ArrowUp'), moved(0, 'ArrowDown')]).toEqual([3, 1, 6, 0])
  expect([0, 1, 2, 3, 6].map((position) => moved(position, 'PageUp'))).toEqual([1, 3, 3, 6, 6])
  expect([6, 4, 3, 2, 1, 0].map((position) => moved(position, 'PageDown'))).toEqual([3, 3, 1, 1, 0, 0])
  expect([moved(3, 'Home'), moved(3, 'End'), moved(3, 'a')]).toEqual([0, 6, null])
})

test('every place of the handle has a short ratio that freezes as many layers', () => {
  for (const layers of [20, 49, 52, 53, 81, 104, 131]) {
    for (let position = 0; position <= layers; position++) {
      const ratio = ratioOf(position, layers)
      expect(positionOf(ratio, layers), `${position} of ${layers}`).toBe(position)
      expect(String(ratio).length).toBeLessThanOrEqual(5)
    }
  }
  expect(ratioOf(14, 20)).toBe(0.7)
  expect(ratioOf(49, 49)).toBe(1)
})

test('a ratio, a list and a plan say which layers are frozen', () => {
  const words = (frozen: readonly boolean[]) => frozen.map((is) => (is ? 'x' : '.')).join('')
  expect(words(frozenLayers(LAYERS, { freeze: 'ratio', freeze_ratio: 0.5 }, null))).toBe('xxx...')
  expect(words(frozenLayers(LAYERS, { freeze: ['s0', 'e'], freeze_ratio: 0.5 }, null))).toBe('x...x.')
  expect(words(frozenLayers(LAYERS, { freeze: 'stage', freeze_ratio: 0.5 }, null))).toBe('......')
  expect(handlePosition([true, true, false, true])).toBe(2)
  expect(handlePosition([true, true])).toBe(2)
})

test('clicking a stage freezes it whole or lets it go; nothing left is a ratio of 0', () => {
  const upToHalf = frozenLayers(LAYERS, { freeze: 'ratio', freeze_ratio: 0.34 }, null)
  expect(listOf(LAYERS, upToHalf)).toEqual({ freeze: ['s0', 'b'] })
  expect(toggledStage(LAYERS, upToHalf, 's1')).toEqual({ freeze: ['s0', 's1'] })
  expect(toggledStage(LAYERS, upToHalf, 's0')).toEqual({ freeze: ['b'] })
  expect(toggledStage(LAYERS, [true, false, false, false, false, false], 's0')).toEqual({ freeze: 'ratio', freeze_ratio: 0 })
})

test('stages with maps of one size share a band', () => {
  const { stages } = layoutOf(LAYERS)
  const bands = bandsOf(stages, new Map([['s0', [56, 56, 8]], ['s1', [56, 56, 16]], ['s2', [28, 28, 32]]])) // prettier-ignore
  expect(bands.map(({ words, width }) => [words, Math.round(width * 6)])).toEqual([
    ['56×56', 3],
    ['28×28 · 32', 3],
  ])
})
