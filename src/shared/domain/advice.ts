/**
 * What a run's numbers say about it, in words, with what to try. Bounds and remedies are those of the training guides B and E where they name any, and ours
 * where they do not; nothing is advised that the run already has.
 */
import { plural, t } from '@lingui/core/macro'
import { z } from 'zod'
import { POLICY_AUGMENTATIONS } from './augmentation'
import type { Failure } from './error'
import type { EpochRecord } from './metrics'
import type { RunConfig } from './run-config'
import { plannedStages } from './stages'

export const FINDING_KINDS = ['leakage', 'diverged', 'overfitting', 'underfitting', 'learning_rate_too_high', 'learning_rate_too_low', 'little_data', 'unbalanced_classes'] as const

/** What each is called above its sentence. */
export const FINDING_TITLES: Readonly<Record<(typeof FINDING_KINDS)[number], string>> = {
  leakage: t`Score from memory`,
  diverged: t`The loss broke off`,
  overfitting: t`Overfitting`,
  underfitting: t`Underfitting`,
  learning_rate_too_high: t`Learning rate too high`,
  learning_rate_too_low: t`Learning rate too low`,
  little_data: t`Little data`,
  unbalanced_classes: t`Unbalanced classes`,
}

export const findingSchema = z.object({
  kind: z.enum(FINDING_KINDS),
  /** `fine`: looked for, and not found. */
  severity: z.enum(['fine', 'mild', 'significant']),
  /** One sentence or two, with the numbers that it was told from. */
  headline: z.string(),
  /** What to try, the likeliest help first. */
  tries: z.array(z.string()),
})
export type Finding = z.infer<typeof findingSchema>

export interface AdviceQuestion {
  readonly epochs: readonly EpochRecord[]
  readonly bestEpoch: number | null
  readonly config: RunConfig
  /** Training pictures of each class. */
  readonly trainPictures: readonly number[]
  readonly valPictures: number
  readonly failure: Failure | null
}

/** Guide B. */
export const MILD_GAP = 0.1
export const SIGNIFICANT_GAP = 0.2
/** So that .9 − .8 does not count as more than .1. */
const ROUNDING = 1e-9

/** Guide E calls an accuracy below this low. */
const LOW_ACCURACY = 0.5
/** Ours: how much of the way from guessing to all right is learned, below which a network fits too little. */
const MILD_SKILL = 0.6
const SIGNIFICANT_SKILL = 0.3
/** Ours: a validation loss that still fell by so much over the last epochs was not done. */
const STILL_FALLING = 0.05
const LAST_EPOCHS = 3
const NEARLY_ALL_RIGHT = 0.99
/** Ours: the training loss rises where it ends so far above its lowest of the stage. */
const RISEN = 1.2
/** Ours: the validation loss swings where it changes direction most times, by so much on average. */
const SWING = 0.25
const SWING_EPOCHS = 5
/** Ours: the training loss is flat where it changed by less over a stage of at least so many epochs. */
const FLAT = 0.05
const FLAT_EPOCHS = 3
const KNOWN_WELL = 0.9
/** Ours: flat at this rate or above is a network that was thrown off, not one that hardly moves. */
const HIGH_RATE = 1e-2
/** Ours: training pictures of a class. */
const FEW = 50
const VERY_FEW = 20
/** Ours: below this one picture more or less moves validation accuracy by more than two points. */
const FEW_TO_VALIDATE = 50
/** As in `leadingFigure`. */
const UNBALANCED = 3

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
function rate(value: number): string {
  const short = Number(value.toPrecision(2))
  return short >= 0.01 || short === 0 ? String(short) : short.toExponential()
}
const loss = (value: number) => value.toFixed(value < 0.1 ? 4 : 3)

const isFiniteRecord = (record: EpochRecord) => Number.isFinite(record.train_loss) && Number.isFinite(record.val_loss)

