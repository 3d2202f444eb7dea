/**
 * Values that somebody wrote and that would do nothing, or cannot hold together. A table of rules over a configuration and where
 * its values came from; files, flags and forms show the same answers at the same places.
 */
import { t } from '@lingui/core/macro'
import { POLICY_AUGMENTATIONS } from './augmentation'
import { smallestBatch } from './batch-size'
import { configValue } from './config-fields'
import { isSame, isTyped, sourceRank, type ConfigSources, type Replaced } from './config-layers'
import type { Split } from './dataset'
import { nearestName } from './nearest-name'
import type { RunConfig } from './run-config'
import { shown, shownList } from './shown'
import { plannedStages, STAGE_SETTINGS, type StageSettings, totalEpochs } from './stages'

export interface ConfigProblem {
  /** The setting to show it at. */
  readonly path: string
  readonly value: unknown
  /** An error is refused, a note is only said. */
  readonly severity: 'error' | 'note'
  /** What follows the setting and its value in a sentence: `has no effect: the optimizer is adam`. */
  readonly reason: string
  /** What to do, naming settings by their paths. */
  readonly action: string
}

/** Where the values came from, and what is known of the file among them. */
export interface ConfigOrigin {
  readonly sources: ConfigSources
  readonly replaced: readonly Replaced[]
  /** Values that follow from typed ones, and were not typed themselves. */
  readonly derived?: ReadonlySet<string>
  /** Paths in what was given whole, such as a run's own file, that repeat what would hold without it. */
  readonly restated: ReadonlySet<string>
  /** The file was printed whole, by a run or by graft config, so that not every value in it was meant. */
  readonly isWholeFile: boolean
}

/** What is known of the pictures. */
export interface DatasetFacts {
  readonly classes: readonly string[]
  /** Splits that the pictures' folders give already. */
  readonly givenSplits: readonly Split[]
}

/** Why a setting does nothing: where the reason lies, and the reason. */
interface Unused {
  readonly because: readonly string[]
  readonly reason: string
  readonly action: string
}

interface Rule<Settings> {
  readonly keys: readonly string[]
  unused(settings: Settings, path: string): Unused | null
}

const unless = (isUsed: boolean, because: readonly string[], reason: string, action: string): Unused | null => (isUsed ? null : { because, reason, action })

/** True where part of the backbone trains in a stage, as far as it can be told without the network. */
function trainsBackbone({ freeze, freeze_ratio }: Pick<StageSettings, 'freeze' | 'freeze_ratio'>): boolean {
  return !(freeze === 'all' || (freeze === 'ratio' && freeze_ratio === 1))
}

function freezesSomething({ freeze, freeze_ratio }: Pick<StageSettings, 'freeze' | 'freeze_ratio'>): boolean {
  return !(freeze === 'none' || (freeze === 'ratio' && freeze_ratio === 0))
}

/** Rules about what a stage may have of its own. */
const STAGE_RULES: readonly Rule<StageSettings>[] = [
  {
    keys: ['freeze_ratio'],
    unused: ({ freeze }) => unless(freeze === 'ratio', ['freeze'], t`freeze is ${{ value: words(freeze) }}, not ratio`, t`Leave one of the two out.`),
  },
  {
    keys: ['backbone_learning_rate', 'layer_decay'],
    unused: (stage) => unless(trainsBackbone(stage), ['freeze', 'freeze_ratio'], t`nothing of the backbone trains`, t`Leave it out, or freeze less.`),
  },
  {
    keys: ['scheduler_metric', 'scheduler_factor', 'scheduler_patience'],
    unused: ({ scheduler }) => unless(scheduler === 'plateau', ['scheduler'], t`the scheduler is ${scheduler}, and only plateau goes by it`, t`Leave it out, or set scheduler to plateau.`),
  },
  {
    keys: ['scheduler_step_size', 'scheduler_gamma'],
    unused: ({ scheduler }) => unless(scheduler === 'step', ['scheduler'], t`the scheduler is ${scheduler}, and only step goes by it`, t`Leave it out, or set scheduler to step.`),
  },
  {
    keys: ['minimum_learning_rate'],
    unused: ({ scheduler, minimum_learning_rate, learning_rate }) =>
      unless(scheduler !== 'none', ['scheduler'], t`the scheduler is none, so the learning rate never falls`, t`Leave it out, or choose a scheduler.`) ??
      unless(minimum_learning_rate <= learning_rate, ['learning_rate'], t`learning_rate ${{ rate: words(learning_rate) }} is below it from the start`, t`Give a smaller one.`),
  },
  {
    keys: ['early_stopping_metric'],
    unused: ({ early_stopping_patience }) => unless(early_stopping_patience > 0, ['early_stopping_patience'], t`early_stopping_patience is 0: training never stops early`, t`Leave it out, or set early_stopping_patience.`),
  },
]

