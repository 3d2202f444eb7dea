/** Everything of a training run but its tensors, as plain data: what a checkpoint's state.json holds. */
import type { EpochRecord } from '../../../shared/domain/metrics'
import type { RunConfig } from '../../../shared/domain/run-config'
import type { EarlyStoppingState } from './early-stopping'
import { initialSchedule, type ScheduleState } from './schedules'

export interface TrainingState {
  /** Epochs completed. */
  epoch: number
  /** Optimizer steps taken. */
  step: number
  schedule: ScheduleState
  earlyStopping: EarlyStoppingState
  best: { epoch: number; metric: number } | null
  history: EpochRecord[]
  /** Seconds of work, over all sessions. */
  elapsedS: number
}

export function initialTrainingState(config: RunConfig): TrainingState {
  return {
    epoch: 0,
    step: 0,
    schedule: initialSchedule(config),
    earlyStopping: { best: null, epochs_without_gain: 0 },
    best: null,
    history: [],
    elapsedS: 0,
  }
}
