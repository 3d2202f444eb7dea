/** How fast training goes and how long it will still take, from the steps and epochs seen so far. */
import { resolvedViews, type RunConfig, USUAL_BATCH_SIZE } from '../../shared/domain/run-config'
import { type PlannedStage, plannedStages } from '../../shared/domain/stages'
import type { StepProgress } from '../engine/train/loop'
import type { TrainingState } from '../engine/train/state'
import { freezePlan } from '../engine/zoo/freeze-plan'

/** A speed measured over less is noise; the one before it stands. */
const SHORTEST_S = 0.2

interface Seen {
  readonly stage: number
  /** The frozen prefix ran for a new view. */
  readonly withPrefix: boolean
  readonly seconds: number
}

type Where = Pick<TrainingState, 'stage' | 'stageEpoch'>

export class TimeLeft {
  imagesPerSecond = 0
  private readonly stages: readonly PlannedStage[]
  private phaseStarted = performance.now()
  private phaseKey = ''
  private epochStarted = performance.now()
  /** Epochs of this session. */
  private readonly seen: Seen[] = []
  private at: Where
  private share = 0
  private prefixRan = false
  private readonly costs: readonly number[]

  constructor(
    private readonly config: RunConfig,
    state: Where,
  ) {
    this.stages = plannedStages(config)
    this.at = { stage: state.stage, stageEpoch: state.stageEpoch }
    this.costs = this.stages.length === 1 ? [1] : this.stages.map((stage) => stepCost(config, stage))
  }

  note(progress: StepProgress): void {
    const key = `${progress.epoch}/${progress.phase}`
    const now = performance.now()
    if (key !== this.phaseKey) {
      this.phaseKey = key
      this.phaseStarted = now
    }
    if (progress.phase === 'features') this.prefixRan = true
    const seconds = (now - this.phaseStarted) / 1000
    if (progress.phase !== 'val' && seconds >= SHORTEST_S) this.imagesPerSecond = progress.done / seconds
    this.share = progress.done / progress.total
  }

  /** The one before may have ended early: what was left of it will not come. */
  stageBegun(state: Where): void {
    this.at = { stage: state.stage, stageEpoch: state.stageEpoch }
    this.share = 0
  }

  /** `state` counts the epoch that has just ended. */
  epochDone(state: Where): void {
    const now = performance.now()
    this.seen.push({ stage: state.stage, withPrefix: this.prefixRan, seconds: (now - this.epochStarted) / 1000 })
    this.epochStarted = now
    this.at = { stage: state.stage, stageEpoch: state.stageEpoch }
    this.prefixRan = false
    this.share = 0
  }

  /** Seconds to the end of the last epoch; null until one epoch has been seen. */
  get seconds(): number | null {
    if (this.seen.length === 0) return null
    let left = 0
    for (const stage of this.stages.slice(this.at.stage - 1)) {
      const views = resolvedViews(this.config, stage.epochs)
      const first = stage.index === this.at.stage ? this.at.stageEpoch + 1 : 1
      for (let epoch = first; epoch <= stage.epochs; epoch++) left += this.epochSeconds(stage.index, epoch <= views)
    }
    return Math.max(0, left - this.share * this.epochSeconds(this.at.stage, false) * 0.5)
  }

  /** Mean of the stage's own epochs; of a stage that has none yet, of the newest other by what a step of either costs. */
  private epochSeconds(stage: number, withPrefix: boolean): number {
    const own = this.seen.filter((epoch) => epoch.stage === stage)
    if (own.length === 0) {
      const newest = this.seen.at(-1)
      if (newest === undefined) return 0
      return this.epochSeconds(newest.stage, false) * ((this.costs[stage - 1] ?? 1) / (this.costs[newest.stage - 1] ?? 1))
    }
    const alike = own.filter((epoch) => epoch.withPrefix === withPrefix)
    const from = alike.length > 0 ? alike : own
    return from.reduce((sum, epoch) => sum + epoch.seconds, 0) / from.length
  }
}

/** Multiply–adds of a training step on one picture, with what runs once counted in full: a stage rarely sees a view twice. */
function stepCost(config: RunConfig, stage: PlannedStage): number {
  const { macs } = freezePlan({ ...config, freeze: stage.freeze, freeze_ratio: stage.freeze_ratio, classes: 2, imageSize: config.image_size, batchSize: USUAL_BATCH_SIZE })
  return macs.step + macs.once
}