/** Rules about what the whole run has. */
const RUN_RULES: readonly Rule<RunConfig>[] = [
  { keys: ['momentum', 'nesterov'], unused: ({ optimizer }) => unless(optimizer === 'sgd', ['optimizer'], t`the optimizer is ${optimizer}, and only sgd has it`, t`Leave it out, or set optimizer to sgd.`) },
  { keys: ['nesterov'], unused: ({ momentum }) => unless(momentum > 0, ['momentum'], t`momentum is 0, and Nesterov looks ahead along it`, t`Leave it out, or set momentum above 0.`) },
  { keys: ['beta1', 'beta2'], unused: ({ optimizer }) => unless(optimizer !== 'sgd', ['optimizer'], t`the optimizer is sgd; adam and adamw have it`, t`Leave it out, or set optimizer to adam or adamw.`) },
  { keys: ['weight_decay_on'], unused: ({ weight_decay }) => unless(weight_decay > 0, ['weight_decay'], t`weight_decay is 0`, t`Leave it out, or set weight_decay.`) },
  { keys: ['focal_gamma', 'focal_alpha'], unused: ({ loss }) => unless(loss === 'focal', ['loss'], t`the loss is ${loss}`, t`Leave it out, or set loss to focal.`) },
  {
    keys: ['effective_number_beta'],
    unused: ({ class_weights }) => unless(class_weights === 'effective_number', ['class_weights'], t`class_weights is ${{ value: words(class_weights) }}`, t`Leave it out, or set class_weights to effective_number.`),
  },
  {
    keys: ['frozen_batch_norm'],
    unused: (config) => unless(plannedStages(config).some(freezesSomething), ['freeze', 'freeze_ratio', 'stages'], t`nothing is frozen`, t`Leave it out, or freeze a part.`),
  },
  {
    keys: ['augmentation_policy', 'views', 'augmentation.*'],
    unused: ({ augment }) => unless(augment, ['augment'], t`augment is false: the pictures are shown unchanged`, t`Leave it out, or set augment to true.`),
  },
  {
    keys: ['views'],
    unused: (config) => unless((config.views ?? 1) <= totalEpochs(config), ['epochs', 'stages'], t`there are only ${{ count: totalEpochs(config) }} epochs, and each shows one`, t`Give a smaller number, or leave it out.`),
  },
  {
    keys: ['augmentation.crop_scale', 'augmentation.crop_ratio'],
    unused: ({ augmentation }) => unless(augmentation.random_resized_crop, ['augmentation.random_resized_crop'], t`augmentation.random_resized_crop is off`, t`Leave it out, or set augmentation.random_resized_crop to true.`),
  },
  {
    keys: ['augmentation.rand_augment_magnitude'],
    unused: ({ augmentation }) => unless(augmentation.rand_augment > 0, ['augmentation.rand_augment'], t`augmentation.rand_augment is 0`, t`Leave it out, or set augmentation.rand_augment.`),
  },
  {
    keys: ['augmentation.erasing_scale', 'augmentation.erasing_ratio'],
    unused: ({ augmentation }) => unless(augmentation.random_erasing > 0, ['augmentation.random_erasing'], t`augmentation.random_erasing is 0`, t`Leave it out, or set augmentation.random_erasing.`),
  },
  {
    keys: ['augmentation.mixup', 'augmentation.cutmix'],
    unused: ({ batch_size }) => unless(batch_size !== 1, ['batch_size'], t`a batch of one picture has nothing to blend it with`, t`Leave it out, or set a larger batch_size.`),
  },
  {
    keys: ['stages.1.start_from', 'stages.1.optimizer_state'],
    unused: (config) => unless(config.stages.length === 0, [], t`nothing is trained before the first stage`, t`Leave it out.`),
  },
]

/** Epochs divided among stages as they are now, at least one each. */
function sharedOut(epochs: number, each: readonly number[]): number[] {
  const total = each.reduce((sum, one) => sum + one, 0)
  const parts = each.map((one) => Math.max(1, Math.floor((epochs * one) / total)))
  const most = parts.indexOf(Math.max(...parts))
  const rest = epochs - parts.reduce((sum, one) => sum + one, 0)
  return parts.map((part, index) => (index === most ? Math.max(1, part + rest) : part))
}

