/**
 * The options of `train` that set a key of the run's configuration. Their names, ranges, defaults and help come from the
 * schema, so they cannot differ from what a configuration file may say.
 */
import { Option, type Command } from 'commander'
import { z } from 'zod'
import { GraftError } from '../../shared/domain/error'
import { FREEZINGS, runConfigSchema, type RunConfig, type RunConfigKey } from '../../shared/domain/run-config'

/** Keys with an option of their own, in the order of the help. All other keys are set in a file given by --config. */
export const CONFIG_OPTION_KEYS = [
  'backbone',
  'weights',
  'head',
  'dropout',
  'freeze',
  'freeze_ratio',
  'epochs',
  'batch_size',
  'image_size',
  'learning_rate',
  'weight_decay',
  'optimizer',
  'scheduler',
  'scheduler_metric',
  'label_smoothing',
  'early_stopping_patience',
  'early_stopping_metric',
  'monitor',
  'train_ratio',
  'val_ratio',
  'test_ratio',
  'augment',
  'views',
  'seed',
  'num_workers',
  'device',
] as const satisfies readonly RunConfigKey[]
type ConfigOptionKey = (typeof CONFIG_OPTION_KEYS)[number]

/** What the help and the messages need to know of a key. */
interface Shape {
  type: 'boolean' | 'integer' | 'number' | 'string'
  values: readonly string[] | null
  low: number | null
  high: number | null
  /** The bound itself is not allowed. */
  lowExcluded: boolean
  highExcluded: boolean
  help: string
  /** The default as one would type it; null where there is none to name. */
  usual: string | null
}

const jsonShapeSchema = z.object({
  type: z.enum(['boolean', 'integer', 'number', 'string']).optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  anyOf: z.array(z.record(z.string(), z.unknown())).optional(),
})

const EXTRA_HELP: Partial<Record<RunConfigKey, string>> = {
  train_ratio: 'Share of the pictures to learn from',
  val_ratio: 'Share of the pictures that choose the best epoch',
  test_ratio: 'Share of the pictures held out for the final figures; 0: none',
}

function shapeOf(key: RunConfigKey): Shape {
  const document = z.toJSONSchema(runConfigSchema, { io: 'input', unrepresentable: 'any' })
  const outer = jsonShapeSchema.parse(document.properties?.[key])
  const nullable = outer.anyOf?.find((branch) => branch['type'] !== 'null')
  const inner = nullable === undefined ? outer : jsonShapeSchema.parse(nullable)
  const high = inner.exclusiveMaximum ?? inner.maximum ?? null
  return {
    type: inner.type ?? 'string',
    values: inner.enum ?? null,
    low: inner.exclusiveMinimum ?? inner.minimum ?? null,
    high: high === Number.MAX_SAFE_INTEGER ? null : high,
    lowExcluded: inner.exclusiveMinimum !== undefined,
    highExcluded: inner.exclusiveMaximum !== undefined,
    help: outer.description ?? EXTRA_HELP[key] ?? '',
    usual: typeof outer.default === 'string' || typeof outer.default === 'number' ? String(outer.default) : null,
  }
}

/** --freeze-ratio for freeze_ratio */
export function flagOf(key: string): string {
  return `--${key.replaceAll('_', '-')}`
}

function expectation(shape: Shape): string {
  if (shape.values !== null) return `one of ${shape.values.join(', ')}`
  const what = shape.type === 'integer' ? 'a whole number' : 'a number'
  const low = shape.low === null ? null : shape.lowExcluded ? `above ${shape.low}` : `from ${shape.low}`
  const high = shape.high === null ? null : shape.highExcluded ? `below ${shape.high}` : `to ${shape.high}`
  if (low !== null && high !== null) {
    if (!shape.lowExcluded && !shape.highExcluded) return `${what} ${low} ${high}`
    return `${what} ${low}${shape.highExcluded ? ` and ${high}` : `, at most ${shape.high}`}`
  }
  if (low !== null) return `${what} ${shape.lowExcluded ? low : `of ${shape.low} or more`}`
  return high === null ? what : `${what} ${shape.highExcluded ? high : `of ${shape.high} or less`}`
}

/** The number that the text writes out in full, or undefined: no blanks, no hexadecimal, no Infinity. */
export function parseNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** `ratio`, `stage`, or names of layers and stages separated by commas. */
function parseFreeze(text: string): RunConfig['freeze'] {
  const isWord = (word: string): word is (typeof FREEZINGS)[number] => (FREEZINGS as readonly string[]).includes(word)
  return isWord(text) ? text : text.split(',').map((name) => name.trim())
}

