/**
 * The options of `train` that set a key of the run's configuration. Their names, ranges, defaults and help come from the
 * schema, so they cannot differ from what a configuration file may say.
 */
import { Option, type Command } from 'commander'
import { type Accepted, CONFIG_GROUPS, type ConfigField, configField, type ConfigGroup, expectation, GROUP_OF_KEY, mayBeNothing } from '../../shared/domain/config-fields'
import { isSame } from '../../shared/domain/config-layers'
import { GraftError } from '../../shared/domain/error'
import { FREEZINGS, runConfigSchema, type RunConfig, type RunConfigKey } from '../../shared/domain/run-config'
import { addAliases, aliasedValues } from './config-aliases'

/** Keys with an option of their own, in the order of the help. What a section holds is set by --set or in a file. */
export const CONFIG_OPTION_KEYS: readonly RunConfigKey[] = CONFIG_GROUPS.flatMap((group) => keysOf(group)).filter((key) => key !== 'stages' && key !== 'augmentation')

function keysOf(group: ConfigGroup): RunConfigKey[] {
  return keys().filter((key) => GROUP_OF_KEY[key] === group)
}

function keys(): RunConfigKey[] {
  return Object.keys(runConfigSchema.shape).filter((key): key is RunConfigKey => Object.hasOwn(GROUP_OF_KEY, key))
}

function fieldOf(key: RunConfigKey): ConfigField {
  const field = configField(key)
  if (field === null) throw new Error(`The schema has no ${key}`)
  return field
}

const takes = (field: ConfigField, kind: Accepted['kind']): boolean => field.accepts.some((accepted) => accepted.kind === kind)

function choicesOf(field: ConfigField): string[] {
  return field.accepts.flatMap((accepted) => (accepted.kind === 'choice' ? accepted.values : []))
}

