/**
 * In which pass of the run that would start a view of a picture is used, worked out before anything is trained: the order of the epoch, its
 * batches, and what blends them. Whatever is drawn for a batch and not for a picture depends on it.
 */
import { assumedBatchSize, type RunConfig, type SamplerName } from '../../shared/domain/run-config'
import { plannedStages } from '../../shared/domain/stages'
import { cutIntoBatches, PREFIX_BATCH, SAMPLER_RULES } from '../engine/train/batches'
import { drawMix, type Mix } from '../engine/train/mix'
import { findBackbone } from '../engine/zoo/registry'
import { runNetwork } from './run-session'

/** What the passes of a run depend on. */
export interface PassPlan {
  readonly sampler: SamplerName
  readonly seed: number
  readonly batchSize: number
  readonly stepSize: number
  /** Colour of erased parts, each channel in 0…1. */
  readonly erasingColour: readonly number[]
  readonly stages: readonly StagePasses[]
}

export interface StagePasses {
  /** From 1, if no stage before ends early. It is also the number of the stage's first view: each stage shows views of its own. */
  readonly firstEpoch: number
  readonly epochs: number
  /** Different augmented views of each picture; 0: the plain one alone. */
  readonly views: number
  /** Pictures meet the frozen part ahead of the steps, in their own order. */
  readonly runsAhead: boolean
  readonly trainsBatchNorm: boolean
}

/** @throws GraftError NOT_FOUND for an unknown backbone, BAD_INPUT for an unknown layer to freeze */
export function passPlan(config: RunConfig, classes: number, backbone = findBackbone(config.backbone)): PassPlan {
  const batchSize = assumedBatchSize(config)
  const stages = plannedStages(config).map(({ index, firstEpoch, epochs }): StagePasses => {
    const { cut, views, trainsBatchNorm } = runNetwork(config, classes, index, backbone)
    return { firstEpoch, epochs, views, runsAhead: cut !== 'input', trainsBatchNorm }
  })
  return { sampler: config.sampler, seed: config.seed, batchSize, stepSize: batchSize * config.accumulation_steps, erasingColour: backbone.preprocessing.mean, stages }
}

/** The first views that the run shows of a picture, by number; where there are fewer, those that would come next. */
export function firstViews({ stages }: Pick<PassPlan, 'stages'>, count: number): number[] {
  const shown: number[] = []
  for (const { firstEpoch, views } of stages) for (let view = firstEpoch; view < firstEpoch + views && shown.length < count; view++) shown.push(view)
  while (shown.length < count) shown.push((shown.at(-1) ?? 0) + 1)
  return shown
}

/** Different views of a picture in the whole run. */
export function viewsOfRun({ stages }: Pick<PassPlan, 'stages'>): number {
  return stages.reduce((sum, { views }) => sum + views, 0)
}

/** Where a view of a picture is shown first. */
export interface ViewPass {
  /** The run's epoch; null where the run does not show it. */
  readonly epoch: number | null
  /** Indices among the training pictures of the pass's first picture, and of the one before this picture, which is what it may be blended with. */
  readonly first: number
  readonly partner: number
  readonly mix: Mix | null
}

/** The passes of one plan over the same training pictures; epochs are put in order once each. */
export class PlannedPasses {
  private readonly epochs = new Map<number, number[][]>()

  constructor(
    private readonly plan: PassPlan,
    /** Class index of each training picture. */
    private readonly labels: readonly number[],
  ) {}

  /** `view` from 1; amounts of MixUp and CutMix as they are set. */
  find(index: number, view: number, amounts: { mixup: number; cutmix: number; side: number }): ViewPass {
    const alone = { epoch: null, first: index, partner: index, mix: null }
    const stage = this.plan.stages.find(({ firstEpoch, views }) => firstEpoch <= view && view < firstEpoch + views)
    if (stage === undefined) return alone
    if (stage.runsAhead) return { ...alone, epoch: view, first: index - (index % PREFIX_BATCH) }
    for (let epoch = view; epoch < stage.firstEpoch + stage.epochs; epoch += stage.views) {
      const passes = this.passes(stage, epoch)
      const number = passes.findIndex((pass) => pass.includes(index))
      const pass = passes[number]
      // A sampler may leave a picture out of an epoch.
      if (pass === undefined) continue
      const mix = drawMix(amounts, { seed: this.plan.seed, step: this.passesBefore(epoch) + number, count: pass.length, side: amounts.side })
      return { epoch, first: pass[0] ?? index, partner: pass.at(pass.indexOf(index) - 1) ?? index, mix }
    }
    return alone
  }

  /** All epochs of a stage have as many. */
  private passesBefore(epoch: number): number {
    let sum = 0
    for (const stage of this.plan.stages) {
      const epochs = Math.min(stage.epochs, epoch - stage.firstEpoch)
      if (epochs > 0) sum += epochs * this.passes(stage, stage.firstEpoch).length
    }
    return sum
  }

  private passes({ trainsBatchNorm }: StagePasses, epoch: number): number[][] {
    const { sampler, seed, batchSize, stepSize } = this.plan
    const known = this.epochs.get(epoch)
    if (known !== undefined) return known
    const steps = cutIntoBatches(SAMPLER_RULES[sampler](seed, epoch, this.labels), stepSize, trainsBatchNorm)
    const passes = steps.flatMap((indices) => cutIntoBatches(indices, batchSize, trainsBatchNorm))
    this.epochs.set(epoch, passes)
    return passes
  }
}