/**
 * The value of one key from the text of its option.
 * @throws GraftError BAD_INPUT that says what was expected and what came.
 */
export function parseConfigValue(key: RunConfigKey, text: string): unknown {
  const shape = shapeOf(key)
  const raw = key === 'freeze' ? parseFreeze(text) : shape.type === 'integer' || shape.type === 'number' ? parseNumber(text) : text
  const parsed = raw === undefined ? undefined : runConfigSchema.shape[key].safeParse(raw)
  if (parsed === undefined || !parsed.success || text === '') {
    throw new GraftError('BAD_INPUT', `${flagOf(key)} expects ${text === '' && shape.values === null && shape.type === 'string' ? 'a value' : expectation(shape)}, but "${text}" came.`, {
      action: `Give such a value${shape.usual === null ? '' : `, for example ${flagOf(key)} ${shape.usual}`}.`,
    })
  }
  return parsed.data
}

/** Adds the options to a command, all or some. Values arrive checked. */
export function addConfigOptions(command: Command, keys: readonly ConfigOptionKey[] = CONFIG_OPTION_KEYS): void {
  for (const key of keys) {
    const shape = shapeOf(key)
    if (shape.type === 'boolean') {
      // Without a default of its own: what is not said is left to the preset and the file.
      command.addOption(new Option(flagOf(key), shape.help))
      command.addOption(new Option(`--no-${key.replaceAll('_', '-')}`, `Switch that off: ${shape.help.charAt(0).toLowerCase()}${shape.help.slice(1)}`))
      continue
    }
    if (key === 'freeze') {
      command.addOption(new Option('--freeze <ratio|stage|names>', `${shape.help}; names are separated by commas`).argParser((text: string) => parseConfigValue(key, text)))
      continue
    }
    const placeholder = shape.values === null ? (shape.type === 'integer' ? 'n' : shape.type === 'number' ? 'x' : 'value') : shape.values.join('|')
    const range = shape.values === null && shape.type !== 'string' ? [expectation(shape)] : []
    const usual = shape.usual === null ? [] : [`default ${shape.usual}`]
    const notes = [...range, ...usual].join('; ')
    command.addOption(
      new Option(`${flagOf(key)} <${placeholder}>`, `${shape.help}${notes === '' ? '' : ` (${notes})`}`).argParser((text: string) => parseConfigValue(key, text)),
    )
    if (key === 'freeze_ratio') command.addOption(new Option('--freeze-backbone', 'Keep all weights of the backbone: the same as --freeze-ratio 1'))
  }
}

/**
 * What was said on the command line, as keys of the configuration. What was not said is not there.
 * @throws GraftError BAD_INPUT where two options contradict each other.
 */
export function configFromOptions(options: Readonly<Record<string, unknown>>): Partial<RunConfig> {
  const given: Partial<Record<ConfigOptionKey, unknown>> = {}
  for (const key of CONFIG_OPTION_KEYS) {
    const value = options[camelCase(key)]
    if (value !== undefined) given[key] = value
  }
  if (options['freezeBackbone'] === true) {
    if (given.freeze_ratio !== undefined && given.freeze_ratio !== 1) {
      throw new GraftError('BAD_INPUT', `--freeze-backbone means --freeze-ratio 1, but --freeze-ratio ${JSON.stringify(given.freeze_ratio)} came with it.`, {
        action: 'Leave one of the two out.',
      })
    }
    if (given.freeze !== undefined && given.freeze !== 'ratio') {
      throw new GraftError('BAD_INPUT', '--freeze-backbone keeps the whole backbone, but --freeze, which names a part of it, came with it.', {
        action: 'Leave one of the two out.',
      })
    }
    given.freeze = 'ratio'
    given.freeze_ratio = 1
  }
  if (given.freeze !== undefined && given.freeze !== 'ratio' && given.freeze_ratio !== undefined) {
    throw new GraftError('BAD_INPUT', '--freeze names what is frozen, and --freeze-ratio says it as a share: only one of them can hold.', {
      action: 'Leave one of the two out.',
    })
  }
  // A ratio that is typed is meant to be used.
  if (given.freeze_ratio !== undefined) given.freeze ??= 'ratio'
  // One option for the usual case: what the best epoch is chosen by is also what early stopping watches.
  if (given.monitor !== undefined) given.early_stopping_metric ??= given.monitor
  // Each value passed its key's schema when it was read. Parsing the whole again would fill in the defaults, and they must not
  // override what a preset or a file says.
  return given as Partial<RunConfig>
}

function camelCase(key: string): string {
  return key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}
