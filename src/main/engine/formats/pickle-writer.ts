/** Writes the few pickle opcodes (protocol 2) that a state dict is made of, as Python's pickletools documents them. */

const OPCODES = {
  proto: 0x80,
  stop: 0x2e,
  mark: 0x28,
  global: 0x63,
  unicode: 0x58,
  shortInt: 0x4b,
  int: 0x4a,
  longInt: 0x8a,
  emptyTuple: 0x29,
  tuple: 0x74,
  reduce: 0x52,
  persistentId: 0x51,
  setItems: 0x75,
  putShort: 0x71,
  put: 0x72,
  getShort: 0x68,
  get: 0x6a,
  false: 0x89,
} as const

/** Builds one pickle. What was remembered once is told by its number afterwards, as Python's own pickler does. */
export class PickleWriter {
  private readonly chunks: Uint8Array[] = [Uint8Array.of(OPCODES.proto, 2)]
  private readonly memo = new Map<string, number>()

  mark(): void {
    this.op(OPCODES.mark)
  }

  /** From the last mark to a tuple. */
  tuple(): void {
    this.op(OPCODES.tuple)
  }

  /** Calls the callable below the tuple on top. */
  reduce(): void {
    this.op(OPCODES.reduce)
  }

  /** The tuple on top names something kept outside the pickle. */
  persistentId(): void {
    this.op(OPCODES.persistentId)
  }

  /** Key and value pairs from the last mark go into the dict below it. */
  setItems(): void {
    this.op(OPCODES.setItems)
  }

  emptyTuple(): void {
    this.op(OPCODES.emptyTuple)
  }

  false(): void {
    this.op(OPCODES.false)
  }

  /** A name of Python's: a class or a function. */
  global(module: string, name: string): void {
    this.remembered(`c${module}\n${name}`, () => {
      this.chunks.push(Uint8Array.of(OPCODES.global), new TextEncoder().encode(`${module}\n${name}\n`))
    })
  }

  text(value: string): void {
    this.remembered(`X${value}`, () => {
      const bytes = new TextEncoder().encode(value)
      const start = new Uint8Array(5)
      start[0] = OPCODES.unicode
      new DataView(start.buffer).setUint32(1, bytes.length, true)
      this.chunks.push(start, bytes)
    })
  }

  /** A whole number of 0 or more, up to 2^53. */
  integer(value: number): void {
    if (value < 0x100) this.chunks.push(Uint8Array.of(OPCODES.shortInt, value))
    else if (value < 0x80000000) this.chunks.push(withUint32(OPCODES.int, value))
    else {
      const bytes = new Uint8Array(10)
      bytes.set([OPCODES.longInt, 8])
      new DataView(bytes.buffer).setBigInt64(2, BigInt(value), true)
      this.chunks.push(bytes)
    }
  }

  integers(values: readonly number[]): void {
    if (values.length === 0) return this.emptyTuple()
    this.mark()
    for (const value of values) this.integer(value)
    this.tuple()
  }

  finish(): Uint8Array {
    this.op(OPCODES.stop)
    const out = new Uint8Array(this.chunks.reduce((sum, chunk) => sum + chunk.length, 0))
    let at = 0
    for (const chunk of this.chunks) {
      out.set(chunk, at)
      at += chunk.length
    }
    return out
  }

  private op(code: number): void {
    this.chunks.push(Uint8Array.of(code))
  }

  private remembered(key: string, write: () => void): void {
    const known = this.memo.get(key)
    if (known !== undefined) {
      this.chunks.push(known < 0x100 ? Uint8Array.of(OPCODES.getShort, known) : withUint32(OPCODES.get, known))
      return
    }
    write()
    const index = this.memo.size
    this.memo.set(key, index)
    this.chunks.push(index < 0x100 ? Uint8Array.of(OPCODES.putShort, index) : withUint32(OPCODES.put, index))
  }
}

function withUint32(code: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5)
  bytes[0] = code
  new DataView(bytes.buffer).setUint32(1, value, true)
  return bytes
}
