/**
 * Every setting of a run by its path (`epochs`, `augmentation.rotation`, `stages.2.learning_rate`): what it takes, its help and
 * where it stands. All of it comes from the schema, so that files, flags, help and forms cannot differ.
 */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { presetNameSchema } from './presets'
import { type RunConfig, type RunConfigKey, runConfigSchema } from './run-config'

/** One thing that a setting takes; a setting may take several. */
export type Accepted =
  | { readonly kind: 'boolean' | 'text' | 'nothing' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly isWhole: boolean; readonly low: Bound | null; readonly high: Bound | null }
  | { readonly kind: 'list'; readonly of: readonly Accepted[]; readonly least: number; readonly most: number | null }
  | { readonly kind: 'by_name'; readonly of: readonly Accepted[] }
  | { readonly kind: 'section' }

export interface Bound {
  readonly value: number
  /** The bound itself is not allowed. */
  readonly isExcluded: boolean
}

export interface ConfigField {
  /** `stages.*.epochs` stands for every stage. */
  readonly path: string
  readonly help: string
  readonly accepts: readonly Accepted[]
  /** Undefined where a stage takes the run's. */
  readonly usual: unknown
}

/* eslint-disable lingui/no-unlocalized-strings -- names of groups, by which the command line finds them */

/** How settings stand together in help and forms, in this order. */
export const CONFIG_GROUPS = ['Model', 'Freezing', 'Length', 'Optimizer', 'Schedule', 'Loss', 'Stopping', 'Split', 'Augmentation', 'Machine'] as const
export type ConfigGroup = (typeof CONFIG_GROUPS)[number]

export const GROUP_OF_KEY: Readonly<Record<RunConfigKey, ConfigGroup>> = {
  backbone: 'Model',
  weights: 'Model',
  head: 'Model',
  dropout: 'Model',
  image_size: 'Model',
  freeze: 'Freezing',
  freeze_ratio: 'Freezing',
  frozen_batch_norm: 'Freezing',
  epochs: 'Length',
  stages: 'Length',
  batch_size: 'Length',
  accumulation_steps: 'Length',
  optimizer: 'Optimizer',
  learning_rate: 'Optimizer',
  backbone_learning_rate: 'Optimizer',
  layer_decay: 'Optimizer',
  weight_decay: 'Optimizer',
  weight_decay_on: 'Optimizer',
  momentum: 'Optimizer',
  nesterov: 'Optimizer',
  beta1: 'Optimizer',
  beta2: 'Optimizer',
  gradient_clipping: 'Optimizer',
  ema_decay: 'Optimizer',
  scheduler: 'Schedule',
  scheduler_metric: 'Schedule',
  scheduler_factor: 'Schedule',
  scheduler_patience: 'Schedule',
  scheduler_step_size: 'Schedule',
  scheduler_gamma: 'Schedule',
  minimum_learning_rate: 'Schedule',
  warmup_steps: 'Schedule',
  loss: 'Loss',
  focal_gamma: 'Loss',
  focal_alpha: 'Loss',
  label_smoothing: 'Loss',
  class_weights: 'Loss',
  effective_number_beta: 'Loss',
  sampler: 'Loss',
  early_stopping_patience: 'Stopping',
  early_stopping_metric: 'Stopping',
  monitor: 'Stopping',
  train_ratio: 'Split',
  val_ratio: 'Split',
  test_ratio: 'Split',
  augment: 'Augmentation',
  augmentation_policy: 'Augmentation',
  augmentation: 'Augmentation',
  views: 'Augmentation',
  checkpoint_minutes: 'Machine',
  seed: 'Machine',
  num_workers: 'Machine',
  device: 'Machine',
  precision: 'Machine',
}

/* eslint-enable lingui/no-unlocalized-strings */

/** JSON Schema's limit for whole numbers; larger ones are not told apart, so it is no bound to speak of. */
const NO_BOUND = Number.MAX_SAFE_INTEGER

