/**
 * A convolution or matrix product with the bias and the activation after it as one operation, as TensorFlow's grappler and the
 * TensorFlow.js converter write them: in a browser each operation is a pass over the picture.
 */
import { attribute } from './graph-builder'
import { withoutUnread } from './fold-constants'
import type { Attribute, GraphNode } from './saved-model'

const FUSED: Readonly<Record<string, string>> = {
  Conv2D: '_FusedConv2D',
  DepthwiseConv2dNative: 'FusedDepthwiseConv2dNative',
  MatMul: '_FusedMatMul',
}

/** Those that every back end of TensorFlow.js has inside its fused kernels. */
const ACTIVATIONS = new Set(['Relu', 'Relu6'])

/** `nodes` come in an order of computation and leave in it; `outputs` are names of nodes that stay. */
export function fuseOperations(nodes: readonly GraphNode[], outputs: readonly string[]): GraphNode[] {
  const readers = new Map<string, GraphNode[]>()
  for (const node of nodes) for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node])
  /** The one node that reads this value, where it does so as its first input. */
  const onlyReader = (node: GraphNode): GraphNode | null => {
    const [reader, ...others] = readers.get(node.name) ?? []
    return reader !== undefined && others.length === 0 && reader.inputs[0] === node.name && !outputs.includes(node.name) ? reader : null
  }
  /** By the name of the last node of a chain, which the fused one takes over. */
  const fused = new Map<string, GraphNode>()
  for (const node of nodes) {
    const op = FUSED[node.op]
    const bias = op === undefined ? null : onlyReader(node)
    if (op === undefined || bias?.op !== 'BiasAdd') continue
    const next = onlyReader(bias)
    const activation = next !== null && ACTIVATIONS.has(next.op) ? next : null
    const last = activation ?? bias
    const attributes: Record<string, Attribute> = {
      ...node.attributes,
      num_args: attribute.int(1),
      fused_ops: attribute.strings(['BiasAdd', ...(activation === null ? [] : [activation.op])]),
      epsilon: attribute.float(0),
    }
    fused.set(last.name, { name: last.name, op, inputs: [...node.inputs, bias.inputs[1] ?? ''], attributes })
  }
  return withoutUnread(nodes.map((node) => fused.get(node.name) ?? node), outputs)
}
