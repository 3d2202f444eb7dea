/** Everything of a training run but its tensors, as plain data: what a checkpoint's state.json holds. */
import type { EpochRecord } from '../../../shared/domain/metrics'
import type { EarlyStoppingState } from './early-stopping'
import { initialSchedule, type ScheduleState } from './schedules'

/** How far an epoch has come. */
export interface EpochPosition {
  /** Optimizer steps of the epoch that are done. */
  steps: number
  /** Sums over the pictures of these steps. */
  loss_sum: number
  hits: number
  pictures: number
  norm_sum: number
  /** Work on the epoch so far. */
  seconds: number
}

export interface TrainingState {
  /** Epochs completed. */
  epoch: number
  /** Stage at hand, from 1, and its epochs completed. */
  stage: number
  stageEpoch: number
  /** Optimizer steps taken. */
  step: number
  /** Passes forward and backward: dropout's counter. More than the steps where gradients are gathered. */
  pass: number
  /** Steps taken before each stage up to the one at hand. */
  stageStarts: number[]
  schedule: ScheduleState
  earlyStopping: EarlyStoppingState
  best: { epoch: number; metric: number } | null
  history: EpochRecord[]
  /** Within an epoch; null between two. */
  position: EpochPosition | null
  /** Seconds of work, over all sessions. */
  elapsedS: number
}

/** `baseRates`: learning rates of the first stage's parameter groups. */
export function initialTrainingState(baseRates: readonly number[]): TrainingState {
  return {
    epoch: 0,
    stage: 1,
    stageEpoch: 0,
    step: 0,
    pass: 0,
    stageStarts: [0],
    schedule: initialSchedule({ baseRates }),
    earlyStopping: { best: null, epochs_without_gain: 0 },
    best: null,
    history: [],
    position: null,
    elapsedS: 0,
  }
}

/** Goes on to the next stage: fresh counters, the best so far kept. */
export function enterNextStage(state: TrainingState, baseRates: readonly number[]): void {
  state.stage++
  state.stageEpoch = 0
  state.stageStarts.push(state.step)
  state.schedule = initialSchedule({ baseRates })
  state.earlyStopping = { best: null, epochs_without_gain: 0 }
}
