import { expect, test } from 'vitest'
import { KeyedRandom, philox, RANDOM_STREAMS } from './random'

const hex = (values: readonly number[]) => values.map((value) => value.toString(16).padStart(8, '0')).join(' ')

test('philox gives the numbers of its authors’ known-answer file', () => {
  const ones = 0xffffffff
  expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
  expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd')
  // The digits of π.
  expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe('d16cfe09 94fdcceb 5001e420 24126ea1')
})

const draw = (random: KeyedRandom, count: number) => Array.from({ length: count }, () => random.uint32())

test('the same key gives the same numbers, any other key others', () => {
  const first = draw(new KeyedRandom(42, 'augment', 7, 3), 9)
  expect(draw(new KeyedRandom(42, 'augment', 7, 3), 9)).toEqual(first)
  const others = [
    new KeyedRandom(43, 'augment', 7, 3), new KeyedRandom(42 + 2 ** 32, 'augment', 7, 3), new KeyedRandom(42, 'shuffle', 7, 3),
    new KeyedRandom(42, 'augment', 8, 3), new KeyedRandom(42, 'augment', 7, 4), new KeyedRandom(42, 'augment', 3, 7),
  ] // prettier-ignore
  const all = [first, ...others.map((other) => draw(other, 9))].flat()
  expect(new Set(all).size).toBe(all.length)
  expect(new Set(Object.values(RANDOM_STREAMS)).size).toBe(Object.keys(RANDOM_STREAMS).length)
})

test('seed 0 and the largest seed are seeds like any other', () => {
  expect(hex(draw(new KeyedRandom(0, 'split'), 4))).toBe(hex(philox([0, 0, 0, RANDOM_STREAMS.split], [0, 0])))
  const largest = Number.MAX_SAFE_INTEGER
  expect(hex(draw(new KeyedRandom(largest, 'split'), 4))).toBe(hex(philox([0, 0, 0, RANDOM_STREAMS.split], [0xffffffff, 0x1fffff])))
})

test('uniform, between, below and normal have the moments they should', () => {
  const random = new KeyedRandom(1, 'sample')
  const count = 20_000
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const uniform = Array.from({ length: count }, () => random.uniform())
  expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true)
  expect(mean(uniform)).toBeCloseTo(0.5, 1.7)
  expect(mean(uniform.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 2)
  const between = Array.from({ length: count }, () => random.between(-3, 5))
  expect(Math.min(...between)).toBeGreaterThanOrEqual(-3)
  expect(Math.max(...between)).toBeLessThan(5)
  expect(Math.abs(mean(between) - 1)).toBeLessThan(0.1)
  const normal = Array.from({ length: count }, () => random.normal())
  expect(Math.abs(mean(normal))).toBeLessThan(0.03)
  expect(Math.abs(mean(normal.map((value) => value * value)) - 1)).toBeLessThan(0.05)
  expect(Math.abs(mean(normal.map((value) => value ** 4)) - 3)).toBeLessThan(0.3)
  const counts = new Array<number>(7).fill(0)
  for (let i = 0; i < count; i++) {
    const value = random.below(7)
    counts[value] = (counts[value] ?? NaN) + 1
  }
  // χ² with 6 degrees of freedom is below 22.5 in 999 of 1000 cases.
  expect(counts.reduce((sum, value) => sum + (value - count / 7) ** 2 / (count / 7), 0)).toBeLessThan(22.5)
})

test('shuffled keeps every item, leaves the list alone and favours no order', () => {
  const items = Array.from({ length: 100 }, (_, i) => i)
  const shuffled = new KeyedRandom(5, 'shuffle', 1).shuffled(items)
  expect(items[50]).toBe(50)
  expect(shuffled).not.toEqual(items)
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items)
  const orders = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = new KeyedRandom(5, 'shuffle', i).shuffled(['a', 'b', 'c']).join('')
    orders.set(order, (orders.get(order) ?? 0) + 1)
  }
  expect(orders.size).toBe(6)
  // χ² with 5 degrees of freedom.
  expect([...orders.values()].reduce((sum, value) => sum + (value - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5)
})
