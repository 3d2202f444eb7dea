/** Pickles put together by hand: opcodes that weights do not need, and the known ways around scanners. None does anything but fail. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMAND, failureOf, formsOf, GOOD, GOOD_TENSOR, VALUES, zipOf } from './hostile-forms'
import type { Part } from './opcode-assembly'
import { LEGACY_START, bytesOf, global, integer, legacyFile, little, pickle, stateDict, storage, tensor, tuple, unicode } from './opcode-assembly'
import { OPCODE_NAMES } from './pickle-opcodes'
import { readWeights } from './weights-file'

test('the hand-made files are good ones without their faults', () => {
  for (const bytes of [zipOf(GOOD), legacyFile(GOOD, VALUES)]) {
    expect(readWeights(bytes, 'weights.pth').get('w')).toEqual({ shape: [2, 2], data: Float32Array.from([1, 2, 3, 4]) })
  }
})

test('the opcodes that are interpreted are those of torch/_weights_only_unpickler.py', () => {
  const expected = [
    'PROTO STOP MARK GLOBAL REDUCE NEWOBJ BUILD APPEND APPENDS SETITEM SETITEMS EMPTY_DICT EMPTY_LIST EMPTY_TUPLE EMPTY_SET TUPLE TUPLE1 TUPLE2 TUPLE3',
    'NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 BINFLOAT LONG1 BINUNICODE SHORT_BINSTRING BINGET LONG_BINGET BINPUT LONG_BINPUT BINPERSID',
  ].flatMap((line) => line.split(' '))
  expect([...OPCODE_NAMES.allowed].sort()).toEqual(expected.sort())
})

const eight = (value: number): Part => little(value, 8)
/** Each opcode that is refused, in a pickle that would be a right one for Python. */
const REFUSED: Readonly<Record<string, Part>> = {
  POP: 'NN0',
  POP_MARK: 'N(N1',
  DUP: 'N2\x86',
  FLOAT: 'F1.5\n',
  INT: 'I7\n',
  LONG: 'L7L\n',
  STRING: "S'text'\n",
  UNICODE: 'Vtext\n',
  PERSID: 'P0\n',
  GET: 'Nq\0g0\n\x86',
  PUT: 'Np0\n',
  BINSTRING: ['T', little(2, 4), 'ab'],
  DICT: '(d',
  LIST: '(l',
  INST: '(icollections\nOrderedDict\n',
  OBJ: ['(', global('collections', 'OrderedDict'), 'o'],
  EXT1: [0x82, 1],
  EXT2: [0x83, 1, 1],
  EXT4: [0x84, little(1, 4)],
  LONG4: [0x8b, little(1, 4), 5],
  BINBYTES: ['B', little(2, 4), 'ab'],
  SHORT_BINBYTES: 'C\x02ab',
  SHORT_BINUNICODE: [0x8c, 2, 'ab'],
  BINUNICODE8: [0x8d, eight(2), 'ab'],
  BINBYTES8: [0x8e, eight(2), 'ab'],
  ADDITEMS: [0x8f, '(N', 0x90],
  FROZENSET: ['(N', 0x91],
  NEWOBJ_EX: [global('collections', 'OrderedDict'), ')}', 0x92],
  STACK_GLOBAL: [unicode('collections'), unicode('OrderedDict'), 0x93],
  MEMOIZE: ['N', 0x94],
  FRAME: [0x95, eight(2), 'N'],
  BYTEARRAY8: [0x96, eight(2), 'ab'],
  NEXT_BUFFER: [0x97],
  READONLY_BUFFER: ['N', 0x98],
}

test('every opcode that is refused has its case', () => {
  expect(Object.keys(REFUSED)).toEqual(OPCODE_NAMES.refused)
})

test.each(Object.entries(REFUSED))('the opcode %s is refused by name, with how to save the file', (name, parts) => {
  for (const [form, bytes] of formsOf(parts)) {
    const failure = failureOf(bytes)
    expect(failure.code, form).toBe('REFUSED')
    expect(failure.message, form).toMatch(new RegExp(`the pickle opcode ${name}\\b`))
    expect(failure.action, form).toMatch(/save it again in Python with the pickle protocol/)
  }
})

