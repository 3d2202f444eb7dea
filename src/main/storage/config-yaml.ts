/** A run's configuration as YAML: a line of help above each key, and after each value where it came from. */
import { basename } from 'node:path'
import { Document, isCollection, isMap, isPair, isScalar, isSeq, parseDocument, visit, YAMLMap } from 'yaml'
import { configField, configPaths, expectation } from '../../shared/domain/config-fields'
import { CONFIG_SOURCES, type ConfigSource, type ConfigSources } from '../../shared/domain/config-layers'
import { meaningOf, sourceWords } from '../../shared/domain/config-meaning'
import type { RunConfig } from '../../shared/domain/run-config'

/** In the head of every file that is written whole: not every value in it was meant by somebody. */
const WHOLE = 'graft train --config FILE takes such a file'

export interface YamlOrigin {
  readonly sources: ConfigSources
  readonly preset: string | null
  /** Path of the settings file that took part. */
  readonly file?: string | null
  /** What a run made of the values that were left open, by path. */
  readonly resolved?: Readonly<Record<string, unknown>>
}

export interface YamlOptions {
  /** As a key, so that the file starts from that preset again. A run's own file has it in words alone. */
  readonly presetKey?: boolean
}

/** Text that stays on its line as a comment. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ')
}

/** The text of `config.yaml`. Without an origin, as for a model that another program trained, nothing is said of it. */
export function configToYaml(config: RunConfig, origin: YamlOrigin | null = null, { presetKey = false }: YamlOptions = {}): string {
  const { preset = null } = origin ?? {}
  const head = preset !== null && presetKey ? { preset } : {}
  const document = new Document({ ...head, ...config })
  const from = preset === null ? '' : ` Preset ${plain(preset)}.`
  document.commentBefore = ` Everything that decided this run; ${WHOLE}.${from}`
  annotate(document.contents, '', (path) => trailing(config, origin, path))
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function annotate(node: unknown, section: string, trailingOf: (path: string) => string | null): void {
  if (isSeq(node)) return node.items.forEach((item, index) => annotate(item, `${section}.${index + 1}`, trailingOf))
  if (!isMap(node)) return
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key) || typeof pair.key.value !== 'string') continue
    const path = section === '' ? pair.key.value : `${section}.${pair.key.value}`
    if (path === 'preset') {
      pair.key.commentBefore = ' Where the settings start from; what is below comes on top'
      continue
    }
    const help = helpLine(path)
    // The help of a stage's settings stands once, at the run's.
    const isRepeated = /^stages\.(?!1\.)/.test(path)
    if (help !== '' && !isRepeated) pair.key.commentBefore = ` ${help}`
    if (isCollection(pair.value) && (path === 'augmentation' || (path === 'stages' && pair.value.items.length > 0))) {
      annotate(pair.value, path, trailingOf)
      continue
    }
    if (isCollection(pair.value)) pair.value.flow = true
    const comment = trailingOf(path)
    if (comment !== null && (isScalar(pair.value) || isCollection(pair.value))) pair.value.comment = ` ${comment}`
  }
}

/** `Step size of the optimizer (a number from 0 to 10)` */
export function helpLine(path: string): string {
  const field = configField(path)
  if (field === null) return ''
  const isSection = field.accepts.some(({ kind }) => kind === 'section')
  const isText = field.accepts.every(({ kind }) => kind === 'text' || kind === 'nothing')
  const takes = isSection || isText ? '' : ` (${expectation(field.accepts)})`
  return plain(`${field.help}${takes}`)
}

function trailing(config: RunConfig, origin: YamlOrigin | null, path: string): string | null {
  const meaning = meaningOf(config, path)
  if (origin === null) return meaning
  const became = origin.resolved?.[path]
  const source = sourceWords(origin.sources[path] ?? 'default', { preset: origin.preset, file: typeof origin.file === 'string' ? basename(origin.file) : null })
  const open = became === undefined ? meaning : `became ${typeof became === 'string' ? became : JSON.stringify(became)}, measured`
  return plain(open === null ? source : `${source}; ${open}`)
}

/** True for a file that was written whole, here or by an earlier version. */
export function isWholeConfig(text: string): boolean {
  return text.slice(0, 400).includes(WHOLE)
}

/** Where the values of a run came from, as the comments of its `config.yaml` say it; what they do not say is `default`. */
export function sourcesInYaml(text: string, config: RunConfig): ConfigSources {
  const found = new Map<string, ConfigSource>()
  visit(parseDocument(text), {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.key) || (!isScalar(pair.value) && !isCollection(pair.value))) return
      const word = pair.value.comment?.trim().match(/^[a-z]+/)?.[0]
      const source = CONFIG_SOURCES.find((known) => known === word)
      if (source !== undefined) found.set([...sectionOf(ancestors), String(pair.key.value)].join('.'), source)
    },
  })
  return Object.fromEntries(configPaths(config).map((path) => [path, found.get(path) ?? 'default']))
}

/** The path of the map that a pair lies in: keys of the pairs around it, and places in lists counted from 1. */
function sectionOf(ancestors: readonly unknown[]): string[] {
  return ancestors.flatMap((node, index) => {
    if (isPair(node) && isScalar(node.key)) return [String(node.key.value)]
    const next = ancestors[index + 1]
    return isSeq(node) && next instanceof YAMLMap ? [String(node.items.indexOf(next) + 1)] : []
  })
}
