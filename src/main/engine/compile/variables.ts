/** The network's numbers inside a session: variables named by PyTorch's names, in TensorFlow's layout. */
import type { HostTensor } from '../formats/tensor-map'
import type { ParameterLayout, ParameterSpec } from '../layers/layer'
import { attribute, type GraphBuilder, type Output } from './graph-builder'

/** Shape of a parameter inside the session. */
export function sessionShape(spec: Pick<ParameterSpec, 'shape' | 'layout'>): number[] {
  const [out = 1, input = 1, height = 1, width = 1] = spec.shape
  switch (spec.layout) {
    case 'as_is':
      return [...spec.shape]
    case 'conv':
      return [height, width, input, out]
    case 'depthwise':
      return [height, width, out, 1]
    case 'dense_conv':
      return [out, input]
  }
}

/** For each place in the session's layout, the place in PyTorch's. Null where the two are the same. Kernels of a turned session are turned too. */
function permutation(spec: Pick<ParameterSpec, 'shape' | 'layout'>, isTurned: boolean): Int32Array | null {
  if (spec.layout === 'as_is' || spec.layout === 'dense_conv') return null
  const [out = 1, input = 1, height = 1, width = 1] = spec.shape
  const result = new Int32Array(out * input * height * width)
  const last = height * width - 1
  let at = 0
  for (let h = 0; h < height; h++)
    for (let w = 0; w < width; w++) {
      const pixel = isTurned ? last - (h * width + w) : h * width + w
      for (let i = 0; i < input; i++) for (let o = 0; o < out; o++) result[at++] = (o * input + i) * height * width + pixel
    }
  return result
}

/** PyTorch's layout → the session's. */
export function toSessionLayout(spec: Pick<ParameterSpec, 'shape' | 'layout'>, data: Float32Array, isTurned = false): Float32Array {
  const order = permutation(spec, isTurned)
  if (order === null) return data
  const result = new Float32Array(data.length)
  for (let i = 0; i < order.length; i++) result[i] = data[order[i] as number] as number
  return result
}

/** The session's layout → PyTorch's. */
export function toPytorchLayout(spec: Pick<ParameterSpec, 'shape' | 'layout'>, data: Float32Array, isTurned = false): HostTensor {
  const order = permutation(spec, isTurned)
  if (order === null) return { shape: spec.shape, data }
  const result = new Float32Array(data.length)
  for (let i = 0; i < order.length; i++) result[order[i] as number] = data[i] as number
  return { shape: spec.shape, data: result }
}

/** A variable of a session: a parameter, a running statistic, or an optimizer's slot for one. */
export interface VariableSpec {
  /** PyTorch's name; a slot's is `<slot>/<parameter>`. */
  readonly name: string
  readonly shape: readonly number[]
  readonly layout: ParameterLayout
  /** True for what is empty whenever the state is taken: it begins at zero and is not part of the state. */
  readonly isTransient?: boolean
}

export interface VariableHandle {
  readonly spec: VariableSpec
  readonly handle: Output
}

const FLOAT = attribute.type('float32')

/** TensorFlow node names allow letters, digits, `.`, `_`, `-` and `/`, and must not start with `_`. */
const nodeName = (name: string) => `variable/${name.replaceAll(/[^A-Za-z0-9._/-]/g, '_')}`

/** The variables of a graph, and the nodes that put all of them in and take all of them out in one run. */
export class Variables {
  private readonly handles = new Map<string, VariableHandle>()
  private readonly reads = new Map<string, Output>()

  constructor(private readonly graph: GraphBuilder) {}

  declare(spec: VariableSpec): void {
    const attributes = { dtype: FLOAT, shape: attribute.shape(sessionShape(spec)), shared_name: attribute.string(spec.name), container: attribute.string('') }
    this.handles.set(spec.name, { spec, handle: this.graph.add('VarHandleOp', [], attributes, nodeName(spec.name)) })
  }

  get specs(): readonly VariableSpec[] {
    return [...this.handles.values()].map(({ spec }) => spec)
  }

  handle(name: string): Output {
    const found = this.handles.get(name)
    if (found === undefined) throw new Error(`No variable is named ${name}`)
    return found.handle
  }

  /** The value before this run's updates; read once a graph. */
  read(name: string): Output {
    const known = this.reads.get(name)
    if (known !== undefined) return known
    const output = this.graph.add('ReadVariableOp', [this.handle(name)], { dtype: FLOAT }, `read/${nodeName(name)}`)
    this.reads.set(name, output)
    return output
  }

  /** The value once all of `after` have run. */
  readAfter(name: string, after: readonly Output[]): Output {
    const control = after.map((node) => `^${node.split(':')[0] ?? node}`)
    return this.graph.add('ReadVariableOp', [this.handle(name), ...control], { dtype: FLOAT }, `read_after/${nodeName(name)}`)
  }

  /** Adds to a variable. */
  assignAdd(name: string, value: Output): Output {
    return this.graph.add('AssignAddVariableOp', [this.handle(name), value], { dtype: FLOAT }, `add/${nodeName(name)}`)
  }

  assign(name: string, value: Output): Output {
    return this.graph.add('AssignVariableOp', [this.handle(name), value], { dtype: FLOAT, validate_shape: attribute.bool(false) }, `assign/${nodeName(name)}`)
  }

  /** Placeholders that all variables are assigned from, and the fetch that does it. */
  stateIn(): { feeds: ReadonlyMap<string, string>; fetch: Output } {
    const feeds = new Map<string, string>()
    const assigns: Output[] = []
    for (const { spec } of this.handles.values()) {
      const placeholder = this.graph.placeholder(`state_in/${nodeName(spec.name)}`, 'float32', sessionShape(spec))
      feeds.set(spec.name, placeholder)
      // A fed tensor is JavaScript's own memory. A variable that kept it would let go of it in a later run, on a thread of
      // TensorFlow's, where touching JavaScript crashes the process now and then: so the variable gets a copy.
      assigns.push(this.assign(spec.name, this.graph.float32('Snapshot', [placeholder])))
    }
    return { feeds, fetch: this.graph.after(this.graph.float(0), assigns, 'state_in/done') }
  }

  /** What the state is made of, in order. */
  get stateSpecs(): readonly VariableSpec[] {
    return this.specs.filter((spec) => spec.isTransient !== true)
  }

  /** Fetches for the whole state, in the order of `stateSpecs`. */
  stateOut(): Output[] {
    return this.stateSpecs.map((spec) => this.graph.add('ReadVariableOp', [this.handle(spec.name)], { dtype: FLOAT }, `state_out/${nodeName(spec.name)}`))
  }
}