const system = global('os', 'system')
const joinOs = [global('builtins', 'getattr'), tuple(unicode(''), unicode('join')), 'R', tuple([']', unicode('o'), 'a', unicode('s'), 'a']), 'R']
const BYPASSES: readonly (readonly [string, Part, RegExp])[] = [
  ['INST', ['(', COMMAND, 'ios\nsystem\n'], /"os\.system".*INST/],
  ['the text forms of protocol 0', ["(S'ls'\n", 'ios\nsystem\n'], /"os\.system".*STRING.*INST/],
  ['OBJ', ['(', system, COMMAND, 'o'], /"os\.system".*OBJ/],
  ['OBJ thrown away by POP', ['(', system, COMMAND, 'o0}'], /"os\.system".*OBJ.*POP/],
  ['REDUCE thrown away by POP_MARK', ['(', system, tuple(COMMAND), 'R1}'], /"os\.system".*POP_MARK/],
  ['a memo number other than the one a scanner assumes', [global('collections', 'OrderedDict'), 'q\x01', system, 'q\x02', 'h\x02', ')R'], /"os\.system"/],
  ['a memo number set twice', [global('collections', 'OrderedDict'), 'q\x01', system, 'q\x01', 'h\x01', ')R'], /"os\.system"/],
  ['STACK_GLOBAL with its name out of the memo', [unicode('os'), 'q\x07', unicode('system'), 'q\x09', unicode('x'), 'h\x07h\x09', 0x93, tuple(COMMAND), 'R'], /"os\.system".*STACK_GLOBAL/],
  ['STACK_GLOBAL in a frame, with the texts of protocol 4', [0x95, little(999, 8), 0x8c, 2, 'os', 0x94, 0x8c, 6, 'system', 0x94, 0x93], /"os\.system".*FRAME.*MEMOIZE.*STACK_GLOBAL/],
  ['EXT1 without any name', [0x82, 1, ')R'], /EXT1/],
  ['a dotted name through a harmless module', [global('pathlib', 'os.system'), tuple(COMMAND), 'R'], /"pathlib\.os\.system"/],
  ['a dotted name through torch', [global('torch', '_utils._rebuild_tensor_v2'), ')R'], /"torch\._utils\._rebuild_tensor_v2"/],
  ['a dotted name through an allowed class', [global('collections', 'OrderedDict.__init__.__globals__'), ')R'], /OrderedDict\.__init__\.__globals__"/],
  ['an allowed name in other letters', [global('collections', 'ordereddict'), ')R'], /"collections\.ordereddict"/],
  ['an allowed name with a space', [global('collections ', 'OrderedDict'), ')R'], /"collections \.OrderedDict"/],
  ['a submodule of a listed module', [global('asyncio.unix_events', '_UnixSubprocessTransport._start'), ')R'], /"asyncio\.unix_events\._UnixSubprocessTransport\._start"/],
  ['pip.main', [global('pip', 'main'), tuple([']', unicode('install'), 'a']), 'R'], /"pip\.main"/],
  ['a pickle in the pickle', [global('_pickle', 'loads'), tuple(unicode('cos\nsystem\n.')), 'R'], /"_pickle\.loads"/],
  ['a pickle in bytes in the pickle', [global('pickle', 'loads'), 'C\x0e', 'cos\nsystem\n)R.', 0x85, 'R'], /"pickle\.loads".*SHORT_BINBYTES/],
  ['getattr that joins the name "os"', [global('builtins', '__import__'), 'q\x01', joinOs, 0x85, 'R'], /"builtins\.__import__", "builtins\.getattr"/],
  ['eval under its old name', [global('__builtin__', 'eval'), tuple(COMMAND), 'R'], /"__builtin__\.eval"/],
  ['a frame that ends inside bytes which hide a name', [0x95, little(6, 8), 'B', little(12, 4), 'cos\nsystem\n)', system, ')R'], /"os\.system".*FRAME.*BINBYTES/],
  ['a frame longer than the file', [0x95, little(2n ** 63n, 8), system, ')R'], /"os\.system".*FRAME/],
  ['NEWOBJ of a tensor class', [global('torch', 'Size'), ')', 0x81], /NEWOBJ.*"torch\.Size"/],
  ['NEWOBJ_EX of a class', [global('subprocess', 'Popen'), tuple(COMMAND), '}', 0x92], /"subprocess\.Popen".*NEWOBJ_EX/],
  ['REDUCE of a text', [unicode('os.system'), ')R'], /REDUCE.*the text "os\.system"/],
  ['REDUCE of a storage class', [global('torch', 'FloatStorage'), ')R'], /REDUCE.*"torch\.FloatStorage"/],
  ['REDUCE of a number format', [global('torch', 'float32'), ')R'], /REDUCE.*"torch\.float32"/],
  ['REDUCE of a tensor', [GOOD_TENSOR, ')R'], /REDUCE.*a tensor/],
  ['a rebuild function that calls another', [global('torch._utils', '_rebuild_from_type_v2'), tuple(system, 'NNN'), 'R'], /"os\.system", "torch\._utils\._rebuild_from_type_v2"/],
  ['BUILD on a plain dict', ['}}b'], /BUILD/],
  ['BUILD on a tensor', [GOOD_TENSOR, '}b'], /BUILD.*a tensor/],
  ['BUILD with slots', [global('collections', 'OrderedDict'), ')R', tuple('N', ['}', unicode('__class__'), 'Ns']), 'b'], /BUILD.*a dict a tuple/],
  ['BUILD with the slot __setstate__', [global('collections', 'OrderedDict'), ')R', tuple('N', ['}', unicode('__setstate__'), system, 's']), 'b'], /"os\.system"/],
  ['SETITEM on a storage', [storage('0', 4), unicode('a'), 'Ns'], /SETITEM.*a storage/],
  ['SETITEM on a list', [']K\0Ns'], /SETITEM.*a list/],
  ['SETITEMS on a tensor', [GOOD_TENSOR, '(K\0Nu'], /SETITEM.*a tensor/],
  ['APPEND on a tuple', [')Na'], /APPEND.*a tuple/],
  ['APPENDS on a dict', ['}(Ne'], /APPEND.*a dict/],
  ['a persistent id with a path', [tuple(unicode('storage'), global('torch', 'FloatStorage'), unicode('../0'), unicode('cpu'), integer(1)), 'Q'], /BINPERSID.*"\.\.\/0"/],
  ['a persistent id with a sign', [tuple(unicode('storage'), global('torch', 'FloatStorage'), unicode('-1'), unicode('cpu'), integer(1)), 'Q'], /BINPERSID.*"-1"/],
  ['a persistent id with the digits of another script', [tuple(unicode('storage'), global('torch', 'FloatStorage'), [0x58, little(2, 4), 0xd9, 0xa3], unicode('cpu'), integer(1)), 'Q'], /BINPERSID/],
  ['a persistent id with a name as class', [tuple(unicode('storage'), unicode('torch.FloatStorage'), unicode('0'), unicode('cpu'), integer(1)), 'Q'], /BINPERSID/],
  ['a persistent id with source text', [tuple(unicode('module'), global('torch', 'Size'), unicode('x.py'), unicode('code')), 'Q'], /whole model with its source text/],
  ['a payload before damage', [system, tuple(COMMAND), 'R', 0xff], /"os\.system"/],
]

test.each(BYPASSES)('%s: refused and named', (_what, parts, message) => {
  for (const [form, bytes] of formsOf(parts)) {
    const failure = failureOf(bytes)
    expect(failure.message, form).toMatch(message)
    expect(failure.code, form).toBe('REFUSED')
    expect(failure.action, form).toBeTruthy()
  }
})

test('a payload first and then a file cut short is refused by the name of the payload', () => {
  const payload = pickle(system, tuple(COMMAND), 'R', 'X', little(1000, 4), 'short').subarray(0, -1)
  for (const bytes of [payload, bytesOf(LEGACY_START, payload), zipOf(payload)]) expect(failureOf(bytes)).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('"os.system"') })
})