/** Everything there is to say, the gravest first; at least the gap where there is a best epoch. */
export function adviceFor(question: AdviceQuestion): Finding[] {
  const diverged = divergence(question)
  const findings = diverged === null ? [overfitting(question), underfitting(question), rateTooHigh(question), rateTooLow(question)] : [diverged]
  const all = [...findings, littleData(question), unbalanced(question)].filter((finding) => finding !== null)
  const order = { significant: 0, mild: 1, fine: 2 }
  return all.sort((a, b) => order[a.severity] - order[b.severity])
}

function bestOf({ epochs, bestEpoch }: AdviceQuestion): EpochRecord | null {
  return epochs.find((record) => record.epoch === bestEpoch) ?? null
}

/** The runs of epochs with one stage each: rates and what trains change between them. */
function stagesOf(epochs: readonly EpochRecord[]): EpochRecord[][] {
  const stages: EpochRecord[][] = []
  for (const record of epochs.filter(isFiniteRecord)) {
    const current = stages.at(-1)
    if (current !== undefined && current[0]?.stage === record.stage) current.push(record)
    else stages.push([record])
  }
  return stages
}

function divergence({ epochs, config, failure }: AdviceQuestion): Finding | null {
  const broken = epochs.find((record) => !isFiniteRecord(record))
  if (broken === undefined && failure?.code !== 'DIVERGED') return null
  const used = (broken ?? epochs.at(-1))?.learning_rate ?? config.learning_rate
  const at = rate(used)
  const last = epochs.at(-1)?.epoch ?? 0
  return {
    kind: 'diverged',
    severity: 'significant',
    headline:
      broken !== undefined
        ? t`The loss was no longer a number in epoch ${{ epoch: broken.epoch }}, at a learning rate of ${at}: the steps were too large.`
        : epochs.length === 0
          ? t`The loss was no longer a number in the first epoch, at a learning rate of ${at}: the steps were too large.`
          : t`The loss was no longer a number after epoch ${last}, at a learning rate of ${at}: the steps were too large.`,
    tries: [t`a learning rate of ${{ rate: rate(used / 10) }}`, ...steadying(config)],
  }
}

/** What keeps large steps small, of what the run does not have. */
function steadying(config: RunConfig): string[] {
  return [
    ...(config.gradient_clipping === null ? [t`clipping gradients to a norm of 1 (gradient_clipping)`] : []),
    ...(config.warmup_steps === 0 ? [t`a warm-up of some hundred steps (warmup_steps)`] : []),
  ]
}

/** The share of the backbone that is frozen in the stage that trains most; null where it is told by names. */
function leastFrozen(config: RunConfig): number | null {
  const shares = plannedStages(config).map((stage) => (stage.freeze === 'all' ? 1 : stage.freeze === 'none' ? 0 : stage.freeze === 'ratio' ? stage.freeze_ratio : null))
  // A stage that freezes nothing settles it, whatever the names of another's.
  if (shares.includes(0)) return 0
  return shares.reduce<number | null>((least, share) => (least === null || share === null ? null : Math.min(least, share)), 1)
}

function freezeMore(config: RunConfig): string[] {
  const share = leastFrozen(config)
  // What is frozen of a random start stays random.
  if (share === 1 || config.weights === 'none') return []
  if (config.stages.length > 0) return [t`more freezing in the later stages`]
  return [share === null ? t`freezing more layers` : t`a higher freeze ratio than ${share}`]
}

function regularize({ config }: AdviceQuestion): string[] {
  const { augment, augmentation, augmentation_policy: policy, dropout, weight_decay: decay } = config
  const isStrong = policy === 'strong' || JSON.stringify(augmentation) === JSON.stringify(POLICY_AUGMENTATIONS.strong)
  return [
    ...freezeMore(config),
    ...(dropout === null ? [t`more dropout`] : dropout < 0.7 ? [t`more dropout than ${dropout}`] : []),
    ...(!augment ? [t`augmentation, which is off`] : isStrong ? [] : [t`stronger augmentation (augmentation_policy: strong)`]),
    ...(decay < 0.05 ? [decay === 0 ? t`weight decay, which is 0` : t`more weight decay than ${{ decay: rate(decay) }}`] : []),
  ]
}

