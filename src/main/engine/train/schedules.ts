/** Learning-rate schedules, stepped once an epoch. Their state is plain data, kept in every checkpoint. */
import { METRIC_HIGHER_IS_BETTER, type MetricName, type SchedulerName } from '../../../shared/domain/run-config'
import type { PlannedStage } from '../../../shared/domain/stages'

export interface PlateauState {
  best: number | null
  bad_epochs: number
}

export interface ScheduleState {
  /** What the next epoch trains with, for each parameter group. */
  learningRates: number[]
  plateau: PlateauState
}

/** What a schedule goes by: the stage's settings, and the rates that its parameter groups began with. */
export type ScheduleSettings = Pick<
  PlannedStage,
  'scheduler' | 'epochs' | 'minimum_learning_rate' | 'scheduler_factor' | 'scheduler_patience' | 'scheduler_metric' | 'scheduler_step_size' | 'scheduler_gamma'
> & { readonly baseRates: readonly number[] }

interface Schedule {
  /** The state after the stage's `epoch` (from 1) has ended with these metrics. */
  next(state: ScheduleState, settings: ScheduleSettings, epoch: number, metrics: Readonly<Record<MetricName, number>>): ScheduleState
}

/** Relative change that counts as better, torch's default. */
const PLATEAU_THRESHOLD = 1e-4
/** A change of rate smaller than this is not made, torch's `eps`. */
const SMALLEST_CHANGE = 1e-8

export const SCHEDULES: Readonly<Record<SchedulerName, Schedule>> = {
  none: { next: (state) => state },

  /** torch's CosineAnnealingLR in closed form with T_max = epochs (Loshchilov and Hutter 2017, without restarts). */
  cosine: {
    next(state, { baseRates, minimum_learning_rate, epochs }, epoch) {
      const share = (1 + Math.cos((Math.PI * Math.min(epoch, epochs)) / epochs)) / 2
      const rateOf = (base: number) => {
        const low = Math.min(minimum_learning_rate, base)
        return low + (base - low) * share
      }
      return { ...state, learningRates: baseRates.map(rateOf) }
    },
  },

  /** torch's StepLR in closed form: γ once every `step_size` epochs. */
  step: {
    next(state, { baseRates, scheduler_step_size, scheduler_gamma, minimum_learning_rate }, epoch) {
      const factor = scheduler_gamma ** Math.floor(epoch / scheduler_step_size)
      return { ...state, learningRates: baseRates.map((base) => Math.max(base * factor, Math.min(minimum_learning_rate, base))) }
    },
  },

  /** torch's ReduceLROnPlateau, threshold_mode 'rel', cooldown 0: lowered when bad epochs exceed the patience. */
  plateau: {
    next(state, settings, _epoch, metrics) {
      const value = metrics[settings.scheduler_metric]
      const higher = METRIC_HIGHER_IS_BETTER[settings.scheduler_metric]
      const { best } = state.plateau
      // Written so that NaN is never better, not even as the first value.
      const bar = best ?? (higher ? -Infinity : Infinity)
      const isBetter = higher ? value > bar * (1 + PLATEAU_THRESHOLD) : value < bar * (1 - PLATEAU_THRESHOLD)
      if (isBetter) return { ...state, plateau: { best: value, bad_epochs: 0 } }
      const badEpochs = state.plateau.bad_epochs + 1
      if (badEpochs <= settings.scheduler_patience) return { ...state, plateau: { best, bad_epochs: badEpochs } }
      const lower = (rate: number) => {
        const lowered = Math.max(rate * settings.scheduler_factor, settings.minimum_learning_rate)
        return rate - lowered > SMALLEST_CHANGE ? lowered : rate
      }
      return { learningRates: state.learningRates.map(lower), plateau: { best, bad_epochs: 0 } }
    },
  },
}

export function initialSchedule({ baseRates }: Pick<ScheduleSettings, 'baseRates'>): ScheduleState {
  return { learningRates: [...baseRates], plateau: { best: null, bad_epochs: 0 } }
}

/** What the rate is multiplied by in optimizer step `step` (from 1) of a stage: a straight rise from 1/n to 1 over n steps. */
export function warmUpFactor(step: number, warmUpSteps: number): number {
  return warmUpSteps === 0 ? 1 : Math.min(1, step / warmUpSteps)
}
