/**
 * In which pass of the run that would start a view of a picture is used, worked out before anything is trained: the order of the epoch, its
 * batches, and what blends them. Whatever is drawn for a batch and not for a picture depends on it.
 */
import { assumedBatchSize, type RunConfig, type SamplerName } from '../../shared/domain/run-config'
import { cutIntoBatches, PREFIX_BATCH, SAMPLER_RULES } from '../engine/train/batches'
import { drawMix, type Mix } from '../engine/train/mix'
import { findBackbone } from '../engine/zoo/registry'
import { runNetwork } from './run-session'

/** What the passes of a run's first stage depend on. */
export interface PassPlan {
  readonly sampler: SamplerName
  readonly seed: number
  readonly epochs: number
  /** Different augmented views of each picture in the stage; 0: the plain one alone. */
  readonly views: number
  /** Pictures meet the frozen part ahead of the steps, in their own order. */
  readonly runsAhead: boolean
  readonly batchSize: number
  readonly stepSize: number
  readonly trainsBatchNorm: boolean
  /** Colour of erased parts, each channel in 0…1. */
  readonly erasingColour: readonly number[]
}

/** @throws GraftError NOT_FOUND for an unknown backbone, BAD_INPUT for an unknown layer to freeze */
export function passPlan(config: RunConfig, classes: number, backbone = findBackbone(config.backbone)): PassPlan {
  const { cut, views, trainsBatchNorm, stage } = runNetwork(config, classes, 1, backbone)
  const batchSize = assumedBatchSize(config)
  return {
    sampler: config.sampler,
    seed: config.seed,
    epochs: stage.epochs,
    views,
    runsAhead: cut !== 'input',
    batchSize,
    stepSize: batchSize * config.accumulation_steps,
    trainsBatchNorm,
    erasingColour: backbone.preprocessing.mean,
  }
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
    const { views, runsAhead, epochs } = this.plan
    const alone = { epoch: null, first: index, partner: index, mix: null }
    if (view > views) return alone
    if (runsAhead) return { ...alone, epoch: view, first: index - (index % PREFIX_BATCH) }
    for (let epoch = view; epoch <= epochs; epoch += views) {
      const passes = this.passes(epoch)
      const number = passes.findIndex((pass) => pass.includes(index))
      const pass = passes[number]
      // A sampler may leave a picture out of an epoch.
      if (pass === undefined) continue
      const step = (epoch - 1) * passes.length + number
      const row = pass.indexOf(index)
      const mix = drawMix(amounts, { seed: this.plan.seed, step, count: pass.length, side: amounts.side })
      return { epoch, first: pass[0] ?? index, partner: pass.at(row - 1) ?? index, mix }
    }
    return alone
  }

  private passes(epoch: number): number[][] {
    const { sampler, seed, batchSize, stepSize, trainsBatchNorm } = this.plan
    const known = this.epochs.get(epoch)
    if (known !== undefined) return known
    const steps = cutIntoBatches(SAMPLER_RULES[sampler](seed, epoch, this.labels), stepSize, trainsBatchNorm)
    const passes = steps.flatMap((indices) => cutIntoBatches(indices, batchSize, trainsBatchNorm))
    this.epochs.set(epoch, passes)
    return passes
  }
}
