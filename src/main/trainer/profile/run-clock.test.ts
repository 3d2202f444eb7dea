import { expect, test } from 'vitest'
import { NO_CLOCK } from '../../engine/train/phase-clock'
import { RunClock } from './run-clock'

function stopped(beforeS = 0) {
  let ms = 250
  const clock = new RunClock(beforeS, () => ms)
  const seconds = () => Object.fromEntries(clock.reading().phases.filter((row) => row.seconds > 0).map((row) => [row.phase, row.seconds]))
  return { clock, seconds, pass: (by: number) => (ms += by) }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

test('every moment counts for one phase, the innermost, and the parts are the whole', async () => {
  const { clock, seconds, pass } = stopped(2)
  pass(1000)
  await clock.within('validation', async () => {
    pass(3000)
    await clock.within('pictures', async () => {
      await Promise.resolve()
      pass(500)
    })
    pass(250)
  })
  pass(1000)
  expect(seconds()).toEqual({ command: 2, start: 0.25, other: 2, validation: 3.25, pictures: 0.5 })
  const { total_s, phases } = clock.reading()
  expect(total_s).toBe(8)
  expect(sum(phases.map((row) => row.seconds))).toBeCloseTo(total_s, 12)
})

test('the first pass of every shape in a session is compiling', () => {
  const { clock, seconds, pass } = stopped()
  const [one, other] = [{}, {}]
  for (const [session, shape] of [[one, 'step 8'], [one, 'step 8'], [one, 'step 3'], [other, 'step 8']] as const) clock.computing('steps', session, shape, () => pass(1000)) // prettier-ignore
  expect(seconds()).toEqual({ start: 0.25, compiling: 3, steps: 1 })
  expect(clock.reading().phases.find(({ phase }) => phase === 'steps')?.times).toBe(1)
})

test('what throws or fails leaves its phase', async () => {
  const { clock, seconds, pass } = stopped()
  const fail = () => {
    pass(1000)
    throw new Error('no')
  }
  expect(() => clock.within('steps', fail)).toThrow('no')
  await expect(clock.within('checkpoints', async () => Promise.resolve().then(fail))).rejects.toThrow('no')
  pass(500)
  expect(seconds()).toEqual({ start: 0.25, steps: 1, checkpoints: 1, other: 0.5 })
})

test('a run that is not profiled passes everything on as it is', () => {
  const promise = Promise.resolve(1)
  expect(NO_CLOCK.within('steps', () => promise)).toBe(promise)
  expect(NO_CLOCK.computing('steps', {}, '', () => promise)).toBe(promise)
})
