/**
 * Files that ask for far more memory than they have bytes. Each is read in a process of its own, whose peak is measured: beyond the
 * file itself it may grow by twice the file, and by what Node's heap takes before it collects.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleFixture } from '../../storage/fixtures/bundle'
import { LEGACY_START, bytesOf, global, little, pickle, stateDict, storage, tensor, tuple, unicode } from './opcode-assembly'
import type { Part } from './opcode-assembly'

const MEGABYTE = 2 ** 20
const ALLOWANCE_BYTES = 64 * MEGABYTE

const canMeasure = existsSync('/proc/self/status')
if (!canMeasure) console.warn('SKIPPED: the memory that hostile files take is measured on Linux only, where /proc/self/status has the peak.')

interface Outcome {
  readonly code: string
  readonly message: string
  readonly peakBytes: number
  readonly durationMs: number
}

let folder = ''
const CHILD = `
import { readFileSync } from 'node:fs'
import { readCheckpointFile } from './weights-file.mjs'
const [path, extraBytes] = process.argv.slice(2)
const file = readFileSync(path)
const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength)
// Not resourceUsage().maxRSS: a new process inherits that figure from the one that started it, which hides everything smaller.
const statusBytes = (name) => Number(new RegExp(name + ':\\\\s+(\\\\d+) kB').exec(readFileSync('/proc/self/status', 'latin1'))[1]) * 1024
const before = statusBytes('VmRSS')
const start = performance.now()
let outcome = { code: 'ACCEPTED', message: '' }
try {
  globalThis.kept = Number(extraBytes) > 0 ? new Uint8Array(Number(extraBytes)).fill(1) : null
  globalThis.result = readCheckpointFile(bytes, 'bomb.pth')
} catch (error) {
  outcome = { code: error.code ?? 'BUG', message: String(error.message).slice(0, 300) }
}
console.log(JSON.stringify({ ...outcome, durationMs: performance.now() - start, peakBytes: statusBytes('VmHWM') - before }))
`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'graft-bombs-'))
  await bundleFixture(join(import.meta.dirname, 'weights-file.ts'), folder)
  writeFileSync(join(folder, 'child.mjs'), CHILD)
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function readInChild(bytes: Uint8Array, extraBytes = 0): Outcome {
  const path = join(folder, 'bomb.pth')
  writeFileSync(path, bytes)
  const child = spawnSync(process.execPath, [join(folder, 'child.mjs'), path, String(extraBytes)], { encoding: 'utf8', timeout: 30_000 })
  if (child.status !== 0) throw new Error(`The reading process ended with ${String(child.status ?? child.signal)}: ${child.stderr.slice(0, 500)}`)
  return JSON.parse(child.stdout) as Outcome
}

/** `part` again and again, without an array in between. */
function repeated(part: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(part.length * count)
  for (let index = 0; index < count; index++) out.set(part, index * part.length)
  return out
}

/** `count` parts of one length, each with its number in four bytes at `at`. */
function numbered(part: Uint8Array, at: number, count: number): Uint8Array {
  const out = repeated(part, count)
  const view = new DataView(out.buffer)
  for (let index = 0; index < count; index++) view.setUint32(index * part.length + at, index, true)
  return out
}

/** Like `bytesOf`, for parts of megabytes. */
function joined(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))))
}

const afterStart = (program: Uint8Array): Uint8Array => joined(LEGACY_START, program)

const b = (...parts: Part[]): Uint8Array => bytesOf(parts)
const proto = b(0x80, 2)

