/** Learning-rate schedules, stepped once an epoch. Their state is plain data, kept in every checkpoint. */
import { METRIC_HIGHER_IS_BETTER, type MetricName, type RunConfig } from '../../../shared/domain/run-config'

export interface PlateauState {
  best: number | null
  bad_epochs: number
}

export interface ScheduleState {
  /** What the next epoch trains with. */
  learningRate: number
  plateau: PlateauState
}

type ScheduleConfig = Pick<
  RunConfig,
  'scheduler' | 'learning_rate' | 'epochs' | 'minimum_learning_rate' | 'scheduler_factor' | 'scheduler_patience' | 'scheduler_metric'
>

interface Schedule {
  /** The state after `epoch` (from 1) has ended with these metrics. */
  next(state: ScheduleState, config: ScheduleConfig, epoch: number, metrics: Readonly<Record<MetricName, number>>): ScheduleState
}

/** Relative change that counts as better, torch's default. */
const PLATEAU_THRESHOLD = 1e-4
/** A change of rate smaller than this is not made, torch's `eps`. */
const SMALLEST_CHANGE = 1e-8

export const SCHEDULES: Readonly<Record<RunConfig['scheduler'], Schedule>> = {
  none: { next: (state) => state },

  /** torch's CosineAnnealingLR in closed form with T_max = epochs (Loshchilov and Hutter 2017, without restarts). */
  cosine: {
    next(state, config, epoch) {
      const low = Math.min(config.minimum_learning_rate, config.learning_rate)
      const share = (1 + Math.cos((Math.PI * Math.min(epoch, config.epochs)) / config.epochs)) / 2
      return { ...state, learningRate: low + (config.learning_rate - low) * share }
    },
  },

  /** torch's ReduceLROnPlateau, threshold_mode 'rel', cooldown 0: lowered when bad epochs exceed the patience. */
  plateau: {
    next(state, config, _epoch, metrics) {
      const value = metrics[config.scheduler_metric]
      const higher = METRIC_HIGHER_IS_BETTER[config.scheduler_metric]
      const { best } = state.plateau
      // Written so that NaN is never better, not even as the first value.
      const bar = best ?? (higher ? -Infinity : Infinity)
      const isBetter = higher ? value > bar * (1 + PLATEAU_THRESHOLD) : value < bar * (1 - PLATEAU_THRESHOLD)
      if (isBetter) return { ...state, plateau: { best: value, bad_epochs: 0 } }
      const badEpochs = state.plateau.bad_epochs + 1
      if (badEpochs <= config.scheduler_patience) return { ...state, plateau: { best, bad_epochs: badEpochs } }
      const lowered = Math.max(state.learningRate * config.scheduler_factor, config.minimum_learning_rate)
      const learningRate = state.learningRate - lowered > SMALLEST_CHANGE ? lowered : state.learningRate
      return { learningRate, plateau: { best, bad_epochs: 0 } }
    },
  },
}

export function initialSchedule(config: ScheduleConfig): ScheduleState {
  return { learningRate: config.learning_rate, plateau: { best: null, bad_epochs: 0 } }
}
