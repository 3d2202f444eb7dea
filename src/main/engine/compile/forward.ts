/** Walks a network's layers and writes their nodes; in training also the gradients, back from the loss. */
import type { ComputePrecision } from '../../../shared/domain/run-config'
import type { BatchNormLayer, ConvLayer, ForwardContext, Layer, Value } from '../layers/layer'
import { ruleOf } from '../layers/rules'
import { inputShapes, type Network, networkShapes } from '../zoo/network'
import { attribute, type GraphBuilder, type Output } from './graph-builder'
import { computeType } from './precision'

export interface ForwardOptions {
  readonly network: Network
  readonly imageSize: number
  /** Value to start after: 'input' or a layer's name. */
  readonly from: string
  /** Layer to end with. */
  readonly to: string
  /** The value at `from`, with the batch in front. */
  readonly input: Output
  readonly parameter: (name: string) => Output
  /** Names of the layers whose parameters train; empty outside training. */
  readonly trained: ReadonlySet<string>
  /** Batch norms that normalise by the batch and move their running statistics though they are frozen; empty: none. */
  readonly batchNormalised?: ReadonlySet<string>
  /** The input is turned half around, and so are the kernels. */
  readonly isTurned?: boolean
  /** What the layers compute in; the value at `from` and the result are float32 in any. float32 where left out. */
  readonly precision?: ComputePrecision
  /** Key and counter of dropout's random numbers (int32[2], int32[4]); null outside training. */
  readonly random: { readonly key: Output; readonly counter: Output } | null
  /** The gradient by the value at `from` is asked for, in inference form too. */
  readonly wantsInputGradient?: boolean
}

export interface ForwardResult {
  readonly output: Value
  /** New values of the running statistics by parameter name. */
  readonly statistics: ReadonlyMap<string, Output>
  /** Writes the gradients of all parameters that train, given the loss's by the output. */
  backward(gradient: Output): ReadonlyMap<string, Output>
  /** After `backward`: the gradient by the value at `from`, where it was asked for. */
  inputGradient(): Output
}

/** Batch norms in inference form that a convolution takes into itself, by the convolution's name. */
export function foldedBatchNorms(network: Network, trained: ReadonlySet<string>, batchNormalised: ReadonlySet<string> = new Set()): ReadonlyMap<string, BatchNormLayer> {
  const folded = new Map<string, BatchNormLayer>()
  for (const layer of network.layers) {
    const [input] = layer.inputs
    if (layer.kind !== 'batch_norm' || trained.has(layer.name) || batchNormalised.has(layer.name) || input === undefined || trained.has(input)) continue
    const readers = network.layers.filter((other) => other.inputs.includes(input))
    const source = network.layers.find((other) => other.name === input)
    if (source?.kind === 'conv' && readers.length === 1) folded.set(input, layer)
  }
  return folded
}

/** The layers after `from` up to `to`, in order, that `to` needs. */
export function layersBetween(network: Network, from: string, to: string): Layer[] {
  const needed = new Set([to])
  const result: Layer[] = []
  for (const layer of [...network.layers].reverse()) {
    if (layer.name === from || !needed.has(layer.name)) continue
    result.unshift(layer)
    for (const input of layer.inputs) if (input !== from) needed.add(input)
  }
  const reached = result.some((layer) => layer.inputs.includes(from)) || from === to
  if (!reached || (needed.has('input') && from !== 'input')) throw new Error(`${to} cannot be computed from ${from} alone`)
  return result
}

