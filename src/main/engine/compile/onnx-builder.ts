/** Writes ONNX nodes and constants, named after the layer they belong to. */
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxType } from '../formats/onnx'
import { constantOf, NodeNames } from './node-names'

/** A node's or a constant's value, by its name. */
export type OnnxOutput = string

export const onnxAttribute = {
  float: (value: number): OnnxAttribute => ({ kind: 'float', value }),
  int: (value: number): OnnxAttribute => ({ kind: 'int', value }),
  ints: (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value }),
}

const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** How small constants are written, by their type. */
const ENCODERS = {
  float32: (values: readonly number[]) => bytesOf(Float32Array.from(values)),
  float64: (values: readonly number[]) => bytesOf(Float64Array.from(values)),
  int32: (values: readonly number[]) => bytesOf(Int32Array.from(values)),
  int64: (values: readonly number[]) => bytesOf(BigInt64Array.from(values, BigInt)),
} as const satisfies Partial<Record<OnnxType, (values: readonly number[]) => Uint8Array>>

export class OnnxBuilder extends NodeNames {
  readonly nodes: OnnxNode[] = []
  readonly initializers: OnnxTensor[] = []

  /** Adds a node of one output and returns that. A name that is taken gets a number. */
  add(op: string, inputs: readonly OnnxOutput[], attributes: Readonly<Record<string, OnnxAttribute>> = {}, name = op): OnnxOutput {
    const unique = this.nameInScope(name)
    this.nodes.push({ name: unique, op, inputs, attributes })
    return unique
  }

  /** The name of an input of the graph. */
  input(name: string): OnnxOutput {
    return this.takeName(name)
  }

  /** A small constant; equal ones are shared. A bare number is a scalar. */
  constant(type: keyof typeof ENCODERS, values: number | readonly number[], shape?: readonly number[]): OnnxOutput {
    const { list, dims } = constantOf(values, shape)
    return this.sharedConstant(type, list, dims, (name) => this.initializers.push({ name, type, shape: dims, content: ENCODERS[type](list) }))
  }

  /** A constant under a name of its own. */
  tensor(name: string, type: OnnxType, data: ArrayBufferView, shape: readonly number[]): OnnxOutput {
    const unique = this.freeName(name)
    this.initializers.push({ name: unique, type, shape, content: bytesOf(data) })
    return unique
  }
}
