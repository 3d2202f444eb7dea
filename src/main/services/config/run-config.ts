/** Preset, then file, then flags: the configuration of a run, and where each of its values came from. */
import { readFile } from 'node:fs/promises'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { GraftError } from '../../../shared/domain/error'
import { DEFAULT_PRESET, PRESET_CONFIGS, type PresetName } from '../../../shared/domain/presets'
import { augmentationSchema, runConfigSchema } from '../../../shared/domain/run-config'
import type { RunConfig, RunConfigKey } from '../../../shared/domain/run-config'
import { systemCode } from '../../storage/storage-error'
import { nearestName } from '../../../shared/domain/nearest-name'

export type ConfigSource = 'default' | 'preset' | 'file' | 'flag'

export interface ConfigRequest {
  /** Null: the preset that the file names no other for, which is the default one. */
  preset: PresetName | null
  /** Path of a YAML file, or null. */
  file: string | null
  flags: Partial<RunConfig>
}

export interface ResolvedConfig {
  preset: PresetName
  config: RunConfig
  sources: Record<RunConfigKey, ConfigSource>
}

const KEYS = Object.keys(runConfigSchema.shape) as RunConfigKey[]
const RATIOS = ['train_ratio', 'val_ratio', 'test_ratio'] as const

/** @throws GraftError BAD_INPUT naming the key, with the place in the file; NOT_FOUND */
export async function resolveRunConfig(request: ConfigRequest): Promise<ResolvedConfig> {
  const file = request.file === null ? {} : await readConfigFile(request.file)
  return combineConfig({ preset: request.preset, file, flags: request.flags })
}

/** The same without reading a file. Keys whose value is undefined count as not given. */
export function combineConfig(parts: { preset: PresetName | null; file?: Partial<RunConfig>; flags: Partial<RunConfig> }): ResolvedConfig {
  const preset = parts.preset ?? DEFAULT_PRESET
  const layers: [ConfigSource, Partial<RunConfig>][] = [
    ['preset', PRESET_CONFIGS[preset]],
    ['file', parts.file ?? {}],
    ['flag', parts.flags],
  ]
  const given: Record<string, unknown> = {}
  const sources = Object.fromEntries(KEYS.map((key) => [key, 'default'])) as Record<RunConfigKey, ConfigSource>
  for (const [source, values] of layers) {
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) continue
      if (!isKey(key)) throw unknownKey(key, KEYS, '')
      given[key] = value
      sources[key] = source
    }
  }
  completeRatios(given)
  const parsed = runConfigSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const key = issue?.path.join('.') ?? ''
    throw new GraftError('BAD_INPUT', `${key}: ${issue?.message ?? 'not valid'}; ${JSON.stringify(given[String(issue?.path[0])])} came.`, {
      action: `Correct ${key}, or leave it out for its default.`,
    })
  }
  return { preset, config: parsed.data, sources }
}

function isKey(key: string): key is RunConfigKey {
  return Object.hasOwn(runConfigSchema.shape, key)
}

/** Where some of the three ratios are given, the others take what is left, in their usual proportion. */
function completeRatios(given: Record<string, unknown>): void {
  const missing = RATIOS.filter((key) => given[key] === undefined)
  if (missing.length === 0 || missing.length === RATIOS.length) return
  const usual = runConfigSchema.parse({})
  const taken = RATIOS.reduce((sum, key) => sum + (typeof given[key] === 'number' ? given[key] : 0), 0)
  const left = 1 - taken
  const share = missing.reduce((sum, key) => sum + usual[key], 0)
  // Ratios that ask for more than there is are refused by the split, with its own words.
  if (left < -1e-9) return
  for (const key of missing) given[key] = Math.max(0, Number(((left * usual[key]) / share).toFixed(12)))
}

/** Reads a YAML (or JSON) file of settings. @throws GraftError with line and column */
export async function readConfigFile(path: string): Promise<Partial<RunConfig>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new GraftError('NOT_FOUND', `The configuration file ${path} does not exist.`, { action: 'Check the path given to --config.' })
    throw new GraftError('UNREADABLE', `The configuration file ${path} cannot be read (${systemCode(error) ?? 'unknown'}).`, { action: 'Give a YAML file.', cause: error })
  }
  return parseConfigText(text, path)
}

export function parseConfigText(text: string, path: string): Partial<RunConfig> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return path
    const { line, col } = lines.linePos(offset)
    return `${path}, line ${line}, column ${col}`
  }
  const [problem] = document.errors
  if (problem !== undefined) {
    throw new GraftError('BAD_INPUT', `${at(problem.pos[0])}: not valid YAML (${problem.message.split('\n')[0] ?? ''}).`, { action: 'Correct the file.' })
  }
  if (document.contents === null) return {}
  if (!isMap(document.contents)) {
    throw new GraftError('BAD_INPUT', `${at(0)}: expected settings, one "key: value" a line.`, { action: 'A run’s config.yaml shows all keys.' })
  }
  checkKeys(document, [], KEYS, at)
  checkKeys(document, ['augmentation'], Object.keys(augmentationSchema.shape), at)
  const values = document.toJS() as Record<string, unknown>
  for (const key of Object.keys(values)) {
    if (!isKey(key)) continue
    const parsed = runConfigSchema.shape[key].safeParse(values[key])
    if (parsed.success) continue
    const [issue] = parsed.error.issues
    const inner = (issue?.path ?? []).map(String)
    throw new GraftError('BAD_INPUT', `${at(offsetOf(document, [key, ...inner]))}: ${[key, ...inner].join('.')}: ${issue?.message ?? 'not valid'}.`, {
      action: `Correct the value, or leave ${key} out for its default.`,
    })
  }
  return values
}

function checkKeys(document: Document.Parsed, path: string[], names: readonly string[], at: (offset: number | undefined) => string): void {
  const map = path.length === 0 ? document.contents : document.getIn(path, true)
  if (!isMap(map)) return
  for (const { key } of map.items) {
    const name = isScalar(key) ? String(key.value) : String(key)
    if (names.includes(name)) continue
    throw unknownKey([...path, name].join('.'), names, `${at(isScalar(key) ? key.range?.[0] : undefined)}: `)
  }
}

function offsetOf(document: Document.Parsed, path: string[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return Number(node.range[0])
  }
  return undefined
}

function unknownKey(key: string, names: readonly string[], place: string): GraftError {
  const near = nearestName(key.split('.').at(-1) ?? key, names)
  return new GraftError('BAD_INPUT', `${place}There is no setting "${key}".`, {
    action: near === null ? `The settings are: ${names.join(', ')}.` : `Did you mean ${near}?`,
  })
}
