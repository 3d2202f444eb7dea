import { expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG, type RunConfig, type SchedulerName } from '../../../shared/domain/run-config'
import { readGolden } from '../golden/compare'
import { initialSchedule, SCHEDULES, type ScheduleSettings, warmUpFactor } from './schedules'

/** torch.optim.lr_scheduler's rates after each epoch; made by scripts/golden/make-optimizers.py. */
const golden = readGolden<{
  cosine: { learningRate: number; minimum: number; epochs: number; rates: number[] }[]
  plateau: { mode: 'min' | 'max'; factor: number; patience: number; minimum: number; values: (number | null)[]; rates: number[] }[]
  /** With a number for each parameter group. */
  step: { learningRate: number; size: number; gamma: number; rates: number[][] }[]
  groups: { schedule: SchedulerName; learningRates: number[]; values: (number | null)[]; rates: number[][] }[]
  /** What torch's LinearLR multiplies the rate of each step by. */
  warmUp: { steps: number; factors: number[] }[]
}>('schedules.json')

/** The rates of all groups after each epoch. */
function groupRates(settings: ScheduleSettings, values: readonly number[]): number[][] {
  let state = initialSchedule(settings)
  return values.map((value, i) => {
    // As it comes back from a checkpoint.
    state = JSON.parse(JSON.stringify(SCHEDULES[settings.scheduler].next(state, settings, i + 1, { val_accuracy: value, val_macro_f1: value, val_loss: value })))
    return state.learningRates
  })
}

const rates = (config: RunConfig, values: readonly number[]) => groupRates({ ...config, baseRates: [config.learning_rate] }, values).map(([rate]) => rate ?? NaN)

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

test.each(golden.step)('step from $learningRate, times $gamma every $size epochs, is torch’s', ({ learningRate, size, gamma, rates: expected }) => {
  const config: RunConfig = { ...DEFAULT_RUN_CONFIG, scheduler: 'step', learning_rate: learningRate, minimum_learning_rate: 0, scheduler_step_size: size, scheduler_gamma: gamma }
  expectRates(rates(config, expected.map(() => 0)), expected.map(([rate]) => rate ?? NaN))
})

test.each(golden.groups)('$schedule over three parameter groups is torch’s', ({ schedule, learningRates, values, rates: expected }) => {
  const settings: ScheduleSettings = {
    ...DEFAULT_RUN_CONFIG, baseRates: learningRates, scheduler: schedule, epochs: 12, minimum_learning_rate: { cosine: 1e-7, step: 0, plateau: 2e-6, none: 0 }[schedule],
    scheduler_step_size: 4, scheduler_gamma: 0.3, scheduler_factor: 0.3, scheduler_patience: 1, scheduler_metric: 'val_loss',
  } // prettier-ignore
  const ours = groupRates(settings, values.map((value) => value ?? 0))
  for (const group of learningRates.keys()) expectRates(ours.map((each) => each[group] ?? NaN), expected.map((each) => each[group] ?? NaN))
})

test.each(golden.warmUp)('warm-up over $steps steps rises as torch’s LinearLR', ({ steps, factors }) => {
  expectRates(factors.map((_, step) => warmUpFactor(step + 1, steps)), factors)
  expect(warmUpFactor(1, 0)).toBe(1)
})

test('plateau counts as guide B’s script does: with patience 3 the fourth epoch without a gain lowers the rate', () => {
  // Best in epoch 5; torch lowers after epoch 9 and begins to count anew.
  const accuracies = [0.6, 0.7, 0.75, 0.8, 0.82, 0.82, 0.81, 0.8, 0.82, 0.79, 0.78, 0.8, 0.81]
  const config: RunConfig = { ...DEFAULT_RUN_CONFIG, scheduler: 'plateau', scheduler_metric: 'val_accuracy', scheduler_factor: 0.5, scheduler_patience: 3, learning_rate: 1e-3, minimum_learning_rate: 0 }
  expect(rates(config, accuracies)).toEqual([...new Array<number>(8).fill(1e-3), ...new Array<number>(4).fill(5e-4), 2.5e-4])
})

test('without a schedule the rate stays', () => {
  expect(new Set(rates({ ...DEFAULT_RUN_CONFIG, scheduler: 'none', learning_rate: 0.3 }, [1, 2, 3]))).toEqual(new Set([0.3]))
})