/** Values that switch a thing off or are its usual state: there is nothing for them to have an effect on. */
function isNeutral(path: string, value: unknown, config: RunConfig): boolean {
  if (value === null || value === false || value === 'keep') return true
  if (path.endsWith('layer_decay')) return value === 1
  if (path.startsWith('stages.1.')) return value === 'best' || value === 'restart'
  if (path === 'augmentation.mixup' || path === 'augmentation.cutmix') return value === 0
  const { augmentation_policy: policy } = config
  const amounts = policy === null ? null : new Map<string, unknown>(Object.entries(POLICY_AUGMENTATIONS[policy]))
  return path.startsWith('augmentation.') && amounts !== null && isSame(value, amounts.get(path.slice('augmentation.'.length)))
}

/** A value as a sentence names it. */
export function words(value: unknown): string {
  if (typeof value === 'string') return shown(value)
  if (Array.isArray(value)) return shownList(value.map(String))
  return JSON.stringify(value) ?? t`nothing`
}

/** All that is to be said of a configuration, in the order of its rules, errors and notes. */
export function configProblems(config: RunConfig, origin: ConfigOrigin, dataset: DatasetFacts | null = null): ConfigProblem[] {
  const check = new Check(config, origin)
  check.stages()
  check.run()
  check.ratios(dataset?.givenSplits ?? [])
  check.replaced()
  check.together()
  if (dataset !== null) check.classes(dataset.classes)
  return check.problems
}

class Check {
  readonly problems: ConfigProblem[] = []

  constructor(
    private readonly config: RunConfig,
    private readonly origin: ConfigOrigin,
  ) {}

  private source(path: string) {
    return this.origin.sources[path]
  }

  private add(path: string, severity: ConfigProblem['severity'], reason: string, action: string): void {
    if (!this.problems.some((problem) => problem.path === path)) this.problems.push({ path, value: configValue(this.config, path), severity, reason, action })
  }

  /** A value that does nothing is refused where it is typed no lower than the reason; where something stronger came over it that is said. */
  private unused(path: string, { because, reason, action }: Unused): void {
    const source = this.source(path)
    if (!isTyped(source) || isNeutral(path, configValue(this.config, path), this.config)) return
    const cause = Math.max(0, ...because.map((other) => sourceRank(this.source(other))))
    if (this.origin.restated.has(path) && cause >= sourceRank('file')) return
    const isOver = sourceRank(source) < cause || (source === 'file' && cause === sourceRank('file') && this.origin.isWholeFile)
    this.add(path, isOver ? 'note' : 'error', t`has no effect: ${reason}`, action)
  }

  stages(): void {
    const { config } = this
    const planned = plannedStages(config)
    const ownPath = (key: string, index: number): string => (configValue(config, `stages.${index + 1}.${key}`) === undefined ? key : `stages.${index + 1}.${key}`)
    for (const key of STAGE_SETTINGS) {
      const paths = planned.map((_, index) => ownPath(key, index))
      if (!paths.includes(key)) {
        const example = `stages.1.${key}`
        this.unused(key, { because: paths, reason: t`every stage has its own ${key}`, action: t`Set it for a stage, as ${example}.` })
      }
      // The metric that --monitor brought along is not one that somebody typed.
      if (key === 'early_stopping_metric' && config.monitor === config.early_stopping_metric && this.source('monitor') === this.source(key)) continue
      for (const rule of STAGE_RULES.filter(({ keys }) => keys.includes(key))) {
        const found = planned.map((stage, index) => ({ path: paths[index] ?? key, index, unused: rule.unused(stage, key) }))
        for (const path of new Set(paths)) {
          const of = found.filter((one) => one.path === path)
          const [first] = of
          if (first?.unused === undefined || first.unused === null || of.some(({ unused }) => unused === null)) continue
          const because = of.flatMap(({ unused, index }) => (unused?.because ?? []).map((cause) => ownPath(cause, index)))
          this.unused(path, { ...first.unused, because })
        }
      }
    }
    if (config.stages.length > 0 && totalEpochs(config) !== config.epochs) {
      const each = config.stages.map(({ epochs }) => epochs)
      const reason = t`cannot hold: the stages have ${{ parts: each.join(' + ') }} = ${{ total: totalEpochs(config) }} epochs`
      this.add('epochs', 'error', reason, t`Set the epochs of the stages, as stages.1.epochs (on the command line --stage-epochs ${{ epochs: sharedOut(config.epochs, each).join(',') }}).`)
    }
  }

