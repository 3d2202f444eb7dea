import { expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../../shared/domain/run-config'
import { readGolden } from '../golden/compare'
import { initialSchedule, SCHEDULES } from './schedules'

/** torch.optim.lr_scheduler's rates after each epoch; made by scripts/golden/make-optimizers.py. */
const golden = readGolden<{
  cosine: { learningRate: number; minimum: number; epochs: number; rates: number[] }[]
  plateau: { mode: 'min' | 'max'; factor: number; patience: number; minimum: number; values: (number | null)[]; rates: number[] }[]
}>('schedules.json')

function rates(config: RunConfig, values: readonly number[]): number[] {
  const settings = { ...config, baseRates: [config.learning_rate] }
  let state = initialSchedule(settings)
  return values.map((value, i) => {
    // As it comes back from a checkpoint.
    state = JSON.parse(JSON.stringify(SCHEDULES[config.scheduler].next(state, settings, i + 1, { val_accuracy: value, val_macro_f1: value, val_loss: value })))
    return state.learningRates[0] ?? NaN
  })
}

function expectRates(ours: number[], theirs: number[]) {
  expect(ours).toHaveLength(theirs.length)
  ours.forEach((rate, i) => {
    expect(Math.abs(rate - (theirs[i] ?? NaN)), `epoch ${i + 1}: ${rate}, torch ${theirs[i]}`).toBeLessThan(1e-12)
  })
}

test.each(golden.cosine)('cosine from $learningRate to $minimum in $epochs epochs is torch’s', ({ learningRate, minimum, epochs, rates: expected }) => {
  const config: RunConfig = { ...DEFAULT_RUN_CONFIG, scheduler: 'cosine', learning_rate: learningRate, minimum_learning_rate: minimum, epochs }
  expectRates(rates(config, expected.map(() => 0)), expected)
})

test.each(golden.plateau)('plateau $mode, factor $factor, patience $patience, down to $minimum is torch’s', ({ mode, factor, patience, minimum, values, rates: expected }) => {
  const config: RunConfig = {
    ...DEFAULT_RUN_CONFIG,
    scheduler: 'plateau',
    learning_rate: 0.1,
    minimum_learning_rate: minimum,
    scheduler_factor: factor,
    scheduler_patience: patience,
    scheduler_metric: mode === 'min' ? 'val_loss' : 'val_accuracy',
  }
  expectRates(rates(config, values.map((value) => value ?? NaN)), expected)
})

test('without a schedule the rate stays', () => {
  expect(new Set(rates({ ...DEFAULT_RUN_CONFIG, scheduler: 'none', learning_rate: 0.3 }, [1, 2, 3]))).toEqual(new Set([0.3]))
})
