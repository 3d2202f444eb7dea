/**
 * A configuration from its layers, each over the one before: defaults, preset, file, flags. Every value keeps where it came from,
 * under its path. What a run measured itself comes last and is kept beside the configuration, not in it.
 */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { type Augmentation, AUGMENTATION_POLICIES, POLICY_AUGMENTATIONS } from './augmentation'
import { configField, configPaths, configValue } from './config-fields'
import { GraftError } from './error'
import { DEFAULT_RUN_CONFIG, type RunConfig, type RunConfigKey, runConfigSchema } from './run-config'
import { type stageSchema, totalEpochs } from './stages'

export const CONFIG_SOURCES = ['default', 'preset', 'file', 'flag', 'measured'] as const
export const configSourceSchema = z.enum(CONFIG_SOURCES)
export type ConfigSource = z.infer<typeof configSourceSchema>

/** Where each value came from, by its path. */
export type ConfigSources = Readonly<Record<string, ConfigSource>>

/** What one layer may say: any of the settings, and of the augmentation any part. A list of stages is given whole. */
export type ConfigValues = { readonly [K in Exclude<RunConfigKey, 'augmentation' | 'stages'>]?: RunConfig[K] | undefined } & {
  readonly augmentation?: { readonly [K in keyof Augmentation]?: Augmentation[K] | undefined } | undefined
  readonly stages?: readonly z.input<typeof stageSchema>[] | undefined
}

export interface ConfigLayer {
  readonly source: 'preset' | 'file' | 'flag'
  readonly values: ConfigValues
  /** Single values by path, over `values`: `augmentation.rotation`, `stages.2.epochs`. */
  readonly paths?: Readonly<Record<string, unknown>>
}

/** A typed value that another layer's choice took the place of, though it named something else. */
export interface Replaced {
  readonly path: string
  readonly value: unknown
  readonly source: ConfigSource
  /** The setting that did. */
  readonly by: string
}

export interface LayeredConfig {
  readonly config: RunConfig
  readonly sources: ConfigSources
  readonly replaced: readonly Replaced[]
  /** Ratios that nobody typed: what is left beside those that somebody did, whose source they bear. */
  readonly derived: ReadonlySet<string>
}

const RATIOS = ['train_ratio', 'val_ratio', 'test_ratio'] as const

/** How strong a source is: a stronger one goes over a weaker one. */
export function sourceRank(source: ConfigSource | undefined): number {
  return CONFIG_SOURCES.indexOf(source ?? 'default')
}

/** True where a person wrote the value, in a file or as a flag. */
export function isTyped(source: ConfigSource | undefined): boolean {
  return source === 'file' || source === 'flag'
}

/** @throws GraftError BAD_INPUT naming the path whose value does not fit, or a stage that there is not */
export function layerConfig(layers: readonly ConfigLayer[]): LayeredConfig {
  const work = new Layering()
  const policyAt = layers.findLastIndex(({ values, paths }) => values.augmentation_policy !== undefined || paths?.['augmentation_policy'] !== undefined)
  layers.forEach((layer, index) => work.add(layer, index === policyAt))
  return work.finish()
}

type Loose = Record<string, unknown>

class Layering {
  private readonly top: Loose = {}
  private augmentation: Loose = {}
  private stages: Loose[] | null = null
  private readonly sources: Record<string, ConfigSource> = {}
  private readonly replaced: Replaced[] = []

