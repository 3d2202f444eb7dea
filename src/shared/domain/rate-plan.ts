/**
 * The learning rate of every epoch and the share that is frozen, told before a run starts. The rates are those of the trainer's
 * schedules, which step once an epoch; the tests hold the two together. What waits for a measurement, such as a plateau, is told as such.
 */
import type { FreezePlan } from './model'
import type { MetricName } from './training-choices'
import { type PlannedStage, plannedStages, type StagedConfig } from './stages'

/** A child of the backbone, and whether any of it trains in a stage. */
export interface BackboneChild {
  readonly name: string
  readonly trains: boolean
}

/** The backbone's children in order, as the layer decay counts them. */
export function backboneChildren({ stages }: Pick<FreezePlan, 'stages'>): BackboneChild[] {
  return stages.map(({ name, layers, frozenLayers }) => ({ name, trains: frozenLayers < layers }))
}

export interface PlannedGroup {
  /** As the history names it: all, head, backbone, or a child of the backbone. */
  readonly name: string
  /** What each epoch of the stage trains with, once warmed up. */
  readonly rates: readonly number[]
}

export interface StageRates {
  readonly stage: PlannedStage
  /** The head's first, or all; then the backbone's, with a layer decay from its end to its beginning. */
  readonly groups: readonly PlannedGroup[]
  /** When the rates fall that are drawn level; null where they follow the epochs alone. */
  readonly fallsOn: { readonly metric: MetricName; readonly patience: number; readonly factor: number } | null
  /** The run's epoch after which the stage may end for want of a gain; null where it cannot. */
  readonly earliestEnd: number | null
  /** Optimizer steps of an epoch, and those over which the rates rise. */
  readonly stepsPerEpoch: number
  readonly warmUpSteps: number
}

export interface RatePoint {
  /** In epochs of the run: 0 is its start, 1 the end of its first epoch. */
  readonly x: number
  readonly y: number
}

type ScheduleSettings = Pick<PlannedStage, 'scheduler' | 'epochs' | 'minimum_learning_rate' | 'scheduler_step_size' | 'scheduler_gamma'>

/** What an epoch of a stage (from 1) trains with, where a group begins at `base`. A plateau is told as if it were never met. */
export function scheduledRate(settings: ScheduleSettings, base: number, epoch: number): number {
  const { scheduler, epochs, minimum_learning_rate, scheduler_step_size, scheduler_gamma } = settings
  const done = epoch - 1
  const low = Math.min(minimum_learning_rate, base)
  switch (scheduler) {
    case 'none':
    case 'plateau':
      return base
    case 'cosine':
      return low + ((base - low) * (1 + Math.cos((Math.PI * Math.min(done, epochs)) / epochs))) / 2
    case 'step':
      return done === 0 ? base : Math.max(base * scheduler_gamma ** Math.floor(done / scheduler_step_size), low)
  }
}

/** Names and first rates of a stage's parameter groups: see `parameterGroups` of the trainer. */
export function groupRates(stage: PlannedStage, children: readonly BackboneChild[]): { name: string; base: number }[] {
  const { learning_rate: rate, layer_decay: decay } = stage
  const backboneRate = stage.backbone_learning_rate ?? rate
  if (backboneRate === rate && decay === 1) return [{ name: 'all', base: rate }]
  const head = { name: 'head', base: rate }
  if (!children.some(({ trains }) => trains)) return [head]
  if (decay === 1) return [head, { name: 'backbone', base: backboneRate }]
  const byDepth = children.map(({ name, trains }, index) => ({ name, trains, base: backboneRate * decay ** (children.length - index) }))
  return [head, ...byDepth.filter(({ trains }) => trains).reverse().map(({ name, base }) => ({ name, base }))] // prettier-ignore
}

/** Optimizer steps of an epoch. */
export function stepsPerEpoch(trainPictures: number, batchSize: number, accumulationSteps: number): number {
  return Math.max(1, Math.ceil(trainPictures / (batchSize * accumulationSteps)))
}

/** @param childrenOf the backbone's children in a stage; none where they are not known yet: then a backbone that may train counts as one */
export function planRates(config: StagedConfig, steps: number, childrenOf: (stage: PlannedStage) => readonly BackboneChild[] | null): StageRates[] {
  return plannedStages(config).map((stage) => {
    const children = childrenOf(stage) ?? [{ name: 'backbone', trains: stage.freeze !== 'all' }]
    const { early_stopping_patience: patience } = stage
    return {
      stage,
      groups: groupRates(stage, children).map(({ name, base }) => ({
        name,
        rates: Array.from({ length: stage.epochs }, (_, done) => scheduledRate(stage, base, done + 1)),
      })),
      fallsOn: stage.scheduler === 'plateau' ? { metric: stage.scheduler_metric, patience: stage.scheduler_patience, factor: stage.scheduler_factor } : null,
      // The first epoch is always a gain.
      earliestEnd: patience > 0 && patience + 1 < stage.epochs ? stage.firstEpoch + patience : null,
      stepsPerEpoch: steps,
      warmUpSteps: stage.warmup_steps,
    }
  })
}

/** Points of a warm-up that are drawn within one epoch. */
const WARM_UP_POINTS = 24

/** The line of a group through its stage: level within an epoch, rising step by step while it warms up. */
export function ratePoints({ stage, stepsPerEpoch: steps, warmUpSteps }: StageRates, { rates }: PlannedGroup): RatePoint[] {
  return rates.flatMap((rate, index): RatePoint[] => {
    const start = stage.firstEpoch - 1 + index
    const before = index * steps
    if (before >= warmUpSteps) return [{ x: start, y: rate }, { x: start + 1, y: rate }] // prettier-ignore
    const rising = Math.min(steps, warmUpSteps - before)
    const stride = Math.max(1, Math.floor(rising / WARM_UP_POINTS))
    const points: RatePoint[] = []
    for (let step = 1; step <= rising; step += stride) points.push({ x: start + (step - 1) / steps, y: rate * Math.min(1, (before + step) / warmUpSteps) })
    points.push({ x: start + rising / steps, y: rate * Math.min(1, (before + rising) / warmUpSteps) })
    return rising === steps ? points : [...points, { x: start + 1, y: rate }]
  })
}

/** The stage that an epoch of the run (from 1) belongs to if none ends early; the last for epochs beyond. */
export function ratesOfEpoch(plan: readonly StageRates[], epoch: number): { stage: PlannedStage; groups: { name: string; rate: number }[] } | null {
  const found = plan.findLast(({ stage }) => stage.firstEpoch <= epoch) ?? plan[0]
  if (found === undefined) return null
  const index = Math.min(found.stage.epochs, Math.max(1, epoch - found.stage.firstEpoch + 1)) - 1
  return { stage: found.stage, groups: found.groups.map(({ name, rates }) => ({ name, rate: rates[index] ?? 0 })) }
}

/** Share of the backbone's layers that is frozen, in words and as a number. */
export interface FrozenShare {
  readonly frozenLayers: number
  readonly layers: number
}

export function shareOf({ frozenLayers, layers }: FrozenShare): number {
  return layers === 0 ? 0 : frozenLayers / layers
}