/** Each is made when its turn comes, so that only one is in memory. */
const BOMBS: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['two million empty dicts', () => afterStart(joined(proto, '](', repeated(b('}'), 1_900_000), 'e.')), /values|at once/],
  ['two million empty lists', () => afterStart(joined(proto, '](', repeated(b(']'), 1_900_000), 'e.')), /values|at once/],
  ['two million empty sets', () => afterStart(joined(proto, '](', repeated(b(0x8f), 1_900_000), 'e.')), /values|at once/],
  ['two million empty texts', () => afterStart(joined(proto, '](', repeated(b('U\x02ab'), 1_900_000), 'e.')), /values|at once/],
  ['tuples in tuples', () => afterStart(joined(proto, 'N', repeated(b(0x85), 1_900_000), '.')), /values that take at most/],
  ['a list in a list, a million deep', () => afterStart(joined(proto, repeated(b(']'), 900_000), repeated(b('a'), 899_999), '.')), /values/],
  ['instructions without end', () => afterStart(joined(proto, repeated(b('NNu'), 2_000_000), '.')), /at most 2000000 pickle instructions|mark/],
  ['a million memo numbers', () => afterStart(joined(proto, 'N', numbered(b('r', little(0, 4)), 1, 1_000_000), '.')), /values that take at most/],
  ['a million dict keys', () => afterStart(joined(proto, '}', numbered(b('J', little(0, 4), 'Ns'), 1, 650_000), '.')), /values that take at most/],
  ['an OrderedDict made again and again', () => afterStart(joined(proto, global('collections', 'OrderedDict'), 'q\x00)q\x01(', repeated(b('h\x00h\x01R'), 600_000), 't.')), /values that take at most/],
  ['a size of 64 numbers made again and again', () => afterStart(joined(proto, global('torch', 'Size'), 'q\x00', tuple(tuple('K\x01'.repeat(64))), 'q\x01(', repeated(b('h\x00h\x01R'), 600_000), 't.')), /values that take at most/],
  ['one list of pairs copied again and again', () => {
    const pairs = joined('](', numbered(b('J', little(0, 4), 'N', 0x86), 1, 60_000), 'e\x85')
    return afterStart(joined(proto, global('collections', 'OrderedDict'), 'q\x00', pairs, 'q\x01(', repeated(b('h\x00h\x01R'), 500_000), 't.'))
  }, /values that take at most/],
  ['a storage mentioned again and again', () => {
    const id = joined(tuple(unicode('storage'), global('torch', 'FloatStorage'), unicode('0'), unicode('cpu'), 'K\x01'), 'q\x00')
    return afterStart(joined(proto, id, '(', repeated(b('h\x00Q'), 900_000), 't.'))
  }, /values that take at most/],
  ['a million names', () => afterStart(joined(proto, repeated(b(global('os', 'system'), global('a', 'b')), 500_000), '.')), /"os\.system"/],
  ['a million different names', () => afterStart(joined(proto, numberedNames(300_000), '.')), /"package\.n0"/],
  ['tensors that share one storage', () => zipWithStorage(Array.from({ length: 400 }, (_, index) => [`w${index}`, tensor(storage('0', MEGABYTE), 'K\0', [MEGABYTE], [1])]), MEGABYTE), /in proportion to the file/],
  ['one value spread over a gigabyte', () => zipWithStorage([['w', tensor(storage('0', 4), 'K\0', [2 ** 28], [0])]], 4), /in proportion to the file/],
  ['values of one byte as float32', () => safetensorsOf('U8', 60 * MEGABYTE, 60 * MEGABYTE), /in proportion to the file/],
  ['a header of white space', () => joined(little(16 * MEGABYTE, 8), '{', new Uint8Array(16 * MEGABYTE - 1).fill(0x20)), /a text in quotes/],
  ['a header of one name', () => joined(little(16 * MEGABYTE, 8), '{"', new Uint8Array(16 * MEGABYTE - 2).fill(0x61)), /a text in quotes/],
  ['a header of digits', () => joined(little(16 * MEGABYTE, 8), '{"a":{"shape":[', new Uint8Array(16 * MEGABYTE - 15).fill(0x39)), /a whole number/],
  ['a header of a million names', () => safetensorsOfNames(400_000), /at most 10001 names|at most 10000/],
]

function numberedNames(count: number): Uint8Array {
  return new Uint8Array(Buffer.from(Array.from({ length: count }, (_, index) => `cpackage\nn${index}\n`).join('')))
}

function zipWithStorage(entries: readonly (readonly [string, Part])[], values: number): Uint8Array {
  const program = stateDict(...entries)
  const listed = pickle(']', unicode('0'), 'a')
  return joined(LEGACY_START, program, listed, little(values, 8), new Uint8Array(values * 4))
}

function safetensorsOf(dtype: string, count: number, sizeBytes: number): Uint8Array {
  const header = `{"a":{"dtype":"${dtype}","shape":[${count}],"data_offsets":[0,${sizeBytes}]}}`
  return joined(little(header.length, 8), header, new Uint8Array(sizeBytes))
}

function safetensorsOfNames(count: number): Uint8Array {
  const header = `{${Array.from({ length: count }, (_, index) => `"${index}":{"dtype":"F32","shape":[],"data_offsets":[0,4]}`).join(',')}}`.slice(0, 15 * MEGABYTE)
  return joined(little(header.length, 8), header)
}

test.skipIf(!canMeasure)('the measurement sees what is allocated', () => {
  const outcome = readInChild(afterStart(b(proto, '}.')), 256 * MEGABYTE)
  expect(outcome.peakBytes).toBeGreaterThan(250 * MEGABYTE)
})

test.skipIf(!canMeasure).each(BOMBS)('%s: refused in twice the memory of the file', (_what, make, message) => {
  const bytes = make()
  const outcome = readInChild(bytes)
  if (process.env['GRAFT_SHOW_MEMORY'] !== undefined) console.info(_what, (bytes.length / MEGABYTE).toFixed(1), (outcome.peakBytes / MEGABYTE).toFixed(1), outcome.durationMs.toFixed(0), outcome.message)
  expect(outcome.message).toMatch(message)
  expect(['UNREADABLE', 'REFUSED']).toContain(outcome.code)
  expect(outcome.peakBytes).toBeLessThan(2 * bytes.length + ALLOWANCE_BYTES)
  expect(outcome.durationMs).toBeLessThan(10_000)
})
