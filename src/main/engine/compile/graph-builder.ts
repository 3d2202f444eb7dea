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

/** Types of the numbers that a network computes with. */
export type FloatType = 'float32' | 'bfloat16'

export interface PlaceholderSpec {
  readonly name: string
  readonly dtype: DataType
  /** −1 where any size will do. */
  readonly shape: readonly number[]
}

export class GraphBuilder extends NodeNames {
  readonly nodes: GraphNode[] = []
  readonly placeholders: PlaceholderSpec[] = []
  private readonly arithmetics = new Map<FloatType, Arithmetic>()

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

  /** Operations on values of one type. */
  of(type: FloatType): Arithmetic {
    const known = this.arithmetics.get(type)
    if (known !== undefined) return known
    const made = new Arithmetic(this, type)
    this.arithmetics.set(type, made)
    return made
  }

  /** Element-wise operation on float32 values. */
  float32(op: string, inputs: readonly Output[], name = op): Output {
    return this.of('float32').element(op, inputs, name)
  }

  mul = (a: Output, b: Output, name = 'Mul') => this.float32('Mul', [a, b], name)
  plus = (a: Output, b: Output, name = 'AddV2') => this.float32('AddV2', [a, b], name)
  minus = (a: Output, b: Output, name = 'Sub') => this.float32('Sub', [a, b], name)
  sum = (values: readonly Output[]) => this.of('float32').sum(values)
  reduce = (op: Reduction, input: Output, axes: readonly number[], keepDims = false) => this.of('float32').reduce(op, input, axes, keepDims)
  reshape = (input: Output, shape: readonly number[]) => this.of('float32').reshape(input, shape)
  shapeOf = (input: Output) => this.of('float32').shapeOf(input)

  matMul = (a: Output, b: Output, options: Transposed = {}) => this.of('float32').matMul(a, b, options)

  cast(input: Output, from: DataType, to: DataType): Output {
    if (from === to) return input
    return this.add('Cast', [input], { SrcT: attribute.type(from), DstT: attribute.type(to) })
  }

  /** Passes `input` on once all of `after` have run. */
  after(input: Output, after: readonly Output[], name: string): Output {
    return this.add('Identity', [input, ...after.map((node) => `^${node.split(':')[0] ?? node}`)], { T: FLOAT }, name)
  }
}

interface Transposed {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

export type Reduction = 'Sum' | 'Mean' | 'Max' | 'Min'

/** Writes operations on values of one type. */
export class Arithmetic {
  private readonly T: Attribute

  constructor(
    private readonly graph: GraphBuilder,
    readonly type: FloatType,
  ) {
    this.T = attribute.type(type)
  }

  element(op: string, inputs: readonly Output[], name = op): Output {
    return this.graph.add(op, inputs, { T: this.T }, name)
  }

  /** A number for all elements. TensorFlow folds the cast when it compiles the graph. */
  number(value: number): Output {
    return this.graph.cast(this.graph.float(value), 'float32', this.type)
  }

  mul = (a: Output, b: Output) => this.element('Mul', [a, b])
  plus = (a: Output, b: Output) => this.element('AddV2', [a, b])
  minus = (a: Output, b: Output) => this.element('Sub', [a, b])

  matMul(a: Output, b: Output, { transposeA = false, transposeB = false }: Transposed = {}): Output {
    return this.graph.add('MatMul', [a, b], { T: this.T, transpose_a: attribute.bool(transposeA), transpose_b: attribute.bool(transposeB) })
  }

  /** Sum of one or more values of one shape. */
  sum(values: readonly Output[]): Output {
    const [first, second] = values
    if (first === undefined) throw new Error('sum of nothing')
    if (second === undefined) return first
    if (values.length === 2) return this.plus(first, second)
    return this.graph.add('AddN', values, { T: this.T, N: attribute.int(values.length) })
  }

  reduce(op: Reduction, input: Output, axes: readonly number[], keepDims = false): Output {
    return this.graph.add(op, [input, this.graph.int(axes)], { T: this.T, Tidx: attribute.type('int32'), keep_dims: attribute.bool(keepDims) })
  }

  reshape(input: Output, shape: readonly number[]): Output {
    return this.graph.add('Reshape', [input, this.graph.int(shape)], { T: this.T, Tshape: attribute.type('int32') })
  }

  shapeOf(input: Output): Output {
    return this.graph.add('Shape', [input], { T: this.T, out_type: attribute.type('int32') })
  }

  /** Zeros around a feature map [N, H, W, C]. */
  pad(input: Output, height: Margin, width: Margin): Output {
    const amounts = [0, 0, height.before, height.after, width.before, width.after, 0, 0]
    if (amounts.every((amount) => amount === 0)) return input
    return this.graph.add('Pad', [input, this.graph.int(amounts, [4, 2])], { T: this.T, Tpaddings: attribute.type('int32') })
  }

  /** What `pad` was given, which had `size`: the gradient by it. */
  unpad(padded: Output, height: Margin, width: Margin, size: readonly [number, number, number]): Output {
    if (height.before + height.after + width.before + width.after === 0) return padded
    return this.slice(padded, [0, height.before, width.before, 0], [-1, ...size])
  }

  /** The part of a value from `begin` on; a size of −1 goes to the end. */
  slice(input: Output, begin: readonly number[], size: readonly number[]): Output {
    return this.graph.add('Slice', [input, this.graph.int(begin), this.graph.int(size)], { T: this.T, Index: attribute.type('int32') })
  }
}

/** Pixels added before and after. */
export interface Margin {
  readonly before: number
  readonly after: number
}