export function writeForward(graph: GraphBuilder, options: ForwardOptions): ForwardResult {
  const { network, trained, random, batchNormalised = new Set<string>(), precision = 'float32', wantsInputGradient = false } = options
  const shapes = networkShapes(network, options.imageSize)
  const folded = foldedBatchNorms(network, trained, batchNormalised)
  const tape: { name: string; value: Value; backward: (gradient: Output) => void }[] = []
  const gradients = new Map<Output, Output[]>()
  const parameterGradients = new Map<string, Output>()
  const statistics = new Map<string, Output>()
  const casts = new Map<string, Output>()
  let current = ''

  const context: ForwardContext = {
    graph,
    isTurned: options.isTurned ?? false,
    parameter: options.parameter,
    typeOf: (layer, input) => computeType(layer, input, precision),
    as: ({ output, type }, to) => {
      if (type === to) return output
      const key = `${output} ${to}`
      const cast = casts.get(key) ?? graph.cast(output, type, to)
      casts.set(key, cast)
      return cast
    },
    trains: (layer) => trained.has(layer.name),
    normalisesByBatch: (layer) => trained.has(layer.name) || batchNormalised.has(layer.name),
    isWhollyTraining: batchNormalised.size > 0,
    isTraining: random !== null,
    foldedBatchNorm: (layer: ConvLayer) => folded.get(layer.name) ?? null,
    randomUniform: (layer, shape) => writeRandomUniform(graph, random, network.layers.indexOf(layer), shape),
    record(value, backward) {
      if ((random !== null || wantsInputGradient) && value.needsGradient) tape.push({ name: current, value, backward })
    },
    addGradient(value, gradient, type = value.type) {
      if (!value.needsGradient) return
      gradients.set(value.output, [...(gradients.get(value.output) ?? []), graph.cast(gradient, type, value.type)])
    },
    setParameterGradient: (name, gradient) => parameterGradients.set(name, gradient),
    updateStatistic: (name, value) => statistics.set(name, value),
  }

  const values = new Map<string, Value>([[options.from, { output: options.input, shape: shapes.get(options.from) ?? [], type: 'float32', needsGradient: wantsInputGradient }]])
  for (const layer of layersBetween(network, options.from, options.to)) {
    current = layer.name
    const inputs = layer.inputs.map((name) => {
      const value = values.get(name)
      if (value === undefined) throw new Error(`${layer.name} reads ${name}, which is not computed`)
      return value
    })
    const isFolded = layer.kind === 'batch_norm' && folded.get(layer.inputs[0] ?? '') === layer
    const value = isFolded ? (inputs[0] as Value) : graph.scoped(scopeName(layer.name), () => ruleOf(layer).forward(context, layer, inputs))
    const expected = ruleOf(layer).shape(layer, inputShapes(layer, shapes))
    if (value.shape.join() !== expected.join()) throw new Error(`${layer.name} gives [${value.shape.join()}], expected [${expected.join()}]`)
    values.set(layer.name, value)
  }
  const last = values.get(options.to)
  if (last === undefined) throw new Error(`No layer is named ${options.to}`)
  const output: Value = { ...last, output: context.as(last, 'float32'), type: 'float32' }

  return {
    output,
    statistics,
    backward(gradient) {
      context.addGradient(last, gradient, 'float32')
      for (const entry of [...tape].reverse()) {
        const parts = gradients.get(entry.value.output)
        if (parts === undefined) continue
        // A value may be recorded by one layer only, so its gradient is complete here.
        gradients.delete(entry.value.output)
        graph.scoped(`gradient/${scopeName(entry.name)}`, () => entry.backward(graph.of(entry.value.type).sum(parts)))
      }
      return parameterGradients
    },
    inputGradient() {
      const parts = gradients.get(options.input)
      if (parts === undefined) throw new Error(`No gradient reaches ${options.from}`)
      return graph.sum(parts)
    },
  }
}

/** TensorFlow's node names must not start with an underscore. */
const scopeName = (layer: string) => (layer.startsWith('_') ? `x${layer}` : layer)

/** Philox numbers keyed by the run's seed, counted by step and layer: nothing to save, nothing shared between layers. */
function writeRandomUniform(graph: GraphBuilder, random: ForwardOptions['random'], layerIndex: number, shape: Output): Output {
  if (random === null) throw new Error('Random numbers are for training graphs')
  const int = attribute.type('int32')
  const bits = { T: int, type: attribute.type('uint64') }
  const counter = graph.add('AddV2', [random.counter, graph.int([0, 0, 0, layerIndex])], { T: int })
  const key = graph.add('Bitcast', [graph.add('Reshape', [random.key, graph.int([1, 2])], { T: int, Tshape: int })], bits)
  const count = graph.add('Bitcast', [graph.add('Reshape', [counter, graph.int([2, 2])], { T: int, Tshape: int })], bits)
  const philox = graph.int(1)
  return graph.add('StatelessRandomUniformV2', [shape, key, count, philox], { dtype: attribute.type('float32'), Tshape: int })
}
