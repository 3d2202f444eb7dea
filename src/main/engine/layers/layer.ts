/**
 * A network is data: a list of layers in definition order, each naming the layers it reads. One rule a kind says what the layer
 * means (shape, parameters, TensorFlow nodes, gradient); every compiler, summary and exporter walks this list.
 */
import type { FloatType, GraphBuilder, Output } from '../compile/graph-builder'
import type { OnnxBuilder, OnnxOutput } from '../compile/onnx-builder'

/** Without the batch: [height, width, channels], or [channels] after pooling. */
export type Shape = readonly number[]

interface Base {
  /** PyTorch's module path where the layer has parameters; unique in the network. */
  readonly name: string
  /** Names of the layers read; 'input' is the normalised picture. */
  readonly inputs: readonly string[]
}

export interface ConvLayer extends Base {
  readonly kind: 'conv'
  readonly in: number
  readonly out: number
  readonly kernel: number
  readonly stride: number
  /** PyTorch's symmetric padding in pixels, or TensorFlow's 'same' (the odd pixel goes after). */
  readonly padding: number | 'same'
  /** 1, or `in` for a depthwise convolution. */
  readonly groups: number
  readonly bias: boolean
}
export interface BatchNormLayer extends Base {
  readonly kind: 'batch_norm'
  readonly channels: number
  readonly epsilon: number
  /** Share of the new batch in the running statistics, as PyTorch counts it. */
  readonly momentum: number
}
export const ACTIVATIONS = ['relu', 'relu6', 'hard_swish', 'hard_sigmoid', 'silu', 'sigmoid'] as const
export type ActivationName = (typeof ACTIVATIONS)[number]
export interface ActivationLayer extends Base {
  readonly kind: 'activation'
  readonly activation: ActivationName
}
export interface MaxPoolLayer extends Base {
  readonly kind: 'max_pool'
  readonly kernel: number
  readonly stride: number
  readonly padding: number
}
export interface AddLayer extends Base {
  readonly kind: 'add'
}
/** Feature map [H, W, C] times one factor a channel [C]: the end of squeeze-and-excitation. */
export interface ScaleLayer extends Base {
  readonly kind: 'scale'
}
export interface GlobalAveragePoolLayer extends Base {
  readonly kind: 'global_average_pool'
}
/** How a linear layer starts: PyTorch's own way, or that of the published network it ends. */
export type LinearStart = 'pytorch' | 'mobilenet' | 'efficientnet'
export interface LinearLayer extends Base {
  readonly kind: 'linear'
  readonly in: number
  readonly out: number
  readonly start: LinearStart
}
export interface DropoutLayer extends Base {
  readonly kind: 'dropout'
  readonly probability: number
}
/** Leaves the whole value of some pictures out: the end of a residual branch (Huang et al. 2016). */
export interface StochasticDepthLayer extends Base {
  readonly kind: 'stochastic_depth'
  readonly probability: number
}

export type Layer =
  | ConvLayer
  | BatchNormLayer
  | ActivationLayer
  | MaxPoolLayer
  | AddLayer
  | ScaleLayer
  | GlobalAveragePoolLayer
  | LinearLayer
  | DropoutLayer
  | StochasticDepthLayer
export type LayerKind = Layer['kind']

/** How a parameter's numbers are laid out for TensorFlow, from PyTorch's layout outside. */
export type ParameterLayout =
  | 'as_is' // vectors and [out, in] matrices
  | 'conv' // [out, in, h, w] → [h, w, in, out]
  | 'depthwise' // [channels, 1, h, w] → [h, w, channels, 1]
  | 'dense_conv' // [out, in, 1, 1] → [out, in]

export type Initialiser =
  | { kind: 'zeros' }
  | { kind: 'ones' }
  /** He et al. 2015, normal with variance 2 / fan. */
  | { kind: 'he_normal'; fan: number }
  /** PyTorch's Linear: uniform in ±1/√fan_in. */
  | { kind: 'uniform'; bound: number }
  | { kind: 'normal'; deviation: number }

export interface ParameterSpec {
  /** PyTorch's name, e.g. `features.0.1.running_mean`. */
  readonly name: string
  /** PyTorch's shape. */
  readonly shape: readonly number[]
  readonly layout: ParameterLayout
  /** False for running statistics. */
  readonly isTrained: boolean
  readonly initialiser: Initialiser
}

