/**
 * Resuming equals never having stopped, bit for bit: runs in memory, cut after every write of a checkpoint, which is after every step, and
 * gone on with to their end. A dozen mixtures of settings in any case, all 48 with GRAFT_RESUME_MATRIX=1.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { CLASSES, play, Sessions, TINY } from './resume-matrix.examples'
import { MIXTURES } from './resume-mixtures.examples'
import { runNetwork } from './run-session'

const isWhole = process.env['GRAFT_RESUME_MATRIX'] === '1'
const chosen = MIXTURES.filter((mixture) => isWhole || mixture.isQuick)
const counts = { mixtures: 0, cuts: 0, stops: 0 }

test('the mixtures hold every optimizer with every schedule, augmentation, way to train and precision', () => {
  const pairs = (a: 'optimizer', b: 'schedule' | 'augmentation' | 'way' | 'precision') => new Set(MIXTURES.map((mixture) => `${mixture[a]}/${mixture[b]}`)).size
  const kinds = (of: 'optimizer' | 'schedule' | 'augmentation' | 'way' | 'precision', among = MIXTURES) => new Set(among.map((mixture) => mixture[of])).size
  expect(MIXTURES.length).toBeGreaterThanOrEqual(40)
  expect(pairs('optimizer', 'schedule')).toBe(kinds('optimizer') * kinds('schedule'))
  expect(pairs('optimizer', 'way')).toBe(kinds('optimizer') * kinds('way'))
  expect(pairs('optimizer', 'precision')).toBe(kinds('optimizer') * kinds('precision'))
  for (const of of ['optimizer', 'schedule', 'augmentation', 'way', 'precision'] as const) {
    expect(kinds(of, MIXTURES.filter((mixture) => mixture.isQuick)), of).toBe(kinds(of))
  }
})

describe('cut at every checkpoint and gone on with, the end is the same', () => {
  test.each(chosen)('$name', async ({ config }) => {
    const sessions = new Sessions()
    const whole = await play(config, { sessions })
    expect(whole.end.state).not.toBeNull()
    // The number of steps, of epochs, of bests and of stages after the first, at least.
    expect(whole.cuts.length).toBeGreaterThan(8)
    for (const [at, cut] of whole.cuts.entries()) {
      expect((await play(config, { from: cut, sessions })).end, `cut ${at + 1} of ${whole.cuts.length}`).toEqual(whole.end)
    }
    // In sessions that have never seen anything else.
    const middle = whole.cuts[Math.floor(whole.cuts.length / 3)] ?? null
    expect((await play(config, { from: middle })).end).toEqual(whole.end)
    sessions.close()
    counts.mixtures++
    counts.cuts += whole.cuts.length
  })
})

// A few pictures do not make up for opening it: the mixtures leave the frozen part to the session.
test('with ONNX Runtime for the frozen part, cut at every checkpoint and gone on with, the end is the same', async () => {
  const { config } = MIXTURES.find(({ augmentation, way }) => way.startsWith('three stages') && augmentation === 'flips and colours')!
  const sessions = new Sessions()
  const frozen = { ...config, stages: config.stages.map((stage) => ({ ...stage, freeze: stage.freeze === 'none' ? ('ratio' as const) : stage.freeze, freeze_ratio: 0.5 })) }
  expect([1, 2, 3].map((stage) => runNetwork(frozen, CLASSES.length, stage, TINY).cut)).not.toContain('input')
  const options = { sessions, prefixOpensFrom: 0 }
  const whole = await play(frozen, options)
  expect(whole.cuts.length).toBeGreaterThan(8)
  for (const [at, cut] of whole.cuts.entries()) {
    expect((await play(frozen, { ...options, from: cut })).end, `cut ${at + 1} of ${whole.cuts.length}`).toEqual(whole.end)
    counts.cuts++
  }
  sessions.close()
  counts.mixtures++
})

test('a run that is told to stop, at whichever question, goes on to the same end', async () => {
  for (const { config } of chosen.filter(({ way }) => ['three stages from the best', 'a frozen part is kept'].some((start) => way.startsWith(start))).slice(0, 2)) {
    const sessions = new Sessions()
    let questions = 0
    const count = () => ++questions < 0
    const whole = await play({ ...config, checkpoint_minutes: 60 }, { sessions, shouldEnd: count })
    for (let stopAt = 1; stopAt <= questions; stopAt++) {
      let asked = 0
      const { stopped } = await play({ ...config, checkpoint_minutes: 60 }, { sessions, shouldEnd: () => ++asked === stopAt })
      const { end } = await play({ ...config, checkpoint_minutes: 60 }, { from: stopped, sessions })
      expect(end, `stopped at question ${stopAt} of ${questions}`).toEqual(whole.end)
      counts.stops++
    }
    sessions.close()
  }
})

afterAll(() => {
  console.info('Resumed to the same bits:', counts)
})
