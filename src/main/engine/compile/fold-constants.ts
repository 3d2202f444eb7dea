/** Computes beforehand what depends on constants alone, as batch norms folded into kernels do, and drops what is not read any more. */
import type { Attribute, GraphNode } from './saved-model'

interface Constant {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

/** The name of the node that an input reads. */
export const nodeOf = (input: string): string => (input.startsWith('^') ? input.slice(1) : (input.split(':')[0] ?? input))

/** Element by element in float32; a shape that is the end of the other's is repeated. Null for other shapes. */
function binary(operation: (a: number, b: number) => number) {
  return ([a, b]: readonly Constant[]): Constant | null => {
    if (a === undefined || b === undefined) return null
    const [large, small] = a.shape.length >= b.shape.length ? [a, b] : [b, a]
    if (large.shape.slice(large.shape.length - small.shape.length).join() !== small.shape.join()) return null
    const data = new Float32Array(large.data.length)
    for (let i = 0; i < data.length; i++) data[i] = operation(a.data[i % a.data.length] ?? NaN, b.data[i % b.data.length] ?? NaN)
    return { shape: large.shape, data }
  }
}

const RULES: Readonly<Record<string, (inputs: readonly Constant[]) => Constant | null>> = {
  AddV2: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  RealDiv: binary((a, b) => a / b),
  Rsqrt: ([x]) => (x === undefined ? null : { shape: x.shape, data: Float32Array.from(x.data, (value) => 1 / Math.sqrt(value)) }),
  Reshape: ([x, to]) => {
    if (x === undefined || to === undefined) return null
    const sizes = [...to.data]
    const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1)
    return { shape: sizes.map((size) => (size === -1 ? x.data.length / known : size)), data: x.data }
  },
}

/** The value of a float32 or int32 `Const`; null for other nodes. */
export function constantOf(node: GraphNode): Constant | null {
  const value = node.op === 'Const' ? node.attributes['value'] : undefined
  if (value?.kind !== 'tensor' || (value.dtype !== 'float32' && value.dtype !== 'int32')) return null
  const { buffer, byteOffset } = value.content
  const count = elements(value.shape)
  const data = value.dtype === 'float32' ? new Float32Array(buffer, byteOffset, count) : new Int32Array(buffer, byteOffset, count)
  return { shape: value.shape, data }
}

function constantNode(name: string, { shape, data }: Constant): GraphNode {
  const dtype = data instanceof Float32Array ? 'float32' : 'int32'
  const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const attributes: Record<string, Attribute> = { dtype: { kind: 'type', value: dtype }, value: { kind: 'tensor', dtype, shape, content } }
  return { name, op: 'Const', inputs: [], attributes }
}

/**
 * x·Wᵀ with a constant W as x·V: TensorFlow.js's WebAssembly back end (4.22) leaves the transposition out where it adds the bias in
 * the same operation, and answers wrongly.
 */
export function transposeConstantFactors(nodes: readonly GraphNode[]): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  return nodes.flatMap((node) => {
    const transposed = node.attributes['transpose_b']
    const factor = byName.get(node.inputs[1] ?? '')
    const value = node.op === 'MatMul' && transposed?.kind === 'bool' && transposed.value && factor !== undefined ? constantOf(factor) : null
    if (factor === undefined || value === null) return [node]
    const [rows = 0, columns = 0] = value.shape
    const data = new Float32Array(rows * columns)
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[c * rows + r] = value.data[r * columns + c] ?? NaN
    const name = `${factor.name}/transposed`
    const attributes: GraphNode['attributes'] = { ...node.attributes, transpose_b: { kind: 'bool', value: false } }
    return [constantNode(name, { shape: [columns, rows], data }), { ...node, inputs: [node.inputs[0] ?? '', name], attributes }]
  })
}

/** `nodes` come in an order of computation and leave in it; `outputs` are names of nodes that stay. */
export function foldConstants(nodes: readonly GraphNode[], outputs: readonly string[]): GraphNode[] {
  const constants = new Map<string, Constant>()
  const folded = nodes.map((node) => {
    const own = constantOf(node)
    const inputs = node.inputs.map((input) => constants.get(input))
    const known = inputs.every((input) => input !== undefined)
    const result = own ?? (known && inputs.length > 0 ? (RULES[node.op]?.(inputs) ?? null) : null)
    if (result === null) return node
    constants.set(node.name, result)
    return own === null ? constantNode(node.name, result) : node
  })
  return withoutUnread(folded, outputs)
}

/** The nodes that `outputs` need. */
export function withoutUnread(nodes: readonly GraphNode[], outputs: readonly string[]): GraphNode[] {
  const read = new Set(outputs)
  const kept: GraphNode[] = []
  for (const node of [...nodes].reverse()) {
    if (!read.has(node.name)) continue
    kept.push(node)
    for (const input of node.inputs) read.add(nodeOf(input))
  }
  return kept.reverse()
}