function overfitting(question: AdviceQuestion): Finding | null {
  const best = bestOf(question)
  if (best === null || !isFiniteRecord(best)) return null
  const gap = best.train_accuracy - best.val_accuracy
  const severity = gap > SIGNIFICANT_GAP + ROUNDING ? 'significant' : gap > MILD_GAP + ROUNDING ? 'mild' : 'fine'
  const points = (Math.abs(gap) * 100).toFixed(1)
  const { epoch } = best
  const [trained, validated] = [percent(best.train_accuracy), percent(best.val_accuracy)]
  const figures =
    gap >= 0
      ? t`${trained} right on training pictures and ${validated} on validation at epoch ${epoch}, ${points} points apart`
      : t`${trained} right on training pictures and ${validated} on validation at epoch ${epoch}, ${points} points better on validation`
  if (severity === 'fine') return { kind: 'overfitting', severity, headline: t`No sign of it: ${figures}.`, tries: [] }
  const { epochs, config, trainPictures } = question
  const last = epochs.at(-1)?.epoch ?? best.epoch
  const stopsEarly = plannedStages(config).every((stage) => stage.early_stopping_patience > 0)
  const pictures = trainPictures.reduce((a, b) => a + b, 0)
  const classes = trainPictures.length
  return {
    kind: 'overfitting',
    severity,
    headline: severity === 'mild' ? t`Mild. ${figures}.` : t`Significant: the network knows its training pictures by heart. ${figures}.`,
    tries: [
      ...regularize(question),
      ...(last - best.epoch >= LAST_EPOCHS ? [t`fewer epochs: nothing was gained after epoch ${epoch} of ${last}`] : stopsEarly ? [] : [t`early stopping, which is off`]),
      t`more pictures: there are ${plural(pictures, { one: '# training picture', other: '# training pictures' })} of ${plural(classes, { one: '# class', other: '# classes' })}`,
    ],
  }
}

/** No network of ours is larger. */
const LARGEST_BACKBONES = ['resnet101']

function underfitting(question: AdviceQuestion): Finding | null {
  const best = bestOf(question)
  if (best === null || !isFiniteRecord(best)) return null
  const { epochs, config, trainPictures } = question
  // Augmentation and dropout make training pictures the harder ones, so the better of the two tells what was learned.
  const learned = Math.max(best.train_accuracy, best.val_accuracy)
  const chance = 1 / Math.max(2, trainPictures.length)
  const skill = (learned - chance) / (1 - chance)
  const last = epochs.at(-1)?.epoch ?? best.epoch
  // A stage begins with rates and weights of its own: what fell from one to the next says nothing of either.
  const lastStage = stagesOf(epochs).at(-1) ?? []
  const isCut = lastStage.length >= (plannedStages(config).at(-1)?.epochs ?? Infinity)
  const tail = lastStage.slice(-LAST_EPOCHS - 1)
  const fall = tail.length <= LAST_EPOCHS ? 0 : 1 - (tail.at(-1)?.val_loss ?? 0) / (tail[0]?.val_loss ?? 1)
  const wasStillFalling = isCut && fall > STILL_FALLING && best.val_accuracy < NEARLY_ALL_RIGHT
  const lost = percent(fall)
  if (skill >= MILD_SKILL && learned >= LOW_ACCURACY) {
    if (!wasStillFalling) return null
    return { kind: 'underfitting', severity: 'mild', headline: t`It was not done learning: validation loss still fell by ${lost} over the last ${{ count: LAST_EPOCHS }} epochs, when its ${plural(last, { one: '# epoch', other: '# epochs' })} were over.`, tries: [t`more epochs than ${last}`] }
  }
  const frozen = leastFrozen(config)
  const figures = t`${{ trained: percent(best.train_accuracy) }} right on them and ${{ validated: percent(best.val_accuracy) }} on validation at epoch ${{ epoch: best.epoch }}, where guessing gives ${{ chance: percent(chance) }}`
  return {
    kind: 'underfitting',
    severity: skill < SIGNIFICANT_SKILL || learned < LOW_ACCURACY ? 'significant' : 'mild',
    headline: `${t`Even its training pictures are hard for it.`} ${wasStillFalling ? t`${figures}; validation loss still fell by ${lost} over the last ${{ count: LAST_EPOCHS }} epochs.` : t`${figures}.`}`,
    tries: [
      ...(config.weights === 'none' ? [t`a start from pretrained weights (weights: imagenet)`] : []),
      ...(isCut || last - best.epoch < LAST_EPOCHS ? [t`more epochs than ${last}`] : []),
      ...(frozen === 0 ? [] : [config.stages.length > 0 ? t`a later stage in which more layers train` : frozen === null ? t`freezing fewer layers` : t`a lower freeze ratio than ${frozen}`]),
      ...(LARGEST_BACKBONES.includes(config.backbone) ? [] : [t`a larger network than ${{ network: config.backbone }}`]),
      ...(config.augment && config.augmentation_policy === 'strong' ? [t`weaker augmentation`] : []),
      t`another learning rate, for example three times as high or a third`,
      t`another seed, where the split may be an unlucky one`,
    ],
  }
}

