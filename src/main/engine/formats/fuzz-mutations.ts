/** Damage to files of weights for the fuzzer: blind (bits, cuts, copies) and structural (lengths, opcodes, header fields of zip and JSON). */
import type { KeyedRandom } from '../../../shared/domain/random'
import { torchZip, zipFile } from './opcode-assembly'
import { OPCODE_CODES } from './pickle-opcodes'
import { readStoredZip } from './zip-stored'

export type Mutate = (bytes: Uint8Array, random: KeyedRandom) => Uint8Array

/** Values at the edges of what a length, size or offset can be. */
const EDGES: readonly bigint[] = [
  0n, 1n, 2n, 7n, 8n, 63n, 64n, 127n, 128n, 255n, 256n, 0x7fffn, 0x8000n, 0xffffn, 0x10000n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn,
  2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n,
]
const EDGE_NUMBERS = ['0', '1', '-1', '1.5', '1e3', '4294967296', '9007199254740991', '9007199254740993', '18446744073709551616', 'null', '"4"', '[]', '{}']

function pick<T>(items: readonly T[], random: KeyedRandom, otherwise: T): T {
  return items.length === 0 ? otherwise : (items[random.below(items.length)] ?? otherwise)
}

function at(bytes: Uint8Array, random: KeyedRandom): number {
  return bytes.length === 0 ? 0 : random.below(bytes.length)
}

/** `bytes` with `removed` bytes at `start` replaced by `inserted`. */
function spliced(bytes: Uint8Array, start: number, removed: number, inserted: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(start + removed, bytes.length))
  const out = new Uint8Array(start + inserted.length + rest.length)
  out.set(bytes.subarray(0, start))
  out.set(inserted, start)
  out.set(rest, start + inserted.length)
  return out
}

function withByte(bytes: Uint8Array, position: number, value: number): Uint8Array {
  const out = bytes.slice()
  if (position < out.length) out[position] = value
  return out
}

function withInteger(bytes: Uint8Array, position: number, size: number, value: bigint): Uint8Array {
  const out = bytes.slice()
  for (let index = 0; index < size && position + index < out.length; index++) out[position + index] = Number((value >> BigInt(8 * index)) & 0xffn)
  return out
}

const NOTHING = new Uint8Array(0)

const BLIND: readonly Mutate[] = [
  (bytes, random) => {
    const position = at(bytes, random)
    return withByte(bytes, position, (bytes[position] ?? 0) ^ (1 << random.below(8)))
  },
  (bytes, random) => withByte(bytes, at(bytes, random), random.below(256)),
  (bytes, random) => bytes.slice(0, at(bytes, random)),
  (bytes, random) => spliced(bytes, at(bytes, random), 1 + random.below(16), NOTHING),
  (bytes, random) => {
    const from = at(bytes, random)
    return spliced(bytes, at(bytes, random), 0, bytes.slice(from, from + 1 + random.below(64)))
  },
  (bytes, random) => {
    const from = at(bytes, random)
    const piece = bytes.slice(from, from + 1 + random.below(64))
    return spliced(bytes, at(bytes, random), piece.length, piece)
  },
  (bytes, random) => withInteger(bytes, at(bytes, random), pick([1, 2, 4, 8], random, 4), pick(EDGES, random, 0n)),
]

/** Puts opcodes in the place of bytes, or between them. */
const swapOpcode: Mutate = (bytes, random) => {
  const code = pick(OPCODE_CODES, random, 0x2e)
  return random.below(3) === 0 ? spliced(bytes, at(bytes, random), 0, Uint8Array.of(code)) : withByte(bytes, at(bytes, random), code)
}

/** Offset and size of the fields of the records that begin with `PK` and these two bytes. */
const ZIP_FIELDS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  '3,4': [[4, 2], [6, 2], [8, 2], [14, 4], [18, 4], [22, 4], [26, 2], [28, 2]],
  '1,2': [[8, 2], [10, 2], [16, 4], [20, 4], [24, 4], [28, 2], [30, 2], [32, 2], [34, 2], [38, 4], [42, 4]],
  '5,6': [[4, 2], [6, 2], [8, 2], [10, 2], [12, 4], [16, 4], [20, 2]],
  '6,6': [[4, 8], [24, 8], [32, 8], [40, 8], [48, 8]],
  '6,7': [[4, 4], [8, 8], [16, 4]],
  '7,8': [[4, 4], [8, 4], [12, 4]],
}

