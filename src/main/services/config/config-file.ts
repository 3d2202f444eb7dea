/** Reads a file of settings, Graft's own or a guide's, and refuses what does not fit by line and column. */
import { readFile } from 'node:fs/promises'
import { isMap, isSeq } from 'yaml'
import { z } from 'zod'
import { augmentationSchema } from '../../../shared/domain/augmentation'
import { configField, configFields, configNames } from '../../../shared/domain/config-fields'
import type { ConfigValues } from '../../../shared/domain/config-layers'
import { GraftError } from '../../../shared/domain/error'
import { nearestName } from '../../../shared/domain/nearest-name'
import { PRESETS, type PresetName, presetNameSchema } from '../../../shared/domain/presets'
import { runConfigSchema } from '../../../shared/domain/run-config'
import { stageSchema } from '../../../shared/domain/stages'
import { shown } from '../../../shared/domain/shown'
import { isWholeConfig } from '../../storage/config-yaml'
import { systemCode } from '../../storage/storage-error'
import { coerced, ConfigDocument, type Entry, valueAdvice, valueMessage } from './config-node'
import { SPELLINGS } from './config-spellings'
import { readForeign } from './foreign-file'

/** Classes that a file says the pictures have, and where it says so. */
export interface ExpectedClasses {
  readonly names: readonly string[] | null
  readonly count: number
  readonly place: string
}

export interface ConfigFile {
  readonly path: string
  readonly values: ConfigValues
  readonly preset: PresetName | null
  /** Worth saying, though nothing is refused. */
  readonly notes: readonly string[]
  readonly isWhole: boolean
  readonly expected: ExpectedClasses | null
  /** File, line and column of a setting's name; the file alone where it says nothing of it. */
  place(path: string): string
}

/** More is no file of settings. */
const MOST_BYTES = 1024 * 1024

const EMPTY: Omit<ConfigFile, 'path'> = { values: {}, preset: null, notes: [], isWhole: false, expected: null, place: () => '' }

/** The settings that nobody wrote to a file. */
export function noConfigFile(path = ''): ConfigFile {
  return { ...EMPTY, path, place: () => path }
}

/** @throws GraftError NOT_FOUND, UNREADABLE, BAD_INPUT with line and column */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new GraftError('NOT_FOUND', `The configuration file ${path} does not exist.`, { action: 'Check the path given to --config.' })
    throw new GraftError('UNREADABLE', `The configuration file ${path} cannot be read (${systemCode(error) ?? 'unknown'}).`, { action: 'Give a YAML file.', cause: error })
  }
  if (bytes.length > MOST_BYTES) throw new GraftError('BAD_INPUT', `${path} is too large for a file of settings (${bytes.length} bytes; at most ${MOST_BYTES}).`, { action: 'Give a YAML file.' })
  try {
    return parseConfigText(new TextDecoder('utf-8', { fatal: true }).decode(bytes), path)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new GraftError('UNREADABLE', `${path} is not text in UTF-8.`, { action: 'Save it as UTF-8.', cause: error })
  }
}

/** @param path of the file, for messages alone */
export function parseConfigText(text: string, path: string): ConfigFile {
  const document = new ConfigDocument(text, path)
  const root = document.root()
  if (root === null) return noConfigFile(path)
  const reader = new SettingsReader(document)
  const entries = document.entries(root)
  const foreign = readForeign(reader, entries)
  if (foreign === null) for (const entry of entries) reader.readTop(entry)
  return {
    path,
    // Each of them has passed its setting's schema.
    values: reader.values,
    preset: foreign?.preset ?? reader.preset,
    notes: reader.notes,
    isWhole: isWholeConfig(text),
    expected: reader.expected,
    place: (setting) => reader.place(setting),
  }
}

/** Collects checked values and where they stand. */
export class SettingsReader {
  readonly values: Record<string, unknown> = {}
  readonly notes: string[] = []
  preset: PresetName | null = null
  expected: ExpectedClasses | null = null
  private readonly places = new Map<string, number>()

  constructor(readonly document: ConfigDocument) {}

  place(path: string): string {
    for (let end = path; end !== ''; end = end.slice(0, Math.max(0, end.lastIndexOf('.')))) {
      const offset = this.places.get(end)
      if (offset !== undefined) return this.document.at(offset)
    }
    return this.document.path
  }

  /** One of Graft's own keys. @throws GraftError BAD_INPUT */
  readTop(entry: Entry): void {
    const { name, node } = entry
    if (name === 'preset') return this.readPreset(entry)
    if (name === 'augmentation' && isMap(node)) {
      this.places.set(name, entry.keyOffset)
      this.values[name] = Object.fromEntries(this.document.entries(node).map((inner) => [inner.name, this.read(inner, `augmentation.${inner.name}`, augmentationSchema.shape)]))
    } else if (name === 'stages' && isSeq(node)) {
      this.places.set(name, entry.keyOffset)
      this.values[name] = node.items.map((item, index) => this.readStage(item, index + 1, entry))
      this.check({ ...entry, name }, name, runConfigSchema.shape.stages, this.values[name], [])
    } else {
      this.values[name] = this.read(entry, name, runConfigSchema.shape)
    }
  }