/** --freeze-ratio for freeze_ratio */
export function flagOf(key: string): string {
  return `--${key.replaceAll('_', '-')}`
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

/** `1,2.5` as numbers in order, `cat=1,dog=2.5` as numbers by name; undefined where it is neither. */
function parseNumbers(text: string): unknown {
  const parts = text.split(',').map((part) => part.trim())
  const ordered = parts.map(parseNumber)
  if (ordered.length > 1 && ordered.every((value) => value !== undefined)) return ordered
  const named = parts.map((part) => [part.slice(0, Math.max(0, part.lastIndexOf('='))), parseNumber(part.slice(part.lastIndexOf('=') + 1))] as const)
  return named.every(([name, value]) => name !== '' && value !== undefined) ? Object.fromEntries(named) : undefined
}

function rawValue(key: RunConfigKey, field: ConfigField, text: string): unknown {
  if (key === 'freeze') return parseFreeze(text)
  if (choicesOf(field).includes(text) || takes(field, 'text')) return text
  if (takes(field, 'nothing') && text === 'none') return null
  const number = takes(field, 'number') ? parseNumber(text) : undefined
  if (number !== undefined) return number
  return takes(field, 'by_name') ? parseNumbers(text) : takes(field, 'number') ? undefined : text
}

function exampleOf({ usual }: ConfigField): string | null {
  return typeof usual === 'string' || typeof usual === 'number' ? String(usual) : null
}

/**
 * The value of one key from the text of its option.
 * @throws GraftError BAD_INPUT that says what was expected and what came.
 */
export function parseConfigValue(key: RunConfigKey, text: string, flag = flagOf(key)): unknown {
  const field = fieldOf(key)
  const raw = rawValue(key, field, text)
  const parsed = raw === undefined ? undefined : runConfigSchema.shape[key].safeParse(raw)
  if (parsed === undefined || !parsed.success || text === '') {
    const isName = choicesOf(field).length === 0 && takes(field, 'text')
    const example = exampleOf(field)
    throw new GraftError('BAD_INPUT', `${flag} expects ${text === '' && isName ? 'a value' : expectation(field.accepts)}, but "${text}" came.`, {
      action: `Give such a value${example === null ? '' : `, for example ${flag} ${example}`}.`,
    })
  }
  return parsed.data
}

function placeholderOf(key: RunConfigKey, field: ConfigField): string {
  if (key === 'freeze') return 'ratio|stage|all|none|names'
  const words = choicesOf(field)
  if (takes(field, 'by_name')) return [...words, 'numbers'].join('|')
  const number = field.accepts.find((accepted) => accepted.kind === 'number')
  if (number?.kind === 'number') return [number.isWhole ? 'n' : 'x', ...words].join('|')
  return words.length > 0 ? words.join('|') : 'value'
}

function notesOf(field: ConfigField): string {
  const range = field.accepts.filter(({ kind }) => kind === 'number')
  const example = exampleOf(field)
  const notes = [
    ...(range.length === 0 || takes(field, 'by_name') ? [] : [expectation(range)]),
    ...(takes(field, 'by_name') ? ['numbers as 1,2 in the order of the classes or cat=1,dog=2'] : []),
    ...(mayBeNothing(field) ? ['none: empty'] : []),
    ...(example === null ? [] : [`default ${example}`]),
  ]
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`
}

/** Adds the options to a command, all or some. Values arrive checked. */
export function addConfigOptions(command: Command, keys: readonly RunConfigKey[] = CONFIG_OPTION_KEYS): void {
  const isWhole = keys === CONFIG_OPTION_KEYS
  for (const key of keys) {
    const field = fieldOf(key)
    const group = `${GROUP_OF_KEY[key]}:`
    const add = (option: Option): void => void command.addOption(isWhole ? option.helpGroup(group) : option)
    if (takes(field, 'boolean')) {
      // Without a default of its own: what is not said is left to the preset and the file.
      add(new Option(flagOf(key), field.help))
      add(new Option(`--no-${key.replaceAll('_', '-')}`, `Switch that off: ${field.help.charAt(0).toLowerCase()}${field.help.slice(1)}`))
      continue
    }
    const help = key === 'freeze' ? `${field.help}; names are separated by commas` : `${field.help}${notesOf(field)}`
    add(new Option(`${flagOf(key)} <${placeholderOf(key, field)}>`, help).argParser((text: string) => parseConfigValue(key, text)))
    if (key === 'freeze_ratio') add(new Option('--freeze-backbone', 'Keep all weights of the backbone: the same as --freeze-ratio 1'))
  }
  addAliases(command, keys, parseConfigValue)
}

/**
 * What was said on the command line, as keys of the configuration. What was not said is not there.
 * @throws GraftError BAD_INPUT where two options contradict each other.
 */
export function configFromOptions(options: Readonly<Record<string, unknown>>): Partial<RunConfig> {
  const given: Partial<Record<RunConfigKey, unknown>> = {}
  const saidBy: Partial<Record<RunConfigKey, string>> = {}
  const say = (key: RunConfigKey, value: unknown, flag: string): void => {
    if (given[key] !== undefined && !isSame(given[key], value)) {
      throw new GraftError('BAD_INPUT', `${flag} and ${saidBy[key] ?? flagOf(key)} are the same setting, but say ${JSON.stringify(value)} and ${JSON.stringify(given[key])}.`, { action: 'Leave one of the two out.' })
    }
    given[key] = value
    saidBy[key] = flag
  }
  for (const key of CONFIG_OPTION_KEYS) {
    const value = options[camelCase(key)]
    // Commander makes an empty text of null; a text that was typed is never empty here.
    if (value !== undefined) say(key, value === '' ? null : value, flagOf(key))
  }
  for (const { key, value, flag } of aliasedValues(options)) say(key, value, flag)
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
  // One option for the usual case: what the best epoch is chosen by is also what early stopping watches.
  if (given.monitor !== undefined) given.early_stopping_metric ??= given.monitor
  // Each value passed its key's schema when it was read. Parsing the whole again would fill in the defaults, and they must not
  // override what a preset or a file says.
  return given as Partial<RunConfig>
}

export function camelCase(key: string): string {
  return key.replace(/[_-](.)/g, (_, letter: string) => letter.toUpperCase())
}
