/** Writes TensorFlow graph nodes, named after the layer they belong to so that TensorFlow's own errors can be read. */
import { constantOf, NodeNames } from './node-names'
import type { Attribute, DataType, GraphNode } from './saved-model'

/** A node's output: `name` or `name:1`; control inputs are `^name`. */
export type Output = string

export const attribute = {
  type: (value: DataType): Attribute => ({ kind: 'type', value }),
  int: (value: number): Attribute => ({ kind: 'int', value }),
  float: (value: number): Attribute => ({ kind: 'float', value }),
  bool: (value: boolean): Attribute => ({ kind: 'bool', value }),
  string: (value: string): Attribute => ({ kind: 'string', value }),
  ints: (value: readonly number[]): Attribute => ({ kind: 'ints', value }),
  strings: (value: readonly string[]): Attribute => ({ kind: 'strings', value }),
  shape: (value: readonly number[]): Attribute => ({ kind: 'shape', value }),
}

const FLOAT = attribute.type('float32')

export interface PlaceholderSpec {
  readonly name: string
  readonly dtype: DataType
  /** −1 where any size will do. */
  readonly shape: readonly number[]
}

export class GraphBuilder extends NodeNames {
  readonly nodes: GraphNode[] = []
  readonly placeholders: PlaceholderSpec[] = []

  /** Adds a node and returns its first output. A name that is taken gets a number. */
  add(op: string, inputs: readonly Output[], attributes: Readonly<Record<string, Attribute>> = {}, name = op): Output {
    const unique = this.nameInScope(name)
    this.nodes.push({ name: unique, op, inputs, attributes })
    return unique
  }

  placeholder(name: string, dtype: DataType, shape: readonly number[]): Output {
    this.placeholders.push({ name, dtype, shape })
    this.takeName(name)
    this.nodes.push({ name, op: 'Placeholder', inputs: [], attributes: { dtype: attribute.type(dtype), shape: attribute.shape(shape) } })
    return name
  }

  private constant(dtype: DataType, list: readonly number[], shape: readonly number[], data: Float32Array | Int32Array): Output {
    const content = new Uint8Array(data.buffer)
    return this.sharedConstant(dtype, list, shape, (name) => {
      this.nodes.push({ name, op: 'Const', inputs: [], attributes: { dtype: attribute.type(dtype), value: { kind: 'tensor', dtype, shape, content } } })
    })
  }

  float(values: number | readonly number[], shape?: readonly number[]): Output {
    const { list, dims } = constantOf(values, shape)
    return this.constant('float32', list, dims, new Float32Array(list))
  }

  int(values: number | readonly number[], shape?: readonly number[]): Output {
    const { list, dims } = constantOf(values, shape)
    return this.constant('int32', list, dims, new Int32Array(list))
  }

  /** A large constant, for exports: weights inside the graph. Not shared. */
  tensor(name: string, data: Float32Array, shape: readonly number[]): Output {
    const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return this.add('Const', [], { dtype: FLOAT, value: { kind: 'tensor', dtype: 'float32', shape, content } }, name)
  }

  /** Element-wise operation on float32 values. */
  float32(op: string, inputs: readonly Output[], name = op): Output {
    return this.add(op, inputs, { T: FLOAT }, name)
  }

  mul = (a: Output, b: Output, name = 'Mul') => this.float32('Mul', [a, b], name)
  plus = (a: Output, b: Output, name = 'AddV2') => this.float32('AddV2', [a, b], name)
  minus = (a: Output, b: Output, name = 'Sub') => this.float32('Sub', [a, b], name)

  /** Sum of one or more values of one shape. */
  sum(values: readonly Output[]): Output {
    const [first, second] = values
    if (first === undefined) throw new Error('sum of nothing')
    if (second === undefined) return first
    if (values.length === 2) return this.plus(first, second)
    return this.add('AddN', values, { T: FLOAT, N: attribute.int(values.length) })
  }

  reduce(op: 'Sum' | 'Mean' | 'Max' | 'Min', input: Output, axes: readonly number[], keepDims = false): Output {
    return this.add(op, [input, this.int(axes)], { T: FLOAT, Tidx: attribute.type('int32'), keep_dims: attribute.bool(keepDims) })
  }

  reshape(input: Output, shape: readonly number[]): Output {
    return this.add('Reshape', [input, this.int(shape)], { T: FLOAT, Tshape: attribute.type('int32') })
  }

  matMul(a: Output, b: Output, options: { transposeA?: boolean; transposeB?: boolean } = {}): Output {
    return this.add('MatMul', [a, b], {
      T: FLOAT,
      transpose_a: attribute.bool(options.transposeA ?? false),
      transpose_b: attribute.bool(options.transposeB ?? false),
    })
  }

  shapeOf(input: Output): Output {
    return this.add('Shape', [input], { T: FLOAT, out_type: attribute.type('int32') })
  }

  cast(input: Output, from: DataType, to: DataType): Output {
    return this.add('Cast', [input], { SrcT: attribute.type(from), DstT: attribute.type(to) })
  }

  /** Passes `input` on once all of `after` have run. */
  after(input: Output, after: readonly Output[], name: string): Output {
    return this.add('Identity', [input, ...after.map((node) => `^${node.split(':')[0] ?? node}`)], { T: FLOAT }, name)
  }
}
