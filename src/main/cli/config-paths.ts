/** `--set PATH=VALUE` and `--stage-epochs`: single settings by their path. */
import { Option, type Command } from 'commander'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { augmentationSchema } from '../../shared/domain/augmentation'
import { configField, expectation } from '../../shared/domain/config-fields'
import { isSame } from '../../shared/domain/config-layers'
import { GraftError } from '../../shared/domain/error'
import { type RunConfig, runConfigSchema } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { unknownSetting } from '../services/config/config-file'
import { flagOf, parseNumber } from './config-options'

type Setting = readonly [path: string, value: unknown]

export function addPathOptions(command: Command): void {
  const collect = (text: string, before: Setting[] = []): Setting[] => [...before, ...parseSetting(text)]
  command.addOption(new Option('--stage-epochs <n,n,...>', 'Epochs of each stage, of a preset or file that has stages').argParser(parseStageEpochs).helpGroup('Length:'))
  command.addOption(new Option('--set <path=value>', 'Any setting by its path, as augmentation.rotation=30 or stages.2.learning_rate=1e-4; may be repeated').argParser(collect).helpGroup('Any setting:'))
}

/**
 * What --set and --stage-epochs said, by path.
 * @param given what options of their own said, which must not be contradicted
 * @throws GraftError BAD_INPUT where one path is said twice
 */
export function pathsFromOptions(options: Readonly<Record<string, unknown>>, given: Partial<RunConfig>): Record<string, unknown> {
  const epochs = z.array(z.number()).optional().parse(options['stageEpochs']) ?? []
  const settings = z.array(z.tuple([z.string(), z.unknown()])).optional().parse(options['set']) ?? []
  const said = new Map<string, { value: unknown; flag: string }>(Object.entries(given).map(([key, value]) => [key, { value, flag: flagOf(key) }]))
  const paths: Record<string, unknown> = {}
  const named: [string, unknown, string][] = [
    ...epochs.map((count, index): [string, unknown, string] => [`stages.${index + 1}.epochs`, count, '--stage-epochs']),
    ...settings.map(([path, value]): [string, unknown, string] => [path, value, `--set ${path}`]),
  ]
  for (const [path, value, flag] of named) {
    const before = said.get(path)
    if (before !== undefined && !isSame(before.value, value)) {
      throw new GraftError('BAD_INPUT', `${path} is ${JSON.stringify(before.value)} by ${before.flag} and ${JSON.stringify(value)} by ${flag}.`, { action: 'Say it once.' })
    }
    said.set(path, { value, flag })
    paths[path] = value
  }
  return paths
}

/** @throws GraftError BAD_INPUT where the stages are not as many as the numbers of --stage-epochs */
export function requireStageCount(options: Readonly<Record<string, unknown>>, config: RunConfig): void {
  const count = z.array(z.number()).optional().parse(options['stageEpochs'])?.length
  if (count === undefined || count === config.stages.length) return
  throw new GraftError('BAD_INPUT', `--stage-epochs has ${count} numbers, but there are ${config.stages.length} stages.`, { action: 'Give a number for each stage.' })
}

function parseStageEpochs(text: string): number[] {
  return text.split(',').map((part) => {
    const parsed = stageSchema.shape.epochs.safeParse(parseNumber(part.trim()))
    if (parsed.success && parseNumber(part.trim()) !== undefined) return parsed.data
    throw new GraftError('BAD_INPUT', `--stage-epochs expects ${expectation(configField('stages.1.epochs')?.accepts ?? [])} for each stage, but "${text}" came.`, { action: 'For example --stage-epochs 2,4,4.' })
  })
}

/** One `path=value`; a section gives all that is in it. @throws GraftError BAD_INPUT */
function parseSetting(text: string): Setting[] {
  const cut = text.indexOf('=')
  if (cut <= 0) throw new GraftError('BAD_INPUT', `--set expects a setting and its value, but "${text}" came.`, { action: 'For example --set augmentation.rotation=30.' })
  return checked(text.slice(0, cut).trim().replaceAll('-', '_'), readValue(text.slice(cut + 1).trim()))
}

function checked(path: string, value: unknown): Setting[] {
  const field = configField(path)
  if (/^stages\.0+(\.|$)/.test(path)) throw new GraftError('BAD_INPUT', `--set ${path}: stages are counted from 1.`, { action: 'The first is stages.1.' })
  if (field === null) throw unknownSetting(path, '')
  if (path === 'augmentation' && typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value).flatMap(([name, inner]) => checked(`augmentation.${name}`, inner))
  const parsed = schemaOf(path).safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const message = issue?.code === 'custom' ? issue.message : `expects ${expectation(field.accepts)}`
    throw new GraftError('BAD_INPUT', `--set ${path} ${message}, but ${JSON.stringify(value)} came.`, { action: 'Give such a value, or leave it out.' })
  }
  return [[path, value]]
}

function schemaOf(path: string): z.ZodType {
  const shape: Readonly<Record<string, z.ZodType>> = path.startsWith('augmentation.') ? augmentationSchema.shape : path.startsWith('stages.') ? stageSchema.shape : runConfigSchema.shape
  const schema = shape[path.split('.').at(-1) ?? path]
  if (schema === undefined) throw new Error(`No schema for ${path}`)
  return schema
}

/** A value as YAML has it: 30, 1e-4, true, null, [0.8, 1.2], {cat: 1}; `0.8,1.2` is a list too. */
function readValue(text: string): unknown {
  const numbers = text.split(',').map((part) => parseNumber(part.trim()))
  if (numbers.length > 1 && numbers.every((value) => value !== undefined)) return numbers
  try {
    return parseYaml(text, { maxAliasCount: 0 })
  } catch {
    return text
  }
}
