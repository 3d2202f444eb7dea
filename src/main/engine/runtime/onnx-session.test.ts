import { expect, test } from 'vitest'
import { encodeOnnx } from '../formats/onnx'
import { memoryFailure, OnnxSession } from './onnx-session'

const bytesOf = (values: Float32Array | BigInt64Array) => new Uint8Array(values.buffer)

/** A number, repeated to a tensor of this shape. */
function repeating(shape: readonly number[]): Uint8Array {
  return encodeOnnx({
    graphName: 'repeating',
    description: '',
    inputs: [{ name: 'number', type: 'float32', shape: ['N'], description: '' }],
    outputs: [{ name: 'numbers', type: 'float32', shape: ['A', 'B'], description: '' }],
    nodes: [{ name: 'numbers', op: 'Expand', inputs: ['number', 'shape'], attributes: {} }],
    initializers: [{ name: 'shape', type: 'int64', shape: [shape.length], content: bytesOf(BigInt64Array.from(shape.map(BigInt))) }],
    metadata: {},
  })
}
const NUMBER = new Map([['number', { shape: [1], data: Float32Array.of(7) }]])

test('a run without enough memory says so', async () => {
  const huge = await OnnxSession.open(repeating([2 ** 20, 2 ** 24]), 1)
  await expect(huge.run(NUMBER)).rejects.toMatchObject({ code: 'OUT_OF_MEMORY', detail: expect.stringContaining('Failed to allocate memory') })
  await huge.close()
  const small = await OnnxSession.open(repeating([2, 2]), 1)
  expect((await small.run(NUMBER)).get('numbers')).toEqual({ shape: [2, 2], data: Float32Array.of(7, 7, 7, 7) })
  await small.close()
})

test('only what is no model is called damaged', async () => {
  await expect(OnnxSession.open(new Uint8Array(100).fill(7), 1)).rejects.toMatchObject({ code: 'UNREADABLE', message: expect.stringContaining('damaged') })
  // As it is opened, which no model of a test's size needs too much memory for.
  expect(memoryFailure(new Error('std::bad_alloc'))).toMatchObject({ code: 'OUT_OF_MEMORY' })
  expect(memoryFailure(new Error('ModelProto does not have a graph.'))).toBeNull()
})