function zipFieldsOf(bytes: Uint8Array): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  for (let position = 0; position + 4 <= bytes.length; position++) {
    if (bytes[position] !== 0x50 || bytes[position + 1] !== 0x4b) continue
    for (const [offset, size] of ZIP_FIELDS[`${bytes[position + 2]},${bytes[position + 3]}`] ?? []) found.push([position + offset, size])
  }
  return found
}

const changeZipField: Mutate = (bytes, random) => {
  const [position, size] = pick(zipFieldsOf(bytes), random, [0, 4] as const)
  if (random.below(2) === 0) return withInteger(bytes, position, size, pick(EDGES, random, 0n))
  // A little more or less than what is there is what a lenient reader lets through.
  const near = BigInt((bytes[position] ?? 0) + random.below(5) - 2)
  return withInteger(bytes, position, 1, near & 0xffn)
}

/** Damage to the pickle inside a zip file, packed again with right checksums: otherwise the checksum alone would stop it. */
function repacked(mutate: Mutate): Mutate {
  return (bytes, random) => {
    const members = [...readStoredZip(bytes)]
    return zipFile(members.map(([name, content]) => ({ name, content: name.endsWith('/data.pkl') ? mutate(content, random) : content })))
  }
}

/** A new archive whose pickle has damage and whose storage is short: what lies about sizes meets real bounds. */
const bareZip: Mutate = (bytes, random) => {
  const program = [...readStoredZip(bytes)].find(([name]) => name.endsWith('/data.pkl'))?.[1] ?? NOTHING
  return zipFile(torchZip(several(PICKLE, program, random), { 0: Array.from({ length: random.below(30) }, () => 1) }))
}

/** Changes a number or a word of the JSON header and makes the length before it right again. */
const changeJson: Mutate = (bytes, random) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = Number(view.getBigUint64(0, true))
  const header = new TextDecoder('latin1').decode(bytes.subarray(8, 8 + length))
  const tokens = [...header.matchAll(/\d+|"[^"]*"|[[\]{}:,]/g)]
  const token = pick(tokens, random, tokens[0] ?? Object.assign([''], { index: 0, input: header }) as unknown as RegExpExecArray)
  const isNumber = /^\d/.test(token[0])
  const nearby = String(Number(token[0]) + random.below(9) - 4)
  const other = pick(tokens, random, token)[0]
  const replacement = isNumber ? (random.below(2) === 0 ? nearby : pick(EDGE_NUMBERS, random, '0')) : random.below(3) === 0 ? '' : other
  const changed = header.slice(0, token.index) + replacement + header.slice(token.index + token[0].length)
  const text = Uint8Array.from(changed, (character) => character.charCodeAt(0))
  const out = spliced(bytes, 8, length, text)
  return withInteger(out, 0, 8, BigInt(text.length))
}

const PICKLE: readonly Mutate[] = [...BLIND, swapOpcode, swapOpcode, swapOpcode]

function several(mutations: readonly Mutate[], bytes: Uint8Array, random: KeyedRandom): Uint8Array {
  let out = bytes
  for (let count = 1 + random.below(3); count > 0; count--) out = pick(mutations, random, BLIND[0] ?? ((same) => same))(out, random)
  return out
}

const inPickle: Mutate = (bytes, random) => several(PICKLE, bytes, random)
const blind: Mutate = (bytes, random) => several(BLIND, bytes, random)

/** The kinds of damage that suit a format. */
export const MUTATIONS: Readonly<Record<'zip' | 'legacy' | 'safetensors', readonly Mutate[]>> = {
  zip: [blind, changeZipField, (bytes, random) => changeZipField(changeZipField(bytes, random), random), repacked(inPickle), repacked(inPickle), bareZip],
  legacy: [blind, inPickle, inPickle],
  safetensors: [blind, changeJson, (bytes, random) => changeJson(changeJson(bytes, random), random)],
}