/** @returns the change of direction of most steps, and their mean size, as shares of the loss */
function swingOf(values: readonly number[]): { turns: number; size: number } {
  const changes = values.slice(1).map((value, i) => (value - (values[i] ?? value)) / Math.max(values[i] ?? 1, 1e-9))
  const turns = changes.slice(1).filter((change, i) => change * (changes[i] ?? 0) < 0).length
  const size = changes.reduce((sum, change) => sum + Math.abs(change), 0) / Math.max(1, changes.length)
  return { turns: changes.length < 2 ? 0 : turns / (changes.length - 1), size }
}

function rateTooHigh({ epochs, config }: AdviceQuestion): Finding | null {
  for (const stage of stagesOf(epochs)) {
    const first = stage[0]
    const last = stage.at(-1)
    if (first === undefined || last === undefined) continue
    const finding = (headline: string): Finding => ({
      kind: 'learning_rate_too_high',
      severity: 'significant',
      headline,
      tries: [t`a learning rate of ${{ rate: rate(first.learning_rate / 3) }}, a third of what it was`, ...steadying(config), ...(typeof config.batch_size === 'number' && config.batch_size < 8 ? [t`larger batches than ${{ batch: config.batch_size }}`] : [])],
    })
    const at = rate(first.learning_rate)
    const lowest = stage.reduce((low, record) => (record.train_loss < low.train_loss ? record : low))
    if (stage.length >= FLAT_EPOCHS && last.train_loss > RISEN * lowest.train_loss && last.train_accuracy < NEARLY_ALL_RIGHT) {
      return finding(
        t`The training loss rose, from ${{ lowest: loss(lowest.train_loss) }} in epoch ${{ lowestEpoch: lowest.epoch }} to ${{ last: loss(last.train_loss) }} in epoch ${{ lastEpoch: last.epoch }}, at a learning rate of ${at}: it is likely too high.`,
      )
    }
    if (stage.length >= SWING_EPOCHS) {
      const { turns, size } = swingOf(stage.map((record) => record.val_loss))
      if (turns > 0.5 && size > SWING) {
        return { ...finding(t`The validation loss swings, by ${{ swing: percent(size) }} from one epoch to the next on average, at a learning rate of ${at}: it is likely too high.`), severity: 'mild' }
      }
    }
    if (isFlat(stage) && first.learning_rate >= HIGH_RATE) {
      return finding(
        t`The training loss stayed where it was, ${{ first: loss(first.train_loss) }} in epoch ${{ firstEpoch: first.epoch }} and ${{ last: loss(last.train_loss) }} in epoch ${{ lastEpoch: last.epoch }}, at a learning rate of ${at}: so high that nothing is learned.`,
      )
    }
  }
  return null
}