  /** @param setsPolicy the last layer that names a policy of augmentation: those before it do not count */
  add(layer: ConfigLayer, setsPolicy: boolean): void {
    const { source, values, paths = {} } = layer
    const { augmentation = {}, stages, ...keys } = values
    const freezeBefore = this.top['freeze']
    const set = (path: string, value: unknown): void => this.set(path, value, source)
    for (const [key, value] of Object.entries(keys)) if (value !== undefined) set(key, value)
    if (setsPolicy) this.applyPolicy(paths['augmentation_policy'] === undefined ? keys.augmentation_policy : paths['augmentation_policy'], source)
    for (const [key, value] of Object.entries(augmentation)) if (value !== undefined) set(`augmentation.${key}`, value)
    if (stages !== undefined) this.replaceStages(stages, source)
    // A list before its parts.
    for (const [path, value] of Object.entries(paths)) if (!path.includes('.')) set(path, value)
    for (const [path, value] of Object.entries(paths)) if (path.includes('.')) set(path, value)
    const says = (key: keyof typeof keys): boolean => keys[key] !== undefined || paths[key] !== undefined
    // A share that is typed is meant to be used.
    if (says('freeze_ratio') && !says('freeze') && freezeBefore !== undefined && freezeBefore !== 'ratio') set('freeze', 'ratio')
    for (const path of Object.keys(paths)) {
      const [, number = '', third] = path.split('.')
      const freeze = `stages.${number}.freeze`
      const before = this.stages?.[Number(number) - 1]?.['freeze']
      if (third === 'freeze_ratio' && paths[freeze] === undefined && before !== undefined && before !== 'ratio') set(freeze, 'ratio')
    }
    if (says('epochs') && stages === undefined) this.epochsAlone = source
  }

  /** The layer that says the epochs without saying the stages. */
  private epochsAlone: ConfigSource | null = null

  private set(path: string, value: unknown, source: ConfigSource): void {
    const [key = '', second = '', third = ''] = path.split('.')
    if (path === 'stages') return this.replaceStages(z.array(z.record(z.string(), z.unknown())).parse(value), source)
    this.sources[path] = source
    if (second === '') this.top[key] = value
    else if (key === 'augmentation') this.augmentation[second] = value
    else {
      const stage = this.stages?.[Number(second) - 1]
      if (stage === undefined) throw noSuchStage(path, this.stages?.length ?? 0)
      stage[third] = value
    }
  }

  private applyPolicy(value: unknown, source: ConfigSource): void {
    const policy = z.enum(AUGMENTATION_POLICIES).safeParse(value)
    if (!policy.success) return
    const before = this.augmentation
    this.augmentation = {}
    for (const [key, amount] of Object.entries(POLICY_AUGMENTATIONS[policy.data])) {
      const path = `augmentation.${key}`
      const earlier = this.sources[path]
      if (earlier !== undefined && isTyped(earlier) && !isSame(before[key], amount)) this.replaced.push({ path, value: before[key], source: earlier, by: 'augmentation_policy' })
      this.set(path, amount, source)
    }
  }

  private replaceStages(stages: readonly object[], source: ConfigSource): void {
    for (const path of Object.keys(this.sources)) if (path.startsWith('stages')) delete this.sources[path]
    this.stages = stages.map((stage) => Object.fromEntries(Object.entries(stage).filter(([, value]) => value !== undefined)))
    this.sources['stages'] = source
    this.stages.forEach((stage, index) => {
      for (const key of Object.keys(stage)) this.sources[`stages.${index + 1}.${key}`] = source
    })
  }

  finish(): LayeredConfig {
    const derived = completeRatios(this.top, this.sources)
    this.stages?.forEach((stage, index) => {
      const freeze = this.top['freeze'] ?? DEFAULT_RUN_CONFIG.freeze
      const path = `stages.${index + 1}.freeze`
      if (stage['freeze_ratio'] === undefined || stage['freeze'] !== undefined || freeze === 'ratio') return
      stage['freeze'] = 'ratio'
      this.sources[path] = this.sources[`${path}_ratio`] ?? 'default'
    })
    const given = { ...this.top, augmentation: this.augmentation, stages: this.stages ?? [] }
    const parsed = runConfigSchema.safeParse(given)
    if (!parsed.success) throw misfit(parsed.error, given)
    const config = this.withEpochsOfStages(parsed.data)
    const sources = Object.fromEntries(configPaths(config).map((path) => [path, this.sources[path] ?? 'default']))
    return { config, sources, replaced: this.replaced, derived }
  }

