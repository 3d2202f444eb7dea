/** A parsed settings file: its values with their places, and the errors that name a place. */
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit, type YAMLMap } from 'yaml'
import { type Accepted, type ConfigField, expectation } from '../../../shared/domain/config-fields'
import { GraftError } from '../../../shared/domain/error'
import { nearestName } from '../../../shared/domain/nearest-name'
import { shown } from '../../../shared/domain/shown'

/** One `key: value` of a map. */
export interface Entry {
  readonly name: string
  readonly keyOffset: number
  readonly node: Node | null
  readonly offset: number
}

export class ConfigDocument {
  private readonly lines = new LineCounter()
  private readonly document: Document.Parsed

  /** @throws GraftError BAD_INPUT with line and column */
  constructor(
    text: string,
    readonly path: string,
  ) {
    // YAML 1.2: no merge keys, no dates, and `no` is a word.
    this.document = this.parse(text)
    const [problem] = [...this.document.errors, ...this.document.warnings]
    if (problem === undefined) return
    throw new GraftError('BAD_INPUT', `${this.at(problem.pos[0])}: not valid YAML (${sentence(problem.message)}).`, { action: advice(problem.code) })
  }

  private parse(text: string): Document.Parsed {
    try {
      const document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false, version: '1.2', merge: false, uniqueKeys: true })
      visit(document, {
        Alias: (_, alias) => {
          throw new GraftError('BAD_INPUT', `${this.at(alias.range?.[0])}: "*${shown(alias.source)}" stands for another place of the file, which settings cannot do.`, {
            action: 'Write the value out.',
          })
        },
      })
      return document
    } catch (error) {
      if (error instanceof RangeError) throw new GraftError('BAD_INPUT', `${this.path}: nested too deeply for settings.`, { action: 'Give a file of settings.' })
      throw error
    }
  }

  /** The place of an offset: file, line and column, counted from 1. */
  at(offset: number | undefined): string {
    if (offset === undefined) return this.path
    const { line, col } = this.lines.linePos(offset)
    return `${this.path}, line ${line}, column ${col}`
  }

  /** The whole as a map; null for an empty file. @throws GraftError BAD_INPUT */
  root(): YAMLMap | null {
    const { contents } = this.document
    if (contents === null || (isScalar(contents) && contents.value === null)) return null
    if (isMap(contents)) return contents
    throw new GraftError('BAD_INPUT', `${this.at(0)}: expected settings, one "key: value" a line.`, { action: 'A run’s config.yaml shows all keys, and so does graft config.' })
  }

  entries(map: YAMLMap): Entry[] {
    return map.items.map((pair) => {
      if (!isPair(pair) || !isScalar(pair.key)) {
        throw new GraftError('BAD_INPUT', `${this.at(map.range?.[0])}: expected a name before each colon.`, { action: 'Write key: value.' })
      }
      const keyOffset = pair.key.range?.[0] ?? 0
      const node = isNode(pair.value) ? pair.value : null
      return { name: String(pair.key.value), keyOffset, node, offset: node?.range?.[0] ?? keyOffset }
    })
  }

  /** The plain value of a node. */
  value(node: Node | null): unknown {
    if (node === null || isAlias(node)) return null
    return node.toJS(this.document, { maxAliasCount: 0 })
  }

  /** @param inner where in the value, as zod names it */
  offsetWithin(entry: Entry, inner: readonly PropertyKey[]): number {
    let node: unknown = entry.node
    let offset = entry.offset
    for (const part of inner) {
      if (!isMap(node) && !isSeq(node)) break
      node = node.get(part, true)
      if (!isNode(node)) break
      offset = node.range?.[0] ?? offset
    }
    return offset
  }
}

function sentence(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/[.:]$/, '')
}

function advice(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'Correct the file: say each setting once.'
  if (code === 'MULTIPLE_DOCS') return 'Correct the file to one document: take out the lines with --- and what belongs to the others.'
  if (code === 'TAG_RESOLVE_FAILED') return 'Correct the file: write the value without a tag.'
  return 'Correct the file.'
}

/** What a YAML value looked like, for a message. */
function cameWords(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  return typeof value === 'string' ? `"${shown(value)}"` : JSON.stringify(value)
}

/**
 * Text where a number is expected: PyYAML writes and reads 1e-3 as a string, and so quotes it. Everything else stays as it came.
 * @param lenient other programs' files: words in any case
 */
export function coerced(value: unknown, accepts: readonly Accepted[], lenient = false): unknown {
  const takes = (kind: Accepted['kind']): boolean => accepts.some((one) => one.kind === kind)
  if (typeof value === 'string' && takes('number') && !takes('text') && /^[+-]?(\d[\d_]*\.?\d*|\.\d+)e[+-]?\d+$/i.test(value)) return Number(value.replaceAll('_', ''))
  if (typeof value === 'string' && lenient) {
    const choices = accepts.flatMap((one) => (one.kind === 'choice' ? one.values : []))
    return choices.find((choice) => choice === value) ?? choices.find((choice) => bare(choice) === bare(value)) ?? value
  }
  if (Array.isArray(value)) {
    const of = accepts.flatMap((one) => (one.kind === 'list' ? one.of : []))
    return of.length === 0 ? value : value.map((item: unknown) => coerced(item, of, lenient))
  }
  return value
}

/** Letters and digits alone, so that ReduceLROnPlateau, CrossEntropyLoss and AdamW meet the names they stand for. */
function bare(word: string): string {
  const letters = word.toLowerCase().replace(/[^a-z0-9]/g, '')
  return TORCH_NAMES.get(letters) ?? letters
}

const TORCH_NAMES: ReadonlyMap<string, string> = new Map([
  ['reducelronplateau', 'plateau'],
  ['cosineannealing', 'cosine'],
  ['cosineannealinglr', 'cosine'],
  ['steplr', 'step'],
  ['crossentropyloss', 'crossentropy'],
  ['focalloss', 'focal'],
  ['cuda', 'gpu'],
])

/** What to do about a value that does not fit: the nearest right word, else the general advice. */
export function valueAdvice(field: ConfigField, value: unknown): string {
  const choices = field.accepts.flatMap((one) => (one.kind === 'choice' ? one.values : []))
  const near = typeof value === 'string' && choices.length > 0 ? nearestName(value, choices) : null
  if (near !== null) return `Did you mean ${near}?`
  if (field.accepts.some(({ kind }) => kind === 'boolean')) return 'Write true or false.'
  if (typeof value === 'string' && field.accepts.some(({ kind }) => kind === 'number') && Number.isFinite(Number(value))) return 'Write the number without quotes.'
  return 'Correct the value, or leave it out for its default.'
}

/** The sentence for a value that does not fit. */
export function valueMessage(name: string, field: ConfigField, value: unknown): string {
  return `${name} expects ${expectation(field.accepts)}, but ${cameWords(value)} came.`
}