interface JsonShape {
  readonly type?: string | undefined
  readonly const?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMinimum?: number | undefined
  readonly exclusiveMaximum?: number | undefined
  readonly description?: string | undefined
  readonly default?: unknown
  readonly anyOf?: readonly JsonShape[] | undefined
  readonly items?: JsonShape | readonly JsonShape[] | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly properties?: Readonly<Record<string, JsonShape>> | undefined
  readonly additionalProperties?: unknown
}

const jsonShapeSchema: z.ZodType<JsonShape> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
    exclusiveMaximum: z.number().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    anyOf: z.array(jsonShapeSchema).optional(),
    items: z.union([jsonShapeSchema, z.array(jsonShapeSchema)]).optional(),
    minItems: z.number().optional(),
    maxItems: z.number().optional(),
    properties: z.record(z.string(), jsonShapeSchema).optional(),
    additionalProperties: z.unknown().optional(),
  }),
)

function bound(value: number | undefined, excluded: number | undefined): Bound | null {
  if (excluded !== undefined) return { value: excluded, isExcluded: true }
  return value === undefined || Math.abs(value) >= NO_BOUND ? null : { value, isExcluded: false }
}

function acceptedOf(shape: JsonShape): Accepted[] {
  if (shape.anyOf !== undefined) return shape.anyOf.flatMap(acceptedOf)
  const values = shape.enum ?? (shape.const === undefined ? undefined : [shape.const])
  if (values !== undefined) return [{ kind: 'choice', values: values.map(String) }]
  switch (shape.type) {
    case 'boolean':
      return [{ kind: 'boolean' }]
    case 'null':
      return [{ kind: 'nothing' }]
    case 'integer':
    case 'number':
      return [
        {
          kind: 'number',
          isWhole: shape.type === 'integer',
          low: bound(shape.minimum, shape.exclusiveMinimum),
          high: bound(shape.maximum, shape.exclusiveMaximum),
        },
      ]
    case 'array': {
      const items = shape.items === undefined ? [] : [shape.items].flat()
      const length = Array.isArray(shape.items) ? items.length : null
      return [{ kind: 'list', of: items.slice(0, 1).flatMap(acceptedOf), least: length ?? shape.minItems ?? 0, most: length ?? shape.maxItems ?? null }]
    }
    case 'object': {
      if (shape.properties !== undefined) return [{ kind: 'section' }]
      const item = jsonShapeSchema.safeParse(shape.additionalProperties)
      return [{ kind: 'by_name', of: item.success ? acceptedOf(item.data) : [] }]
    }
    default:
      return [{ kind: 'text' }]
  }
}

function fieldOf(path: string, shape: JsonShape): ConfigField {
  return { path, help: shape.description ?? '', accepts: acceptedOf(shape), usual: shape.default }
}

function readFields(): ReadonlyMap<string, ConfigField> {
  const { properties = {} } = jsonShapeSchema.parse(z.toJSONSchema(runConfigSchema, { io: 'input', target: 'draft-7' }))
  const fields = new Map<string, ConfigField>()
  const add = (path: string, shape: JsonShape): void => void fields.set(path, fieldOf(path, shape))
  for (const [key, shape] of Object.entries(properties)) {
    add(key, shape)
    for (const [inner, innerShape] of Object.entries(shape.properties ?? {})) add(`${key}.${inner}`, innerShape)
    const [stage] = shape.items === undefined ? [] : [shape.items].flat()
    for (const [inner, innerShape] of Object.entries(stage?.properties ?? {})) add(`${key}.*.${inner}`, innerShape)
  }
  return fields
}

let known: ReadonlyMap<string, ConfigField> | null = null

/** All settings by path, sections too, in the schema's order. */
export function configFields(): ReadonlyMap<string, ConfigField> {
  return (known ??= readFields())
}

/** The setting at a path; null where there is none. Stages are counted from 1. */
export function configField(path: string): ConfigField | null {
  return configFields().get(path.replace(/^stages\.[1-9]\d*\./, 'stages.*.')) ?? null
}

/** The names that a section may hold: '' for the whole, `augmentation`, `stages.2`. */
export function configNames(section: string): string[] {
  const prefix = section === '' ? '' : `${section.replace(/^stages\.\d+$/, 'stages.*')}.`
  return [...configFields().keys()].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)).filter((name) => !name.includes('.'))
}

