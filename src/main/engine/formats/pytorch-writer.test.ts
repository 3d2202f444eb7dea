import { expect, test } from 'vitest'
import { formulaUniform } from '../golden/formula'
import { type Network, networkParameters } from '../zoo/network'
import { BACKBONES, buildNetwork } from '../zoo/registry'
import { readPytorch } from './pytorch'
import { writePytorch } from './pytorch-writer'
import { readSafetensors, writeSafetensors } from './safetensors'
import type { TensorMap } from './tensor-map'
import { readStoredZip } from './zip-stored'

/** Windows on one stretch of numbers, each tensor at a place of its own: the numbers of the largest network take seconds. */
const NUMBERS = formulaUniform(1, 5_000_000)
function someWeights(network: Network): TensorMap {
  return new Map(
    networkParameters(network).map(({ name, shape }, index) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [name, { shape, data: NUMBERS.subarray(index, index + size) }]
    }),
  )
}

/** Names whose numbers or shapes came back otherwise. */
function differences(written: TensorMap, read: TensorMap): string[] {
  return [...written].flatMap(([name, { shape, data }]) => {
    const other = read.get(name)
    const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)
    return other !== undefined && other.shape.join() === shape.join() && bytes(other.data).equals(bytes(data)) ? [] : [name]
  })
}

const CASES = BACKBONES.flatMap((backbone) => [2, 1000].map((classes) => ({ name: `${backbone.name} with ${classes} classes`, backbone, classes })))

test.each(CASES)('$name comes back bit for bit from both formats', ({ backbone, classes }) => {
  const weights = someWeights(buildNetwork(backbone, { classes, dropout: null }))
  const pth = writePytorch(weights)
  const read = readPytorch(pth)
  expect(read.format).toBe('zip')
  expect(differences(weights, read.tensors)).toEqual([])
  const counters = [...weights.keys()].filter((name) => name.endsWith('.running_var')).map((name) => name.replace('running_var', 'num_batches_tracked'))
  expect([...read.tensors.keys()].filter((name) => !weights.has(name))).toEqual(counters)

  // Every content begins at a multiple of 64 bytes, and the file is little more than its numbers.
  for (const [name, content] of readStoredZip(pth)) expect((content.byteOffset - pth.byteOffset) % 64, name).toBe(0)
  const numbers = [...weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
  expect(pth.length).toBeLessThan(numbers + 500 * read.tensors.size)

  const safe = writeSafetensors(weights, { format: 'pt' })
  expect(differences(weights, readSafetensors(safe).tensors)).toEqual([])
})

test('scalars, empty tensors and views on a larger buffer are written as they are', () => {
  const buffer = Float32Array.from({ length: 8 }, (_, i) => i)
  const tensors: TensorMap = new Map([
    ['scalar', { shape: [], data: Float32Array.of(-0) }],
    ['empty', { shape: [0, 3], data: new Float32Array(0) }],
    ['view', { shape: [2, 1, 2], data: buffer.subarray(3, 7) }],
    ['naïve', { shape: [1], data: Float32Array.of(NaN) }],
  ])
  const read = readPytorch(writePytorch(tensors)).tensors
  expect([...read.keys()]).toEqual([...tensors.keys()])
  expect(differences(tensors, read)).toEqual([])
  expect(writePytorch(tensors)).toEqual(writePytorch(tensors))
})

test('float16 halves what is named and keeps the rest', () => {
  const tensors: TensorMap = new Map([
    ['a.weight', { shape: [3, 1], data: Float32Array.of(0.1, -70, 2 ** -24) }],
    ['a.bias', { shape: [3], data: Float32Array.of(0.1, 1e6, 3) }],
  ])
  const bytes = writeSafetensors(tensors, undefined, new Set(['a.weight']))
  expect(new TextDecoder().decode(bytes.subarray(8))).toContain('"a.weight":{"dtype":"F16","shape":[3,1],"data_offsets":[12,18]}')
  const read = readSafetensors(bytes).tensors
  expect([...(read.get('a.weight')?.data ?? [])]).toEqual([0.0999755859375, -70, 2 ** -24])
  expect(differences(new Map([...tensors].slice(1)), read)).toEqual([])
  expect(() => writeSafetensors(tensors, undefined, new Set(['a.bias']))).toThrow(/"a.bias" holds 1000000/)
})