/** A value in a graph under construction. */
export interface Value {
  readonly output: Output
  readonly shape: Shape
  readonly type: FloatType
  /** True when a parameter that trains lies before it. */
  readonly needsGradient: boolean
}

/** What a rule may use while it writes a layer's nodes. */
export interface ForwardContext {
  readonly graph: GraphBuilder
  /** True where pictures, and with them every feature map and kernel, are turned half around. */
  readonly isTurned: boolean
  /** Current value of a parameter, float32 in TensorFlow's layout. */
  parameter(name: string): Output
  /** The type that a layer computes in where it reads this value. */
  typeOf(layer: Layer, input: Value): FloatType
  /** A value's numbers in a type; cast once, however many read it. */
  as(value: Pick<Value, 'output' | 'type'>, type: FloatType): Output
  /** True when the layer's parameters train in this graph; else it runs in inference form. */
  trains(layer: Layer): boolean
  /** True when a batch norm takes mean and variance from the batch, and moves its running statistics. */
  normalisesByBatch(layer: BatchNormLayer): boolean
  /** True when frozen layers too run as in training, as in a script that calls `train()` on the whole model. */
  readonly isWhollyTraining: boolean
  /** True when this graph is a training step: dropout drops, gradients are recorded. */
  readonly isTraining: boolean
  /** The batch norm in inference form that this convolution takes into itself, if any. */
  foldedBatchNorm(layer: ConvLayer): BatchNormLayer | null
  /** Random uniform numbers in [0, 1) of a shape (an int32 vector), keyed by run, step and `layer`. */
  randomUniform(layer: Layer, shape: Output): Output
  /** Says how gradients flow back through what was just written; the gradient comes in the value's type. Called in reverse order of recording. */
  record(output: Value, backward: (gradient: Output) => void): void
  /** Adds to the gradient of a value, in the value's type where no other is named; ignored where none is needed. */
  addGradient(value: Value, gradient: Output, type?: FloatType): void
  /** The gradient of the loss by a parameter that trains, in float32. */
  setParameterGradient(name: string, gradient: Output): void
  /** A running statistic's new value, written when the step runs. */
  updateStatistic(name: string, value: Output): void
}

/** A value in an ONNX graph. Feature maps are [N, C, H, W] there; `shape` stays [H, W, C]. */
export interface OnnxValue {
  readonly output: OnnxOutput
  readonly shape: Shape
}

/** What a rule may use while it writes a layer's ONNX nodes. */
export interface OnnxContext {
  readonly graph: OnnxBuilder
  /** A parameter's numbers in PyTorch's layout. */
  parameter(name: string): Float32Array
  /** Writes numbers that need not be exact, in the precision of the export; the value is float32 [out, …]. */
  weight(name: string, data: Float32Array, shape: readonly number[]): OnnxOutput
  /** The batch norm that this convolution takes into itself, if any. */
  foldedBatchNorm(layer: ConvLayer): BatchNormLayer | null
}

export interface LayerRule<L extends Layer> {
  shape(layer: L, inputs: readonly Shape[]): Shape
  parameters(layer: L, inputs: readonly Shape[]): readonly ParameterSpec[]
  /** Multiply–accumulates for one picture. */
  macs(layer: L, inputs: readonly Shape[], output: Shape): number
  /** Writes the layer's nodes and, in training, records its gradient. */
  forward(context: ForwardContext, layer: L, inputs: readonly Value[]): Value
  /** Writes the layer in inference form as ONNX nodes. */
  onnx(context: OnnxContext, layer: L, inputs: readonly OnnxValue[]): OnnxValue
}

/** The only input of a layer that has one. */
export function only<T>(items: readonly T[], layer: Layer): T {
  const [item] = items
  if (item === undefined || items.length !== 1) throw new Error(`${layer.name} takes one input, not ${items.length}`)
  return item
}

/** The two inputs of a layer that has two. */
export function pair<T>(items: readonly T[], layer: Layer): [T, T] {
  const [first, second] = items
  if (first === undefined || second === undefined || items.length !== 2) throw new Error(`${layer.name} takes two inputs, not ${items.length}`)
  return [first, second]
}

/** Height, width and channels of a feature map. */
export function mapShape(shape: Shape, layer: Layer): [number, number, number] {
  const [height, width, channels] = shape
  if (height === undefined || width === undefined || channels === undefined) throw new Error(`${layer.name} takes a feature map, not [${shape.join(', ')}]`)
  return [height, width, channels]
}
