/** Malicious and broken files of weights, put together by hand. None may do anything but fail with an error of ours that says why. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GraftError } from '../../../shared/domain/error'
import { KeyedRandom } from '../../../shared/domain/random'
import {
  LEGACY_START, bytesOf, global, integer, legacyFile, little, pickle, stateDict, storage, tensor, torchZip, tuple, unicode, zipFile,
} from './opcode-assembly'
import type { Part } from './opcode-assembly'
import { writeSafetensors } from './safetensors'
import { readWeights } from './weights-file'

function failureOf(bytes: Uint8Array): GraftError {
  try {
    readWeights(bytes, 'weights.pth')
  } catch (error) {
    if (error instanceof GraftError) return error
    throw error
  }
  throw new Error('The file was accepted')
}

const GOOD = stateDict(['w', tensor(storage('0', 4), 'K\0', [2, 2], [2, 1])])
const VALUES = { 0: [1, 2, 3, 4] }
const zipOf = (root: Uint8Array): Uint8Array => zipFile(torchZip(root, VALUES))

test('the hand-made files are good ones without their faults', () => {
  for (const bytes of [zipOf(GOOD), legacyFile(GOOD, VALUES)]) {
    expect(readWeights(bytes, 'weights.pth').get('w')).toEqual({ shape: [2, 2], data: Float32Array.from([1, 2, 3, 4]) })
  }
})

const COMMAND = unicode('touch /tmp/canary')
const MALICIOUS: readonly (readonly [string, Part, RegExp])[] = [
  ['GLOBAL and REDUCE', [global('os', 'system'), tuple(COMMAND), 'R'], /"os\.system"/],
  ['posix under its other name', [global('posix', 'system'), tuple(COMMAND), 'R'], /"posix\.system"/],
  ['the text forms of protocol 0', ["(S'ls'\n", 'ios\nsystem\n'], /"os\.system".*STRING.*INST/],
  ['INST', ['(', COMMAND, 'ios\nsystem\n'], /"os\.system".*INST/],
  ['OBJ', ['(', global('os', 'system'), COMMAND, 'o'], /"os\.system".*OBJ/],
  ['OBJ thrown away by POP', ['(', global('os', 'system'), COMMAND, 'o0}'], /"os\.system".*OBJ.*POP/],
  ['STACK_GLOBAL', [unicode('os'), unicode('system'), 0x93, tuple(COMMAND), 'R'], /"os\.system".*STACK_GLOBAL/],
  ['STACK_GLOBAL in a frame, with the texts of protocol 4', [0x95, little(999, 8), 0x8c, 2, 'os', 0x94, 0x8c, 6, 'system', 0x94, 0x93], /"os\.system".*FRAME.*MEMOIZE.*STACK_GLOBAL/],
  ['EXT1', [0x82, 1], /EXT1/],
  ['NEWOBJ_EX', [')}', 0x92], /NEWOBJ_EX/],
  ['builtins.getattr', [global('builtins', 'getattr'), tuple(global('torch', 'Size'), unicode('x')), 'R'], /"builtins\.getattr"/],
  ['eval under its old name', [global('__builtin__', 'eval'), tuple(COMMAND), 'R'], /"__builtin__\.eval"/],
  ['a dotted name through a harmless module', [global('pathlib', 'os.system'), tuple(COMMAND), 'R'], /"pathlib\.os\.system"/],
  ['a dotted name through torch', [global('torch', '_utils._rebuild_tensor_v2'), ')R'], /_rebuild_tensor_v2"/],
  ['a part of a listed module', [global('asyncio.unix_events', '_UnixSubprocessTransport._start'), ')R'], /asyncio\.unix_events/],
  ['pip', [global('pip', 'main'), tuple(COMMAND), 'R'], /"pip\.main"/],
  ['another pickle loaded by the pickle', [global('_pickle', 'loads'), ')R'], /"_pickle\.loads"/],
  ['a rebuild function that is not listed', [global('torch._utils', '_rebuild_from_type_v2'), ')R'], /_rebuild_from_type_v2"/],
  ['a tensor class built by NEWOBJ', [global('torch', 'Size'), ')', 0x81], /NEWOBJ.*"torch\.Size"/],
  ['REDUCE of a text', [unicode('os.system'), ')R'], /REDUCE.*the text "os\.system"/],
  ['REDUCE of a storage class', [global('torch', 'FloatStorage'), ')R'], /REDUCE.*"torch\.FloatStorage"/],
  ['BUILD on a plain dict', ['}}b'], /BUILD/],
  ['BUILD with a slot state', [global('collections', 'OrderedDict'), ')R', tuple('N', ['}', unicode('__class__'), 'Ns']), 'b'], /BUILD/],
  ['SETITEM on a storage', [storage('0', 4), unicode('a'), 'Ns'], /SETITEM.*a storage/],
  ['APPEND on a tuple', [')Na'], /APPEND.*a tuple/],
  ['a persistent id with a path', [tuple(unicode('storage'), global('torch', 'FloatStorage'), unicode('../0'), unicode('cpu'), integer(1)), 'Q'], /BINPERSID.*"\.\.\/0"/],
  ['a persistent id with source text', [tuple(unicode('module'), global('torch', 'Size'), unicode('x.py'), unicode('code')), 'Q'], /whole model with its source text/],
  ['a payload before damage', [global('os', 'system'), tuple(COMMAND), 'R', 0xff], /"os\.system"/],
  ['a name that would drive a terminal', [global('os\x1b[2J', 'x'), ')R'], /os\\u\{1b\}\[2J\.x/],
]

test.each(MALICIOUS)('%s is refused and named', (_what, parts, message) => {
  for (const bytes of [zipOf(pickle(parts)), legacyFile(pickle(parts), VALUES), bytesOf(pickle(parts))]) {
    const failure = failureOf(bytes)
    expect(failure.message).toMatch(message)
    expect(failure.code).toBe('REFUSED')
    expect(failure.action).toBeTruthy()
  }
})

test('code in the magic number, in the system description and in the list of storages is refused', () => {
  const evil = pickle(global('builtins', 'eval'), tuple(COMMAND), 'R')
  expect(failureOf(bytesOf(evil, GOOD)).message).toMatch(/"builtins\.eval"/)
  expect(failureOf(bytesOf(LEGACY_START.subarray(0, 21), evil, GOOD)).message).toMatch(/"builtins\.eval"/)
  expect(failureOf(bytesOf(LEGACY_START, GOOD, evil)).message).toMatch(/"builtins\.eval"/)
})

test('an honest file of another pickle protocol is told how to be saved again', () => {
  const failure = failureOf(zipOf(bytesOf(0x80, 4, 0x95, little(9, 8), 0x8c, 11, 'collections', 0x8c, 11, 'OrderedDict', 0x93, '.')))
  expect(failure).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/opcode FRAME/), action: expect.stringMatching(/save it again/) })
})

test('a memo number other than the one a scanner assumes changes nothing', () => {
  // The harmless class is put under 1, os.system under 2, and 2 is called.
  const parts = [global('collections', 'OrderedDict'), 'q\x01', global('os', 'system'), 'q\x02', 'h\x02', ')R']
  expect(failureOf(zipOf(pickle(parts))).message).toMatch(/"os\.system"/)
})

const weight = (part: Part): Uint8Array => stateDict(['w', part])
const BROKEN: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['a storage larger than its member', weight(tensor(storage('0', 5), 'K\0', [5], [1])), /Expected 20 bytes.*"data\/0".*16 came|Expected 5 values in the storage "0", but 4 came/],
  ['a storage under two types', stateDict(['a', tensor(storage('0', 4), 'K\0', [4], [1])], ['b', tensor(storage('0', 2, 'DoubleStorage'), 'K\0', [2], [1])]), /as before/],
  ['a storage that is missing', weight(tensor(storage('7', 1), 'K\0', [1], [1])), /data\/7|only storages that the weights use/],
  ['a stride past the end', weight(tensor(storage('0', 4), 'K\0', [2, 2], [3, 1])), /"w" inside the 4 values.*value 4/],
  ['an offset past the end', weight(tensor(storage('0', 4), 'K\x04', [1], [1])), /value 4/],
  ['a huge stride', weight(tensor(storage('0', 4), 'K\0', [2], [2 ** 31 - 1])), /value 2147483647/],
  ['a negative size', weight(tensor(storage('0', 4), 'K\0', [-1], [1])), /tensor's shape/],
  ['a negative stride', weight(tensor(storage('0', 4), 'K\x03', [2], [-1])), /tensor's strides/],
  ['a negative offset', weight(tensor(storage('0', 4), integer(-1), [2], [1])), /tensor's offset/],
  ['a negative storage size', weight(tensor(storage('0', -4), 'K\0', [2], [1])), /size of a storage/],
  ['an offset of 2^64', weight(tensor(storage('0', 4), [0x8a, 9, little(2n ** 64n, 9)], [2], [1])), /value 18446744073709551617/],
  ['a shape that wraps at 2^64', weight(tensor(storage('0', 4), 'K\0', [65536, 65536, 65536, 65536], [0, 0, 0, 0])), /in proportion to the file/],
  ['one value spread over a gigabyte', weight(tensor(storage('0', 4), 'K\0', [2 ** 28], [0])), /in proportion to the file/],
  ['a fraction as size', weight([global('torch._utils', '_rebuild_tensor'), tuple(storage('0', 4), 'K\0', tuple(['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), tuple('K\x01')), 'R']), /tensor's shape/],
  ['fewer strides than sizes', weight(tensor(storage('0', 4), 'K\0', [2, 2], [1])), /2 strides/],
  ['65 dimensions', weight(tensor(storage('0', 4), 'K\0', Array(65).fill(1) as number[], Array(65).fill(1) as number[])), /at most 64/],
  ['an empty stack', pickle(')R'), /Expected a value .* but nothing came/],
  ['a memo number that was never set', pickle('h\x05'), /number 5/],
  ['a memo number over the limit', pickle('N', 'r', little(2 ** 31, 4)), /memo number/],
  ['a mark that is missing', pickle('t'), /a mark/],
  ['values left over', pickle('NN'), /one value at the end/],
  ['a value taken from below the mark', pickle('N(a'), /Expected a value/],
  ['marks without end', pickle('('.repeat(100)), /nested/],
  ['a text longer than the file', pickle('X', little(2 ** 32 - 1, 4), 'a'), /more bytes/],
  ['a text that is not UTF-8', pickle('X', little(1, 4), 0xff), /UTF-8/],
  ['a byte that is no opcode', pickle(0xff), /0xff/],
]

test.each(BROKEN)('%s is said to be unreadable', (_what, root, message) => {
  for (const bytes of [zipOf(root), legacyFile(root, VALUES)]) {
    const failure = failureOf(bytes)
    expect(failure.message).toMatch(message)
    expect(failure.code).toBe('UNREADABLE')
  }
})

test.each([
  ['no tensor at all', stateDict(['epoch', 'K\x05']), /"epoch" without tensors/],
  ['a list', pickle(']'), /a list came/],
  ['a tensor under a number', pickle('}K\x01', tensor(storage('0', 0), 'K\0', [0], [1]), 's'), /without tensors/],
])('%s instead of a state dict is said to be unreadable', (what, root, message) => {
  for (const bytes of [zipFile(torchZip(root)), legacyFile(root, what.includes('number') ? { 0: [] } : {})]) expect(failureOf(bytes).message).toMatch(message)
})

test('a value that doubles sixty times, and one that holds itself, cost nothing', () => {
  const doubling = Array.from({ length: 60 }, (_, index) => ['h', index, 'h', index, 0x86, 'q', index + 1])
  const bomb = stateDict(['bomb', [')q\0', doubling]], ['w', tensor(storage('0', 4), 'K\0', [4], [1])])
  expect([...readWeights(zipOf(bomb), 'w').keys()]).toEqual(['w'])
  const cyclic = pickle('}q\x01', unicode('state_dict'), 'h\x01s')
  expect(failureOf(zipOf(cyclic)).message).toMatch(/without tensors/)
})

test('names out of Object.prototype are names like any other', () => {
  const root = stateDict(['__proto__', tensor(storage('0', 4), 'K\0', [1], [1])], ['constructor', tensor(storage('0', 4), 'K\x01', [1], [1])])
  expect([...readWeights(zipOf(root), 'w').keys()]).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>)['shape']).toBeUndefined()
})

const members = torchZip(GOOD, VALUES)
const data = members[0] ?? { name: '', content: new Uint8Array(0) }
const rest = members.slice(1)
test.each<[string, Uint8Array, string, RegExp]>([
  ['a wrong checksum', zipFile([{ ...data, crc: 1 }, ...rest]), 'UNREADABLE', /checksum 1 for the zip member "a\/data\.pkl"/],
  ...[0x1, 0x20, 0x40].map((flags): [string, Uint8Array, string, RegExp] => [`the flag ${flags}`, zipFile([{ ...data, flags }, ...rest]), 'REFUSED', /encrypted or patched/]),
  ['a compressed member', zipFile([{ ...data, method: 8 }, ...rest]), 'REFUSED', /compressed/],
  ['two names for one member', zipFile([{ ...data, localName: 'a/data.pkx' }, ...rest]), 'REFUSED', /also called "a\/data\.pkx"/],
  ['two data.pkl', zipFile([data, data, ...rest]), 'REFUSED', /"a\/data\.pkl" came twice/],
  ['two archives in one', zipFile([data, { ...data, name: 'b/data.pkl' }, ...rest]), 'REFUSED', /"b\/data\.pkl"/],
  ['no data.pkl', zipFile(rest), 'UNREADABLE', /member data\.pkl/],
  ['TorchScript', zipFile([{ name: 'a/constants.pkl', content: data.content }, data]), 'REFUSED', /TorchScript/],
  ['a strange member', zipFile([data, { name: 'a/../evil', content: data.content }]), 'REFUSED', /evil/],
  ['a hidden gap', zipFile(members, 'hidden'), 'REFUSED', /last zip member/],
  ['bytes behind the end', bytesOf(zipFile(members), 'x'), 'UNREADABLE', /end record/],
  ['bytes behind the pickle', zipOf(bytesOf(GOOD, 'x')), 'UNREADABLE', /1 bytes follow/],
  ['big-endian values', zipFile([...members, { name: 'a/byteorder', content: bytesOf('big') }]), 'UNSUPPORTED', /big-endian/],
  ['bytes behind the storages', bytesOf(legacyFile(GOOD, VALUES), 0), 'UNREADABLE', /1 bytes follow/],
  ['a pickle that is no PyTorch file', GOOD, 'UNREADABLE', /magic number/],
  ['the tar format', bytesOf(new Uint8Array(257), 'ustar', new Uint8Array(300)), 'REFUSED', /tar format/],
  ['an empty file', new Uint8Array(0), 'UNREADABLE', /empty/],
  ['a web page', bytesOf('<!DOCTYPE html><p>404'), 'UNREADABLE', /web page/],
  ['a text', bytesOf('hello'), 'UNREADABLE', /"hello" came/],
  ['a 7z archive', bytesOf('7z', 0xbc, 0xaf, 0x27, 0x1c), 'UNREADABLE', /7z/],
])('%s: refused', (_what, bytes, code, message) => {
  const failure = failureOf(bytes)
  expect(failure.message).toMatch(message)
  expect(failure.code).toBe(code)
})

const golden = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`./goldens/${name}`, import.meta.url)))

test.each([
  ['the zip format', golden('plain-zip.pth')],
  ['a hand-made zip', zipOf(GOOD)],
  ['the legacy format', golden('plain-legacy.pth')],
])('%s cut at every byte fails with our own error', (_what, bytes) => {
  for (let length = 0; length < bytes.length; length++) expect(['UNREADABLE', 'REFUSED']).toContain(failureOf(bytes.subarray(0, length)).code)
})

function mutate(bytes: Uint8Array, random: KeyedRandom): Uint8Array {
  const out = [...bytes]
  for (let count = 1 + random.below(4); count > 0 && out.length > 0; count--) {
    const at = random.below(out.length)
    const kind = random.below(4)
    if (kind === 0) out[at] = random.below(256)
    else if (kind === 1) out[at] = (out[at] ?? 0) ^ (1 << random.below(8))
    else if (kind === 2) out.splice(at, 1 + random.below(8))
    else out.splice(at, 0, ...out.slice(at, at + 1 + random.below(16)))
  }
  return Uint8Array.from(out)
}

test('thousands of damaged files give weights or an error of ours, never anything else', () => {
  // Damaged pickles are also packed into a zip with right checksums: otherwise the checksum alone would stop them all.
  const windows = golden('windows-legacy.pth')
  const starts: readonly ((random: KeyedRandom) => Uint8Array)[] = [
    (random) => mutate(golden('plain-zip.pth'), random),
    (random) => mutate(windows, random),
    (random) => mutate(golden('nested-legacy.pth'), random),
    (random) => mutate(writeSafetensors(new Map([['a', { shape: [2], data: new Float32Array(2) }], ['b', { shape: [], data: new Float32Array(1) }]])), random),
    (random) => zipOf(mutate(GOOD, random)),
    (random) => mutate(zipOf(GOOD), random),
  ]
  let refusedCount = 0
  const total = 6000
  for (let index = 0; index < total; index++) {
    const make = starts[index % starts.length]
    try {
      readWeights(make?.(new KeyedRandom(11, 'sample', index)) ?? new Uint8Array(0), 'fuzzed')
    } catch (error) {
      if (!(error instanceof GraftError)) throw new Error(`Mutation ${index} gave ${String(error)}`, { cause: error })
      refusedCount++
    }
  }
  expect(refusedCount).toBeGreaterThan(total / 2)
}, 60_000)