/** Paths of all values of a configuration, without the sections that hold them. What a stage leaves to the run is not there. */
export function configPaths(config: RunConfig): string[] {
  return Object.keys(config).flatMap((key) => {
    if (key === 'augmentation') return Object.keys(config.augmentation).map((name) => `augmentation.${name}`)
    if (key !== 'stages' || config.stages.length === 0) return [key]
    return config.stages.flatMap((stage, index) => Object.entries(stage).filter(([, value]) => value !== undefined).map(([name]) => `stages.${index + 1}.${name}`))
  })
}

/** The value at a path; undefined where there is none. */
export function configValue(config: RunConfig, path: string): unknown {
  const [key = '', ...rest] = path.split('.')
  let value: unknown = new Map<string, unknown>(Object.entries(config)).get(key)
  for (const part of rest) {
    if (typeof value !== 'object' || value === null) return undefined
    const name = Array.isArray(value) ? String(Number(part) - 1) : part
    value = new Map<string, unknown>(Object.entries(value)).get(name)
  }
  return value
}

function numberWords({ isWhole, low, high }: Extract<Accepted, { kind: 'number' }>, what = isWhole ? t`a whole number` : t`a number`): string {
  const least = low?.value ?? 0
  const most = high?.value ?? 0
  if (low !== null && high !== null) {
    if (low.isExcluded) return high.isExcluded ? t`${what} above ${least} and below ${most}` : t`${what} above ${least}, at most ${most}`
    return high.isExcluded ? t`${what} of ${least} or more and below ${most}` : t`${what} from ${least} to ${most}`
  }
  if (low !== null) return low.isExcluded ? t`${what} above ${least}` : t`${what} of ${least} or more`
  if (high !== null) return high.isExcluded ? t`${what} below ${most}` : t`${what} of ${most} or less`
  return what
}

function listWords({ of, least, most }: Extract<Accepted, { kind: 'list' }>): string {
  if (of.some(({ kind }) => kind === 'section')) return t`a list of stages`
  const [item] = of
  if (least === most && item?.kind === 'number') return t`${{ numbers: numberWords(item, t`two numbers`) }}, as [low, high]`
  if (item?.kind === 'number') return least > 1 ? t`a list of numbers, one for each class` : t`a list of numbers`
  return least > 1 ? t`a list of names, one for each class` : t`a list of names`
}

function acceptedWords(accepted: Accepted): string | null {
  switch (accepted.kind) {
    case 'boolean':
      return t`true or false`
    case 'text':
      return t`a name or a path`
    case 'nothing':
      return null
    case 'choice':
      return accepted.values.length === 1 ? accepted.values.join() : t`one of ${{ values: accepted.values.join(', ') }}`
    case 'number':
      return numberWords(accepted)
    case 'list':
      return listWords(accepted)
    case 'by_name':
      return t`numbers by class name`
    case 'section':
      return t`a section of settings`
  }
}

/** What a setting takes, as part of a sentence: `a whole number from 1 to 1024, or auto`. */
export function expectation(accepts: readonly Accepted[]): string {
  const words = accepts.map(acceptedWords).filter((word) => word !== null)
  return words.length <= 1 ? words.join('') : t`${{ others: words.slice(0, -1).join(', ') }}, or ${{ last: words.at(-1) ?? '' }}`
}

/** True where the setting may be left open: null in a file. */
export function mayBeNothing({ accepts }: ConfigField): boolean {
  return accepts.some(({ kind }) => kind === 'nothing')
}

/** What editors check and complete a settings file by (draft 7, which they all read). */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { properties, ...rest } = z.toJSONSchema(runConfigSchema, { io: 'input', target: 'draft-7' })
  const preset = { ...z.toJSONSchema(presetNameSchema, { target: 'draft-7' }), description: t`Where the settings start from; what the file says comes on top` }
  return { ...rest, title: t`Run configuration of Graft`, properties: { preset: { ...preset, $schema: undefined }, ...properties } }
}
