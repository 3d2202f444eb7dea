/**
 * Strict reader of the JSON header of a safetensors file. `JSON.parse` keeps the last of two equal keys and rounds large
 * integers, and both would let a file mean one thing here and another thing in the reference reader.
 */
import { shown, unreadable } from './format-errors'
import { MAX_RANK, MAX_TENSORS } from './tensor-map'

export interface HeaderEntry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, HeaderEntry>
  readonly metadata: Record<string, string>
}

const WHITE_SPACE = ' \t\n\r'
const LONE_SURROGATE = /\p{Surrogate}/u

class HeaderReader {
  private at = 0

  constructor(private readonly text: string) {}

  fail(expected: string, where: string): Error {
    const came = this.at < this.text.length ? `"${shown(this.text.slice(this.at, this.at + 12))}"` : 'its end'
    return unreadable(`Expected ${expected} in ${where} of the safetensors header at character ${this.at}, but came upon ${came}.`)
  }

  private skipSpace(): void {
    while (this.at < this.text.length && WHITE_SPACE.includes(this.text.charAt(this.at))) this.at++
  }

  take(character: string): boolean {
    this.skipSpace()
    if (this.text[this.at] !== character) return false
    this.at++
    return true
  }

  expect(character: string, where: string): void {
    if (!this.take(character)) throw this.fail(`"${character}"`, where)
  }

  string(where: string): string {
    this.skipSpace()
    const start = this.at
    if (this.text[start] !== '"') throw this.fail('a text in quotes', where)
    let end = start + 1
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1
    try {
      const value: unknown = JSON.parse(this.text.slice(start, end + 1))
      // Half a character is no text for the reference reader either.
      if (typeof value === 'string' && !LONE_SURROGATE.test(value)) {
        this.at = end + 1
        return value
      }
    } catch {
      // Reported below with the place: the parser's own words differ between engines.
    }
    throw this.fail('a text in quotes', where)
  }

  integer(where: string): number {
    this.skipSpace()
    const start = this.at
    while (this.at < this.text.length && /[0-9.eE+-]/.test(this.text.charAt(this.at))) this.at++
    const digits = this.text.slice(start, this.at)
    const value = Number(digits)
    if (!/^(0|[1-9][0-9]*)$/.test(digits) || !Number.isSafeInteger(value)) {
      this.at = start
      throw this.fail('a whole number from 0 to 9007199254740991', where)
    }
    return value
  }

  integers(where: string, limit: number): number[] {
    this.expect('[', where)
    const values: number[] = []
    if (this.take(']')) return values
    do {
      if (values.length >= limit) throw this.fail(`at most ${limit} numbers`, where)
      values.push(this.integer(where))
    } while (this.take(','))
    this.expect(']', where)
    return values
  }

  /** Reads `{"key": …}`; `readValue` must consume the value. Equal keys are refused. */
  object(where: string, limit: number, readValue: (key: string) => void): void {
    this.expect('{', where)
    if (this.take('}')) return
    const seen = new Set<string>()
    do {
      const key = this.string(where)
      if (seen.has(key)) throw unreadable(`Expected each name once in ${where} of the safetensors header, but "${shown(key)}" came twice.`)
      if (seen.size >= limit) throw unreadable(`Expected at most ${limit} names in ${where} of the safetensors header, but more came.`)
      seen.add(key)
      this.expect(':', where)
      readValue(key)
    } while (this.take(','))
    this.expect('}', where)
  }

  end(): void {
    this.skipSpace()
    if (this.at !== this.text.length) throw this.fail('the end', 'the outermost object')
  }
}

function readEntry(reader: HeaderReader, name: string): HeaderEntry {
  const where = `the tensor "${shown(name)}"`
  let dtype: string | undefined
  let shape: number[] | undefined
  let offsets: number[] | undefined
  reader.object(where, 3, (key) => {
    if (key === 'dtype') dtype = reader.string(where)
    else if (key === 'shape') shape = reader.integers(where, MAX_RANK)
    else if (key === 'data_offsets') offsets = reader.integers(where, 2)
    else throw unreadable(`Expected dtype, shape and data_offsets in ${where} of the safetensors header, but "${shown(key)}" came.`)
  })
  const [begin, end] = offsets ?? []
  if (dtype === undefined || shape === undefined || begin === undefined || end === undefined) {
    throw unreadable(`Expected dtype, shape and two data_offsets in ${where} of the safetensors header, but one of them is missing.`)
  }
  return { dtype, shape, begin, end }
}

/** Reads the header's text. Errors name the tensor and the character. */
export function parseSafetensorsHeader(text: string): SafetensorsHeader {
  const reader = new HeaderReader(text)
  const entries = new Map<string, HeaderEntry>()
  // No prototype, so that a key such as "__proto__" is a key like any other.
  const metadata = Object.create(null) as Record<string, string>
  reader.object('the outermost object', MAX_TENSORS + 1, (name) => {
    if (name === '__metadata__') {
      reader.object('__metadata__', MAX_TENSORS, (key) => {
        metadata[key] = reader.string('__metadata__')
      })
    } else {
      entries.set(name, readEntry(reader, name))
    }
  })
  reader.end()
  return { entries, metadata }
}
