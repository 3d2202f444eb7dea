/**
 * Pickle's instructions: the table of opcodes and the one decoder that both passes over a pickle use, so that what is checked
 * (pickle-scan.ts) and what is interpreted (pickle.ts) cannot be two different things.
 */
import { unreadable } from './format-errors'

/** `text`, `skip` (bytes) and `long` are followed by the size of their length in bytes; `name` is two lines, module and name. */
type ArgumentKind =
  | 'none' | 'u1' | 'u2' | 'u4' | 'u8' | 'i4' | 'f8' | 'line' | 'name'
  | 'text1' | 'text4' | 'text8' | 'skip1' | 'skip4' | 'skip8' | 'long1' | 'long4'

/** Opcodes that torch.save writes, which are the ones interpreted (torch/_weights_only_unpickler.py lists the same). */
const ALLOWED = {
  PROTO: [0x80, 'u1'],
  STOP: ['.', 'none'],
  MARK: ['(', 'none'],
  GLOBAL: ['c', 'name'],
  REDUCE: ['R', 'none'],
  NEWOBJ: [0x81, 'none'],
  BUILD: ['b', 'none'],
  APPEND: ['a', 'none'],
  APPENDS: ['e', 'none'],
  SETITEM: ['s', 'none'],
  SETITEMS: ['u', 'none'],
  EMPTY_DICT: ['}', 'none'],
  EMPTY_LIST: [']', 'none'],
  EMPTY_TUPLE: [')', 'none'],
  EMPTY_SET: [0x8f, 'none'],
  TUPLE: ['t', 'none'],
  TUPLE1: [0x85, 'none'],
  TUPLE2: [0x86, 'none'],
  TUPLE3: [0x87, 'none'],
  NONE: ['N', 'none'],
  NEWTRUE: [0x88, 'none'],
  NEWFALSE: [0x89, 'none'],
  BININT: ['J', 'i4'],
  BININT1: ['K', 'u1'],
  BININT2: ['M', 'u2'],
  BINFLOAT: ['G', 'f8'],
  LONG1: [0x8a, 'long1'],
  BINUNICODE: ['X', 'text4'],
  SHORT_BINSTRING: ['U', 'text1'],
  BINGET: ['h', 'u1'],
  LONG_BINGET: ['j', 'u4'],
  BINPUT: ['q', 'u1'],
  LONG_BINPUT: ['r', 'u4'],
  BINPERSID: ['Q', 'none'],
} as const satisfies Record<string, readonly [string | number, ArgumentKind]>

/** All others: known only so that the pass can step over them and name everything that the file asks for. */
const REFUSED: Readonly<Record<string, readonly [string | number, ArgumentKind]>> = {
  POP: ['0', 'none'],
  POP_MARK: ['1', 'none'],
  DUP: ['2', 'none'],
  FLOAT: ['F', 'line'],
  INT: ['I', 'line'],
  LONG: ['L', 'line'],
  STRING: ['S', 'line'],
  UNICODE: ['V', 'line'],
  PERSID: ['P', 'line'],
  GET: ['g', 'line'],
  PUT: ['p', 'line'],
  BINSTRING: ['T', 'text4'],
  DICT: ['d', 'none'],
  LIST: ['l', 'none'],
  INST: ['i', 'name'],
  OBJ: ['o', 'none'],
  EXT1: [0x82, 'u1'],
  EXT2: [0x83, 'u2'],
  EXT4: [0x84, 'i4'],
  LONG4: [0x8b, 'long4'],
  BINBYTES: ['B', 'skip4'],
  SHORT_BINBYTES: ['C', 'skip1'],
  SHORT_BINUNICODE: [0x8c, 'text1'],
  BINUNICODE8: [0x8d, 'text8'],
  BINBYTES8: [0x8e, 'skip8'],
  ADDITEMS: [0x90, 'none'],
  FROZENSET: [0x91, 'none'],
  NEWOBJ_EX: [0x92, 'none'],
  STACK_GLOBAL: [0x93, 'none'],
  MEMOIZE: [0x94, 'none'],
  FRAME: [0x95, 'u8'],
  BYTEARRAY8: [0x96, 'skip8'],
  NEXT_BUFFER: [0x97, 'none'],
  READONLY_BUFFER: [0x98, 'none'],
}

export type OpcodeName = keyof typeof ALLOWED

export interface GlobalName {
  readonly module: string
  readonly name: string
}

export type Argument = number | bigint | string | GlobalName | null

export interface Instruction {
  readonly opcode: Opcode
  /** Byte in the file, for messages. */
  readonly position: number
  readonly argument: Argument
}

export interface Opcode {
  readonly name: string
  /** Null for an opcode that weights never need. */
  readonly allowed: OpcodeName | null
  readonly kind: ArgumentKind
}

const OPCODES: ReadonlyMap<number, Opcode> = new Map([
  ...(Object.keys(ALLOWED) as OpcodeName[]).map((name) => opcodeEntry(name, name, ALLOWED[name])),
  ...Object.entries(REFUSED).map(([name, definition]) => opcodeEntry(name, null, definition)),
])