test('an invalid first byte does not end the search for what is wrong', () => {
  // Scanners that stop at the first bad byte call such a file clean; this one is no PyTorch file and is never read further.
  expect(failureOf(bytesOf(0xff, pickle(system, tuple(COMMAND), 'R')))).toMatchObject({ code: 'UNREADABLE', message: expect.stringMatching(/Expected a pickle at byte 0/) })
  expect(failureOf(bytesOf(0x80, 9, system, tuple(COMMAND), 'R.'))).toMatchObject({ code: 'UNREADABLE', message: expect.stringMatching(/protocol up to 5 .* but 9 came/) })
  expect(failureOf(bytesOf(pickle(system, tuple(COMMAND), 'R'), 0xff)).message).toMatch(/"os\.system"/)
})

test('code in any of the five pickles of a legacy file is refused: magic number, protocol, system, weights, storages', () => {
  const evil = pickle(global('builtins', 'eval'), tuple(COMMAND), 'R')
  const magic = LEGACY_START.subarray(0, 15)
  const upToProtocol = LEGACY_START.subarray(0, 21)
  for (const bytes of [bytesOf(evil, GOOD), bytesOf(magic, evil, GOOD), bytesOf(upToProtocol, evil, GOOD), bytesOf(LEGACY_START, evil), bytesOf(LEGACY_START, GOOD, evil)]) {
    expect(failureOf(bytes)).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('"builtins.eval"') })
  }
})

test('the name of the file changes nothing', () => {
  for (const name of ['model.bin', 'model.safetensors', 'model.pt2', 'model.jpg', 'model', 'model.npy']) {
    for (const [, bytes] of formsOf(system, tuple(COMMAND), 'R')) expect(failureOf(bytes, name).message).toContain('"os.system"')
    expect(readWeights(zipOf(GOOD), name).size).toBe(1)
  }
})

test('an honest file of protocol 4 is told how to be saved again', () => {
  const failure = failureOf(zipOf(bytesOf(0x80, 4, 0x95, little(9, 8), 0x8c, 11, 'collections', 0x8c, 11, 'OrderedDict', 0x93, '.')))
  expect(failure).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/opcode FRAME/), action: expect.stringMatching(/save it again/) })
})

test('names out of Object.prototype are names like any other', () => {
  const names = ['__proto__', 'constructor', 'toString', '__defineGetter__']
  const root = stateDict(...names.map((name): [string, Part] => [name, tensor(storage('0', 4), 'K\0', [1], [1])]))
  expect([...readWeights(zipOf(root), 'w').keys()]).toEqual(names)
  expect(({} as Record<string, unknown>)['shape']).toBeUndefined()
})

test('there is no other way of reading: nothing here can run a program, load a module by name or start a process', () => {
  const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  expect(sources).toContain('pickle.ts')
  for (const name of sources) {
    expect(readFileSync(join(import.meta.dirname, name), 'utf8'), name).not.toMatch(/node:(vm|child_process|module|worker_threads)|\beval\(|new Function|\bimport\(|\brequire\(/)
  }
})

test('nothing was run: there is no canary', () => {
  expect(existsSync('/tmp/canary')).toBe(false)
})
