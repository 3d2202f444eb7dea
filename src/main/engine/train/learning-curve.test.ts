import { expect, test } from 'vitest'
import { KeyedRandom } from '../../../shared/domain/random'
import { gainWords } from '../../../shared/domain/suspects-words'
import { groupFolds } from './group-folds'
import { fitPowerLaw, learningCurve } from './learning-curve'

test('the law that made the errors is found again; errors that do not fall have no gain', () => {
  const sizes = [10, 20, 40, 80, 160]
  const { a, b, c } = fitPowerLaw(sizes, sizes.map((n) => 0.9 * n ** -0.5 + 0.03)) // prettier-ignore
  expect([a, b, c]).toEqual([expect.closeTo(0.9, 6), expect.closeTo(0.5, 6), expect.closeTo(0.03, 6)])
  expect(fitPowerLaw(sizes, sizes.map(() => 0.1)).a).toBeCloseTo(0, 9)
  // Growing errors are told as they are.
  expect(fitPowerLaw(sizes, [0.1, 0.11, 0.12, 0.13, 0.14]).a).toBeLessThan(0)
})

/** Two clouds in 20 dimensions, `apart` from each other in each of them, in units of their spread. */
async function curveOf(apart: number, perClass: number) {
  const size = 20
  const labels = Array.from({ length: 2 * perClass }, (_, i) => i % 2)
  const values = Float64Array.from({ length: labels.length * size }, () => 0)
  labels.forEach((label, i) => {
    const random = new KeyedRandom(3, 'sample', i)
    for (let d = 0; d < size; d++) values[i * size + d] = random.normal() + (label === 0 ? -apart / 2 : apart / 2)
  })
  const groups = labels.map(() => undefined)
  const steps: number[] = []
  const step = (done: number) => Promise.resolve(void steps.push(done))
  const curve = await learningCurve({ rows: { values, count: labels.length, size }, labels, groups, classes: 2, folds: groupFolds(labels, groups, 5, 1), foldCount: 5, c: 0.1, seed: 1, repeats: 2, step })
  expect(steps.at(-1)).toBe(20)
  return curve
}

test('where more pictures teach more, the recall rises and a gain is told with its band', async () => {
  const { classes } = await curveOf(0.5, 60)
  for (const one of classes) {
    expect(one?.points.map(({ pictures }) => pictures)).toEqual([4, 8, 16, 32, 48])
    expect(one?.points.at(-1)?.recall).toBeGreaterThan((one?.points[0]?.recall ?? 1) + 0.05)
    const gain = one?.gain
    if (gain === undefined || gain === null) throw new Error('no gain')
    expect(gain.estimate).toBeGreaterThan(0.003)
    expect(gain.low).toBeLessThan(gain.estimate)
    expect(gain.high).toBeGreaterThan(gain.estimate)
    expect(one === null ? '' : gainWords(one)).toMatch(/^\+\d+\.\d points of recall, between (0|−?\d+\.\d) and \d+\.\d$/)
  }
})

test('where nothing is left to learn it says so; a class of a few pictures has no curve', async () => {
  const { classes } = await curveOf(4, 40)
  expect(classes.map((one) => (one === null ? '' : gainWords(one)))).toEqual(['no gain to be seen', 'no gain to be seen'])
  expect((await curveOf(4, 10)).classes).toEqual([null, null])
})
