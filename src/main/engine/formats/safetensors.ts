/**
 * The safetensors format: 8 bytes of header length, a JSON header, then the tensors without gaps. Reading is as strict as the
 * reference implementation (huggingface/safetensors, tensor.rs): nothing between, behind or over the tensors, no name twice.
 */
import { GraftError } from '../../../shared/domain/error'
import type { ElementType } from './element-types'
import { convertElements, elementBytes } from './element-types'
import { toFloat16 } from './float16'
import { shown, unreadable } from './format-errors'
import type { HeaderEntry } from './safetensors-header'
import { parseSafetensorsHeader } from './safetensors-header'
import type { HostTensor, TensorMap } from './tensor-map'
import { FloatBudget } from './tensor-map'

const PREFIX_BYTES = 8
/** The reference allows 100 MB; 10,000 tensors take 2. */
const MAX_HEADER_BYTES = 16 * 2 ** 20
const ALIGNMENT_BYTES = 8

const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F64', 'float64'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
])

/**
 * Writes tensors as F32 in the order of the map; those named in `halved` as F16 behind the others, as the reference orders
 * them, so that all are aligned. The same input gives the same bytes.
 * @throws GraftError BAD_INPUT when a tensor's values do not fill its shape or a name is reserved; UNSUPPORTED naming a tensor
 *   with a value that float16 cannot hold.
 */
export function writeSafetensors(tensors: TensorMap, metadata?: Readonly<Record<string, string>>, halved: ReadonlySet<string> = new Set()): Uint8Array {
  const fields: string[] = metadata === undefined ? [] : [`"__metadata__":${JSON.stringify(metadata)}`]
  const parts: Uint8Array[] = []
  let dataBytes = 0
  for (const [name, tensor] of [...tensors].sort(([a], [b]) => Number(halved.has(a)) - Number(halved.has(b)))) {
    checkTensor(name, tensor)
    const values = halved.has(name) ? toFloat16(name, tensor.data) : tensor.data
    const end = dataBytes + values.byteLength
    fields.push(`${JSON.stringify(name)}:{"dtype":"${halved.has(name) ? 'F16' : 'F32'}","shape":[${tensor.shape.join(',')}],"data_offsets":[${dataBytes},${end}]}`)
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    dataBytes = end
  }
  const header = new TextEncoder().encode(`{${fields.join(',')}}`)
  const headerBytes = Math.ceil(header.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
  const out = new Uint8Array(PREFIX_BYTES + headerBytes + dataBytes)
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true)
  out.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + headerBytes)
  out.set(header, PREFIX_BYTES)
  let at = PREFIX_BYTES + headerBytes
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function checkTensor(name: string, tensor: HostTensor): void {
  if (name === '__metadata__') {
    throw new GraftError('BAD_INPUT', 'A tensor cannot be named "__metadata__": safetensors keeps that name.', { action: 'Rename the tensor.' })
  }
  const expected = tensor.shape.reduce((product, size) => product * size, 1)
  if (expected === tensor.data.length) return
  throw new GraftError('BAD_INPUT', `Expected ${expected} values for "${shown(name)}" of shape [${tensor.shape.join(', ')}], but ${tensor.data.length} came.`, {
    action: 'Give as many values as the shape holds.',
  })
}

/** The header's length when `bytes` could be a safetensors file by its first bytes, else null. */
export function safetensorsHeaderBytes(bytes: Uint8Array): number | null {
  if (bytes.length < PREFIX_BYTES) return null
  const claimed = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true)
  return claimed <= BigInt(MAX_HEADER_BYTES) && claimed <= BigInt(bytes.length - PREFIX_BYTES) ? Number(claimed) : null
}

const JSON_STARTS = [0x7b, 0x20, 0x09, 0x0a, 0x0d]

/**
 * True when the first bytes are those of a safetensors file, be it cut short. Leading white space is legal JSON, and the
 * reference reader takes it; a length that does not fit the file is believed only before a brace.
 */
export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  const headerBytes = safetensorsHeaderBytes(bytes)
  if (headerBytes !== null) return headerBytes > 0 && JSON_STARTS.includes(bytes[8] ?? 0)
  return bytes[8] === 0x7b && (bytes[9] === 0x22 || bytes[9] === 0x7d || JSON_STARTS.includes(bytes[9] ?? 0))
}

function elementTypeOf(name: string, entry: HeaderEntry): ElementType {
  const type = ELEMENT_TYPES.get(entry.dtype)
  if (type !== undefined) return type
  throw unreadable(
    `Expected one of ${[...ELEMENT_TYPES.keys()].join(', ')} as dtype of the tensor "${shown(name)}", but "${shown(entry.dtype)}" came.`,
    'Save the weights as float32 and choose that file.',
  )
}

function countValues(name: string, entry: HeaderEntry, type: ElementType, budget: FloatBudget): number {
  const count = entry.shape.reduce((product, size) => product * BigInt(size), 1n)
  const expected = count * BigInt(elementBytes(type))
  if (expected !== BigInt(entry.end) - BigInt(entry.begin)) {
    throw unreadable(
      `Expected ${expected} bytes for the tensor "${shown(name)}" of shape [${entry.shape.join(', ')}] and type ${entry.dtype}, but its offsets are ${entry.begin} to ${entry.end}.`,
    )
  }
  budget.spend(name, entry.shape, count)
  return Number(count)
}

/** Tensors must follow each other from byte 0 to the end of the file, so that no byte has two meanings or none. */
function checkTiling(entries: ReadonlyMap<string, HeaderEntry>, dataBytes: number): void {
  let expected = 0
  const inOrder = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)
  for (const [name, { begin, end }] of inOrder) {
    if (begin !== expected || end < begin) {
      throw unreadable(
        `Expected the tensor "${shown(name)}" to begin at byte ${expected} of the data, but its offsets are ${begin} to ${end}.`,
      )
    }
    expected = end
  }
  if (expected !== dataBytes) {
    throw unreadable(`Expected ${expected} bytes of tensors behind the safetensors header, but ${dataBytes} came.`)
  }
}

/**
 * Reads a safetensors file; all number types become float32, each tensor a copy of its own.
 * @throws GraftError UNREADABLE, naming the tensor, what was expected and what came.
 */
export function readSafetensors(bytes: Uint8Array): { tensors: TensorMap; metadata: Record<string, string> } {
  const headerBytes = safetensorsHeaderBytes(bytes)
  if (headerBytes === null) {
    throw unreadable(
      `Expected a safetensors file: 8 bytes with the header's length (at most ${MAX_HEADER_BYTES}), then the header. Its ${bytes.length} bytes cannot hold that.`,
    )
  }
  const dataStart = PREFIX_BYTES + headerBytes
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(PREFIX_BYTES, dataStart))
  } catch {
    throw unreadable('Expected a safetensors header in UTF-8, but other bytes came.')
  }
  const header = parseSafetensorsHeader(text)
  checkTiling(header.entries, bytes.length - dataStart)
  const tensors = new Map<string, HostTensor>()
  const budget = new FloatBudget(bytes.length)
  for (const [name, entry] of header.entries) {
    const type = elementTypeOf(name, entry)
    const count = countValues(name, entry, type, budget)
    const data = convertElements(bytes.subarray(dataStart + entry.begin, dataStart + entry.end), type, count, name)
    tensors.set(name, { shape: entry.shape, data })
  }
  return { tensors, metadata: header.metadata }
}