function isFlat(stage: readonly EpochRecord[]): boolean {
  const [first, last] = [stage[0], stage.at(-1)]
  if (first === undefined || last === undefined || stage.length < FLAT_EPOCHS) return false
  return Math.abs(1 - last.train_loss / first.train_loss) < FLAT && last.train_accuracy < KNOWN_WELL
}

/** Of the first stage: a later one may have nothing left to learn. */
function rateTooLow({ epochs }: AdviceQuestion): Finding | null {
  const stage = stagesOf(epochs)[0]
  const [first, last] = [stage?.[0], stage?.at(-1)]
  if (stage === undefined || first === undefined || last === undefined || !isFlat(stage) || first.learning_rate >= HIGH_RATE) return null
  return {
    kind: 'learning_rate_too_low',
    severity: 'significant',
    headline: t`The training loss hardly moved, from ${{ first: loss(first.train_loss) }} in epoch ${{ firstEpoch: first.epoch }} to ${{ last: loss(last.train_loss) }} in epoch ${{ lastEpoch: last.epoch }}, at a learning rate of ${{ at: rate(first.learning_rate) }}: it is likely too low.`,
    tries: [t`a learning rate of ${{ rate: rate(first.learning_rate * 10) }}, ten times what it was`, ...(last.learning_rate < first.learning_rate / 10 ? [t`a schedule that lets it fall less`] : [])],
  }
}

function littleData(question: AdviceQuestion): Finding | null {
  const { trainPictures, valPictures, config } = question
  const smallest = trainPictures.length === 0 ? 0 : Math.min(...trainPictures)
  if (trainPictures.length === 0) return null
  const isFew = smallest < FEW
  const isFewToValidate = valPictures > 0 && valPictures < FEW_TO_VALIDATE
  if (!isFew && !isFewToValidate) return null
  const points = ((1 / valPictures) * 100).toFixed(1)
  return {
    kind: 'little_data',
    severity: isFew && smallest < VERY_FEW ? 'significant' : 'mild',
    headline: !isFewToValidate
      ? t`The smallest class has ${plural(smallest, { one: '# training picture', other: '# training pictures' })}.`
      : !isFew
        ? t`There are ${plural(valPictures, { one: '# validation picture', other: '# validation pictures' })}, so that one more or less moves their accuracy by ${points} points.`
        : t`The smallest class has ${plural(smallest, { one: '# training picture', other: '# training pictures' })}, and there are ${plural(valPictures, { one: '# validation picture', other: '# validation pictures' })}, so that one more or less moves their accuracy by ${points} points.`,
    tries: [t`more pictures, of the smallest classes first`, ...(config.augment ? [] : [t`augmentation, which is off`]), ...(isFew ? freezeMore(config) : [])],
  }
}

function unbalanced({ trainPictures, config }: AdviceQuestion): Finding | null {
  const [largest, smallest] = [Math.max(0, ...trainPictures), Math.min(Infinity, ...trainPictures)]
  if (trainPictures.length < 2 || largest <= UNBALANCED * smallest) return null
  if (config.class_weights !== 'none' || config.sampler === 'class_balanced') return null
  const least = smallest.toLocaleString('en')
  const counts =
    smallest === 0
      ? t`The largest class has ${plural(largest, { one: '# training picture', other: '# training pictures' })} and the smallest ${least}.`
      : t`The largest class has ${plural(largest, { one: '# training picture', other: '# training pictures' })} and the smallest ${least}, ${{ times: (largest / smallest).toFixed(1) }} times as many.`
  return {
    kind: 'unbalanced_classes',
    severity: 'mild',
    headline: `${counts} ${t`Accuracy may hide how the small ones do; balanced accuracy does not.`}`,
    tries: [t`class weights (class_weights: balanced)`, t`a sampler that shows every class equally often (sampler: class_balanced)`, t`choosing the best epoch by macro-F1 (monitor: val_macro_f1)`, t`more pictures of the small classes`],
  }
}
