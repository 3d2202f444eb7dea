/** Byte-level builders of pickles, PyTorch files and zip files for tests: what no library would write has to be put together by hand. */
import { crc32 } from './crc32'

export type Part = string | number | Uint8Array | readonly Part[]

/** Joins texts (Latin-1), single bytes and byte arrays. */
export function bytesOf(...parts: readonly Part[]): Uint8Array {
  const out: number[] = []
  const add = (part: Part): void => {
    if (typeof part === 'number') out.push(part & 0xff)
    else if (typeof part === 'string') for (const character of part) out.push(character.charCodeAt(0))
    else for (const inner of part) add(inner)
  }
  parts.forEach(add)
  return Uint8Array.from(out)
}

/** `value` in `size` little-endian bytes. */
export function little(value: number | bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn))
}

export const PROTO = bytesOf(0x80, 2)
export const STOP = '.'
export const unicode = (text: string): Uint8Array => bytesOf('X', little(text.length, 4), text)
export const integer = (value: number): Uint8Array => bytesOf('J', little(value, 4))
export const global = (module: string, name: string): string => `c${module}\n${name}\n`
export const tuple = (...items: readonly Part[]): Uint8Array => bytesOf('(', items, 't')
export const pickle = (...parts: readonly Part[]): Uint8Array => bytesOf(PROTO, parts, STOP)

/** A float storage mentioned by its persistent id. */
export function storage(key: string, elements: number, type = 'FloatStorage'): Uint8Array {
  return bytesOf(tuple(unicode('storage'), global('torch', type), unicode(key), unicode('cpu'), integer(elements)), 'Q')
}

export function tensor(source: Part, offset: Part, shape: readonly number[], stride: readonly number[]): Uint8Array {
  const hooks = [global('collections', 'OrderedDict'), ')R']
  return bytesOf(global('torch._utils', '_rebuild_tensor_v2'), tuple(source, offset, tuple(...shape.map(integer)), tuple(...stride.map(integer)), 0x89, hooks), 'R')
}

export function stateDict(...pairs: readonly (readonly [string, Part])[]): Uint8Array {
  return pickle('}(', pairs.map(([name, value]) => [unicode(name), value]), 'u')
}

export const LEGACY_START = bytesOf(
  pickle(0x8a, 10, little(0x1950a86a20f9469cfc6cn, 10)),
  pickle('M', little(1001, 2)),
  pickle('}', unicode('little_endian'), 0x88, 's'),
)

/** A legacy file around the pickle `root`; the storages are float32. */
export function legacyFile(root: Uint8Array, storages: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const keys = Object.keys(storages)
  const contents = keys.map((key) => {
    const values = storages[key] ?? []
    return [little(values.length, 8), new Uint8Array(Float32Array.from(values).buffer)]
  })
  return bytesOf(LEGACY_START, root, pickle('](', keys.map(unicode), 'e'), contents)
}

export interface ZipMember {
  readonly name: string
  readonly content: Uint8Array
  readonly localName?: string
  readonly crc?: number
  readonly flags?: number
  readonly method?: number
}

/** A plain zip file; the optional fields put lies into it. `gap` bytes go before the central directory. */
export function zipFile(members: readonly ZipMember[], gap: Part = ''): Uint8Array {
  const locals: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const { name, content, localName = name, crc = crc32(content), flags = 0, method = 0 } of members) {
    const common = (length: number): Part => [little(flags, 2), little(method, 2), little(0, 4), little(crc, 4), little(content.length, 4), little(content.length, 4), little(length, 2), little(0, 2)]
    const local = bytesOf('PK\x03\x04', little(0, 2), common(localName.length), localName, content)
    central.push(bytesOf('PK\x01\x02', little(0, 4), common(name.length), little(0, 10), little(offset, 4), name))
    locals.push(local)
    offset += local.length
  }
  const filler = bytesOf(gap)
  const directory = bytesOf(central)
  const end = bytesOf('PK\x05\x06', little(0, 4), little(members.length, 2), little(members.length, 2), little(directory.length, 4), little(offset + filler.length, 4), little(0, 2))
  return bytesOf(locals, filler, directory, end)
}

export function torchZip(root: Uint8Array, storages: Readonly<Record<string, readonly number[]>> = {}): ZipMember[] {
  return [
    { name: 'a/data.pkl', content: root },
    { name: 'a/version', content: bytesOf('3\n') },
    ...Object.entries(storages).map(([key, values]) => ({ name: `a/data/${key}`, content: new Uint8Array(Float32Array.from(values).buffer) })),
  ]
}