  private readStage(item: unknown, number: number, entry: Entry): Record<string, unknown> {
    if (!isMap(item)) {
      const offset = typeof item === 'object' && item !== null && 'range' in item && Array.isArray(item.range) ? Number(item.range[0]) : entry.offset
      throw new GraftError('BAD_INPUT', `${this.document.at(offset)}: stages.${number} expects settings of its own, one "key: value" a line.`, { action: 'For example: - {epochs: 5, freeze: all, learning_rate: 0.001}' })
    }
    this.places.set(`stages.${number}`, item.range?.[0] ?? entry.offset)
    return Object.fromEntries(this.document.entries(item).map((inner) => [inner.name, this.read(inner, `stages.${number}.${inner.name}`, stageSchema.shape)]))
  }

  private readPreset(entry: Entry): void {
    const value = this.document.value(entry.node)
    const parsed = presetNameSchema.safeParse(value)
    if (!parsed.success) {
      const near = typeof value === 'string' ? nearestName(value, PRESETS) : null
      throw new GraftError('BAD_INPUT', `${this.document.at(entry.offset)}: preset expects one of ${PRESETS.join(', ')}.`, { action: near === null ? 'Choose one of them.' : `Did you mean ${near}?` })
    }
    this.places.set('preset', entry.keyOffset)
    this.preset = parsed.data
  }

  /**
   * The value of an entry, checked as the setting at `path`, which may be called otherwise in the file.
   * @param lenient another program's file: names in any case
   */
  read(entry: Entry, path: string, shape: Readonly<Record<string, z.ZodType>>, lenient = false): unknown {
    const schema = Object.hasOwn(shape, path.split('.').at(-1) ?? '') ? shape[path.split('.').at(-1) ?? ''] : undefined
    if (schema === undefined) throw unknownSetting(path, this.document.at(entry.keyOffset))
    this.places.set(path, entry.keyOffset)
    const value = coerced(this.document.value(entry.node), configField(path)?.accepts ?? [], lenient)
    return this.check(entry, path, schema, value, [])
  }

  /** Sets a setting by another name than its own. */
  readAs(entry: Entry, path: keyof typeof runConfigSchema.shape, label: string): void {
    if (this.values[path] !== undefined) {
      throw new GraftError('BAD_INPUT', `${this.document.at(entry.keyOffset)}: ${label} is ${path}, which ${this.place(path)} says already.`, { action: 'Say it once.' })
    }
    this.values[path] = this.read({ ...entry, name: label }, path, runConfigSchema.shape, true)
  }

  set(path: string, value: unknown, entry: Entry): void {
    this.places.set(path, entry.keyOffset)
    this.values[path] = value
  }

  private check(entry: Entry, path: string, schema: z.ZodType, value: unknown, inner: readonly PropertyKey[]): unknown {
    const parsed = withoutDefault(schema).safeParse(value)
    if (parsed.success) return value
    const [issue] = parsed.error.issues
    const where = [...inner, ...(issue?.path ?? [])]
    const place = this.document.at(this.document.offsetWithin(entry, where))
    const field = configField(path)
    const name = entry.name.includes('.') || !path.includes('.') ? entry.name : path
    const message = field === null || issue?.code === 'custom' ? `${name}: ${issue?.message ?? 'not valid'}.` : valueMessage(name, field, value)
    throw new GraftError('BAD_INPUT', `${place}: ${message}`, { action: field === null ? 'Correct the value.' : valueAdvice(field, value) })
  }
}

/** What is written is checked as it stands: nothing written is no default. */
function withoutDefault(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return withoutDefault(schema.unwrap() as z.ZodType)
  return schema
}

/** @param place of the name in a file, or '' */
export function unknownSetting(path: string, place: string): GraftError {
  const section = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : ''
  const name = path.slice(section === '' ? 0 : section.length + 1)
  const names = configNames(section)
  const elsewhere = [...configFields().keys()].filter((known) => !known.includes('*')).find((known) => known !== path && known.split('.').at(-1) === name)
  const near = elsewhere ?? SPELLINGS.get(name.toLowerCase().replaceAll('-', '_')) ?? nearestName(name, section === '' ? [...names, 'preset'] : names)
  return new GraftError('BAD_INPUT', `${place === '' ? '' : `${place}: `}There is no setting "${shown(path)}".`, {
    action: near === null ? `The settings are: ${names.join(', ')}.` : `Did you mean ${near}?`,
  })
}