function opcodeEntry(name: string, allowed: OpcodeName | null, [code, kind]: readonly [string | number, ArgumentKind]): [number, Opcode] {
  return [typeof code === 'string' ? code.charCodeAt(0) : code, { name, allowed, kind }]
}

const MAX_INSTRUCTIONS = 2_000_000
const MAX_PROTOCOL = 5
const MAX_LINE_BYTES = 1024
const STRICT_UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LENIENT_UTF_8 = new TextDecoder()

/** Reads one instruction after the other; nothing is kept, so that a long pickle costs no memory here. */
export class PickleDecoder {
  private readonly view: DataView
  private count = 0

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly what: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The byte behind the last instruction. */
  get end(): number {
    return this.at
  }

  /** Moves on by `count` bytes and returns where they begin. */
  private take(count: number): number {
    const start = this.at
    if (count > this.bytes.length - start) {
      throw unreadable(
        `Expected ${count} more bytes at byte ${start} of ${this.what}, but it ends after ${this.bytes.length - start}. The file was cut short.`,
      )
    }
    this.at = start + count
    return start
  }

  private byte(): number {
    return this.view.getUint8(this.take(1))
  }

  private length(sizeBytes: number): number {
    const start = this.take(sizeBytes)
    if (sizeBytes === 1) return this.view.getUint8(start)
    if (sizeBytes === 4) return this.view.getUint32(start, true)
    // Rounding above 2^53 does no harm: no file is that long.
    return Number(this.view.getBigUint64(start, true))
  }

  private text(sizeBytes: number): string {
    const length = this.length(sizeBytes)
    const start = this.take(length)
    try {
      return STRICT_UTF_8.decode(this.bytes.subarray(start, start + length))
    } catch {
      throw unreadable(`Expected a text in UTF-8 at byte ${start} of ${this.what}, but other bytes came.`)
    }
  }

  private line(): string {
    const end = this.bytes.subarray(0, this.at + MAX_LINE_BYTES).indexOf(0x0a, this.at)
    if (end < 0) {
      throw unreadable(`Expected a line of at most ${MAX_LINE_BYTES} bytes at byte ${this.at} of ${this.what}, but it has no end.`)
    }
    const start = this.take(end + 1 - this.at)
    return LENIENT_UTF_8.decode(this.bytes.subarray(start, end))
  }

  private long(sizeBytes: number): bigint {
    const length = this.length(sizeBytes)
    if (length > 255) {
      throw unreadable(`Expected an integer of at most 255 bytes at byte ${this.at} of ${this.what}, but it claims ${length}.`)
    }
    const start = this.take(length)
    let value = 0n
    for (let index = length - 1; index >= 0; index--) value = (value << 8n) | BigInt(this.view.getUint8(start + index))
    return BigInt.asIntN(length * 8, value)
  }

  private argument(kind: ArgumentKind): Argument {
    switch (kind) {
      case 'none':
        return null
      case 'u1':
        return this.byte()
      case 'u2':
        return this.view.getUint16(this.take(2), true)
      case 'u4':
        return this.view.getUint32(this.take(4), true)
      case 'i4':
        return this.view.getInt32(this.take(4), true)
      case 'u8':
        return this.view.getBigUint64(this.take(8), true)
      case 'f8':
        return this.view.getFloat64(this.take(8))
      case 'line':
        return this.line()
      case 'name':
        return { module: this.line(), name: this.line() }
      case 'text1':
        return this.text(1)
      case 'text4':
        return this.text(4)
      case 'text8':
        return this.text(8)
      case 'skip1':
        return this.skip(1)
      case 'skip4':
        return this.skip(4)
      case 'skip8':
        return this.skip(8)
      case 'long1':
        return this.long(1)
      case 'long4':
        return this.long(4)
    }
  }

  /** The next instruction. Throws UNREADABLE at the first damage and beyond the limits. */
  next(): Instruction {
    if (++this.count > MAX_INSTRUCTIONS) {
      throw unreadable(`Expected at most ${MAX_INSTRUCTIONS} pickle instructions in ${this.what}, but it has more.`)
    }
    const position = this.at
    const code = this.byte()
    const opcode = OPCODES.get(code)
    if (opcode === undefined) {
      throw unreadable(
        `Expected a pickle instruction at byte ${position} of ${this.what}, but the byte 0x${code.toString(16).padStart(2, '0')} came.`,
      )
    }
    const argument = this.argument(opcode.kind)
    if (opcode.name === 'PROTO' && Number(argument) > MAX_PROTOCOL) {
      throw unreadable(`Expected a pickle protocol up to ${MAX_PROTOCOL} in ${this.what}, but ${Number(argument)} came.`)
    }
    return { opcode, position, argument }
  }

  private skip(sizeBytes: number): null {
    this.take(this.length(sizeBytes))
    return null
  }
}


/** For tests: that every opcode has its case. */
export const OPCODE_NAMES = { allowed: Object.keys(ALLOWED), refused: Object.keys(REFUSED) } as const
export const OPCODE_CODES: readonly number[] = [...OPCODES.keys()]