  /** With stages the epochs are theirs together, unless somebody says otherwise at least as strongly: that is for `configProblems` to refuse. */
  private withEpochsOfStages(config: RunConfig): RunConfig {
    if (config.stages.length === 0 || totalEpochs(config) === config.epochs) return config
    const strongest = config.stages.map((_, index) => this.sources[`stages.${index + 1}.epochs`] ?? 'default').reduce((a, b) => (sourceRank(b) > sourceRank(a) ? b : a))
    const said = this.sources['epochs']
    if (isTyped(said) && sourceRank(said) >= sourceRank(strongest)) return config
    if (said !== undefined && isTyped(said) && this.epochsAlone === said) this.replaced.push({ path: 'epochs', value: config.epochs, source: said, by: 'stages' })
    this.sources['epochs'] = strongest
    return { ...config, epochs: totalEpochs(config) }
  }
}

/** Where some of the three ratios are typed, the others take what is left, in the proportion they had. */
function completeRatios(top: Loose, sources: Record<string, ConfigSource>): ReadonlySet<string> {
  const typed = RATIOS.filter((key) => isTyped(sources[key]))
  const others = RATIOS.filter((key) => !isTyped(sources[key]))
  if (typed.length === 0 || others.length === 0) return new Set()
  const valueOf = (key: (typeof RATIOS)[number]): number => (typeof top[key] === 'number' ? top[key] : DEFAULT_RUN_CONFIG[key])
  const left = 1 - typed.reduce((sum, key) => sum + valueOf(key), 0)
  const held = others.reduce((sum, key) => sum + valueOf(key), 0)
  // More than there is: refused with all three in view. Nothing to change: they keep their own source.
  if (left < -1e-9 || Math.abs(left - held) < 1e-9) return new Set()
  const usual = others.reduce((sum, key) => sum + DEFAULT_RUN_CONFIG[key], 0)
  const strongest = typed.map((key) => sources[key] ?? 'default').reduce((a, b) => (sourceRank(b) > sourceRank(a) ? b : a))
  for (const key of others) {
    const share = held > 0 ? valueOf(key) / held : DEFAULT_RUN_CONFIG[key] / usual
    top[key] = Math.max(0, Number((left * share).toFixed(12)))
    sources[key] = strongest
  }
  return new Set(others)
}

function noSuchStage(path: string, stages: number): GraftError {
  if (stages === 0) {
    return new GraftError('BAD_INPUT', t`${path} names a stage that there is not: this training has no stages of its own.`, { action: t`Start from a preset with stages, such as best, or list them in a file.` })
  }
  return new GraftError('BAD_INPUT', t`${path} names a stage that there is not: there are ${stages} stages.`, { action: t`Stages are counted from 1 to ${stages}.` })
}

function misfit(error: z.ZodError, given: Loose): GraftError {
  const [issue] = error.issues
  const parts = issue?.path ?? []
  const path = parts.map((part) => (typeof part === 'number' && parts[0] === 'stages' ? part + 1 : part)).join('.')
  const came = parts.reduce<unknown>((value, part) => (typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(String(part)) : value), given)
  return new GraftError('BAD_INPUT', t`${path}: ${{ fault: issue?.message ?? t`not valid` }}; ${{ value: JSON.stringify(came) ?? t`nothing` }} came.`, {
    action: configField(path) === null ? t`Correct it, or leave it out for its default.` : t`Correct ${path}, or leave it out for its default.`,
  })
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Paths given by a source whose values are what would hold without it: a whole file repeats its preset and the defaults. */
export function restatedPaths(layered: Pick<LayeredConfig, 'config' | 'sources'>, below: RunConfig, source: ConfigSource): ReadonlySet<string> {
  const repeats = (path: string): boolean => layered.sources[path] === source && isSame(configValue(layered.config, path), configValue(below, path))
  return new Set(configPaths(layered.config).filter(repeats))
}
