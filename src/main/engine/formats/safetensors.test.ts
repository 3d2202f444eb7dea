import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GraftError } from '../../../shared/domain/error'
import { bytesOf, little } from './opcode-assembly'
import { readSafetensors, writeSafetensors } from './safetensors'
import type { TensorMap } from './tensor-map'

function failureOf(bytes: Uint8Array): GraftError {
  try {
    readSafetensors(bytes)
  } catch (error) {
    if (error instanceof GraftError) return error
    throw error
  }
  throw new Error('The file was accepted')
}

function fileOf(header: string, dataBytes: number): Uint8Array {
  return bytesOf(little(header.length, 8), header, new Uint8Array(dataBytes))
}

const entry = (shape: string, begin: number, end: number, dtype = 'F32'): string => `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`

const EXAMPLE: TensorMap = new Map([
  ['z.weight', { shape: [2, 2], data: Float32Array.from([1.5, -2, NaN, Infinity]) }],
  ['10', { shape: [], data: Float32Array.from([3]) }],
  ['__proto__', { shape: [0, 4], data: new Float32Array(0) }],
  ['a "quoted" ü', { shape: [1], data: Float32Array.from([-0]) }],
])

test('what is written is read back, in the same order and bit for bit', () => {
  const bytes = writeSafetensors(EXAMPLE, { format: 'pt', __graft: '1' })
  const read = readSafetensors(bytes)
  expect([...read.tensors.keys()]).toEqual([...EXAMPLE.keys()])
  for (const [name, tensor] of EXAMPLE) {
    expect(read.tensors.get(name)?.shape).toEqual(tensor.shape)
    expect(new Uint8Array(read.tensors.get(name)?.data.buffer ?? new ArrayBuffer(1))).toEqual(new Uint8Array(tensor.data.buffer))
  }
  expect(read.metadata).toEqual({ format: 'pt', __graft: '1' })
  expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0)
  expect(writeSafetensors(EXAMPLE, { format: 'pt', __graft: '1' })).toEqual(bytes)
})

test('a view at an odd place in a larger buffer is read', () => {
  const bytes = writeSafetensors(EXAMPLE)
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  expect(readSafetensors(shifted.subarray(3)).tensors.get('10')?.data[0]).toBe(3)
})

test('a tensor whose values do not fill its shape is not written', () => {
  expect(() => writeSafetensors(new Map([['a', { shape: [2], data: new Float32Array(3) }]]))).toThrow(/Expected 2 values for "a"/)
})

test('white space around the header is legal', () => {
  expect(readSafetensors(fileOf(` {"a" : ${entry('[1]', 0, 4)} }\n  `, 4)).tensors.size).toBe(1)
  expect(readSafetensors(fileOf('{}', 0)).tensors.size).toBe(0)
})

test.each<[string, Uint8Array, RegExp]>([
  ['seven bytes', new Uint8Array(7), /Its 7 bytes cannot hold/],
  ['a header longer than the file', bytesOf(little(100, 8), '{}'), /cannot hold/],
  ['a header over the cap', bytesOf(little(2n ** 63n, 8), '{}'), /at most 16777216/],
  ['a header that is not UTF-8', bytesOf(little(2, 8), 0xff, 0xfe), /UTF-8/],
  ['a header that is not an object', fileOf('[1]', 0), /Expected "{"/],
  ['a header cut short', fileOf('{"a":{"dtype":"F32', 0), /a text in quotes.*tensor "a"/],
  ['something behind the header', fileOf('{}x', 0), /Expected the end/],
  ['a name twice', fileOf(`{"a":${entry('[1]', 0, 4)},"a":${entry('[1]', 4, 8)}}`, 8), /"a" came twice/],
  ['a name twice, once escaped', fileOf(`{"a":${entry('[1]', 0, 4)},"\\u0061":${entry('[1]', 4, 8)}}`, 8), /"a" came twice/],
  ['a field twice', fileOf('{"a":{"dtype":"F32","dtype":"F64","shape":[1]}}', 8), /"dtype" came twice/],
  ['an unknown field', fileOf('{"a":{"dtype":"F32","shape":[],"more":1}}', 4), /"more" came/],
  ['a missing field', fileOf('{"a":{"dtype":"F32","shape":[]}}', 4), /one of them is missing/],
  ['a hole', fileOf(`{"a":${entry('[1]', 0, 4)},"b":${entry('[1]', 8, 12)}}`, 12), /"b" to begin at byte 4/],
  ['an overlap', fileOf(`{"a":${entry('[2]', 0, 8)},"b":${entry('[1]', 4, 8)}}`, 8), /"b" to begin at byte 8/],
  ['an end before the begin', fileOf(`{"a":${entry('[1]', 0, 4)},"b":${entry('[1]', 4, 0)}}`, 4), /offsets are 4 to 0/],
  ['bytes behind the tensors', fileOf(`{"a":${entry('[1]', 0, 4)}}`, 5), /Expected 4 bytes of tensors .* but 5 came/],
  ['tensors cut short', fileOf(`{"a":${entry('[1]', 0, 4)}}`, 3), /Expected 4 bytes of tensors .* but 3 came/],
  ['a product that wraps at 2^64', fileOf(`{"a":${entry('[4294967296,4294967296,1]', 0, 4)}}`, 4), /Expected 73786976294838206464 bytes for the tensor "a"/],
  ['a size over 2^53', fileOf(`{"a":${entry('[9007199254740993]', 0, 4)}}`, 4), /a whole number from 0/],
  ['a negative size', fileOf(`{"a":${entry('[-1]', 0, 4)}}`, 4), /a whole number from 0/],
  ['a fraction', fileOf(`{"a":${entry('[1.0]', 0, 4)}}`, 4), /a whole number from 0/],
  ['a type of another size', fileOf(`{"a":${entry('[1]', 0, 4, 'F64')}}`, 4), /Expected 8 bytes for the tensor "a"/],
  ['an unknown type', fileOf(`{"a":${entry('[1]', 0, 4, 'C64')}}`, 4), /Expected one of F32.*"C64" came/],
  ['metadata that is not text', fileOf('{"__metadata__":{"a":1}}', 0), /a text in quotes in __metadata__/],
])('%s is refused', (_what, bytes, message) => {
  const failure = failureOf(bytes)
  expect(failure.code).toBe('UNREADABLE')
  expect(failure.message).toMatch(message)
  expect(failure.action).toBeTruthy()
})

test('a file cut anywhere is refused with our own error', () => {
  const bytes = new Uint8Array(readFileSync(new URL('./goldens/plain.safetensors', import.meta.url)))
  for (let length = 0; length < bytes.length; length++) expect(failureOf(bytes.subarray(0, length)).code).toBe('UNREADABLE')
})

test('too many tensors are refused', () => {
  const many = Array.from({ length: 10_002 }, (_, index) => `"${index}":${entry('[0]', 0, 0)}`)
  expect(failureOf(fileOf(`{${many.join(',')}}`, 0)).message).toMatch(/at most/)
})