  run(): void {
    for (const rule of RUN_RULES) {
      for (const path of rule.keys.flatMap((key) => (key === 'augmentation.*' ? Object.keys(this.config.augmentation).map((name) => `augmentation.${name}`) : [key]))) {
        const unused = rule.unused(this.config, path)
        if (unused !== null) this.unused(path, unused)
      }
    }
  }

  ratios(given: readonly Split[]): void {
    const { train_ratio, val_ratio, test_ratio } = this.config
    const sum = train_ratio + val_ratio + test_ratio
    const typed = (['train_ratio', 'val_ratio', 'test_ratio'] as const).filter((path) => isTyped(this.source(path)) && this.origin.derived?.has(path) !== true)
    const [first] = typed
    if (first !== undefined && Math.abs(sum - 1) > 1e-6) {
      this.add(first, 'error', t`does not go with the others: train_ratio ${train_ratio}, val_ratio ${val_ratio} and test_ratio ${test_ratio} add up to ${{ sum: Number(sum.toFixed(6)) }}, not 1`, t`Set all three so that they add up to 1, for example 0.7, 0.15 and 0.15.`)
    }
    const kept = given.includes('val') ? typed : given.includes('test') ? typed.filter((path) => path === 'test_ratio') : []
    const [split] = kept.filter((path) => !this.origin.restated.has(path))
    if (split === undefined) return
    const reason = given.includes('val') ? t`has no effect: the pictures are split already, into folders train and val` : t`has no effect: the pictures are split already, into folders train and test`
    // A file may be used for many datasets; a flag is meant for this one.
    this.add(split, this.source(split) === 'flag' ? 'error' : 'note', reason, t`Leave it out, or open a folder that holds the classes themselves.`)
  }

  replaced(): void {
    for (const { path, by } of this.origin.replaced) {
      const how = path === 'epochs' ? t`is taken over by the epochs of the stages` : t`is taken over by ${{ setting: by }} ${{ value: words(configValue(this.config, by)) }}, which sets all augmentations`
      const { value } = this.origin.replaced.find((one) => one.path === path) ?? {}
      this.problems.push({ path, value, severity: 'note', reason: how, action: by === 'augmentation_policy' ? t`Set it together with the policy to keep it.` : t`Leave it out.` })
    }
  }

  /** What works, and is probably not meant. */
  together(): void {
    const { config } = this
    if (config.sampler === 'class_balanced' && config.class_weights !== 'none') {
      this.add('sampler', 'note', t`and class_weights both make up for rare classes, so that these count twice`, t`Use one of the two.`)
    }
    if (config.batch_size !== 'auto' && config.batch_size < smallestBatch(config)) {
      const reason = t`is too small for head ${{ head: config.head }}, which normalises over the pictures of a pass`
      this.add('batch_size', 'error', reason, t`Set batch_size to 2 or more, or choose head mlp.`)
    }
    const isFrozen = plannedStages(config).every(freezesSomething)
    if (config.weights === 'none' && isFrozen) {
      this.add('weights', 'note', t`is a random start, and the frozen part of the backbone stays random`, t`Set freeze to none.`)
    }
  }

  classes(classes: readonly string[]): void {
    for (const path of ['class_weights', 'focal_alpha'] as const) {
      const value: unknown = this.config[path]
      if (typeof value !== 'object' || value === null) continue
      const listed = t`Classes: ${{ names: shownList(classes) }}.`
      if (Array.isArray(value)) {
        if (value.length !== classes.length) this.add(path, 'error', t`has ${{ numbers: value.length }} numbers, but the pictures have ${{ classes: classes.length }} classes`, `${t`Give a number for each class, in their order.`} ${listed}`)
        continue
      }
      const names = Object.keys(value)
      const unknown = names.find((name) => !classes.includes(name))
      const missing = classes.filter((name) => !names.includes(name))
      if (unknown !== undefined) {
        const near = nearestName(unknown, missing.length > 0 ? missing : classes)
        this.problems.push({ path: `${path}.${unknown}`, value: configValue(this.config, `${path}.${unknown}`), severity: 'error', reason: t`names a class that the pictures do not have`, action: near === null ? listed : `${t`Did you mean ${{ name: shown(near) }}?`} ${listed}` })
      } else if (missing.length > 0) {
        this.add(path, 'error', t`says nothing for ${{ names: shownList(missing) }}`, t`Give a number for each class.`)
      }
    }
  }
}

/** A problem as one sentence. @param name what the reader calls the setting: a path, a flag, a label */
export function problemMessage({ path, value, reason }: ConfigProblem, name = path): string {
  return value === undefined ? t`${name} ${reason}.` : t`${name} ${{ value: words(value) }} ${reason}.`
}
