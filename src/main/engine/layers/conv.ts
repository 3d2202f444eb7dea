/** Convolution, full or depthwise; over a pooled [channels] input it is a matrix product, as in squeeze-and-excitation. */
import { attribute, type Output } from '../compile/graph-builder'
import { onnxAttribute } from '../compile/onnx-builder'
import { type ConvLayer, type ForwardContext, type LayerRule, mapShape, only, type OnnxContext, type ParameterSpec, type Shape, type Value } from './layer'

const isDepthwise = (layer: ConvLayer) => layer.groups > 1

/** Pixels put before and after one side, and the side's output, as PyTorch (number) or TensorFlow ('same') counts them. */
export function convPadding(layer: Pick<ConvLayer, 'kernel' | 'stride' | 'padding'>, side: number): { before: number; after: number; out: number } {
  const { kernel, stride, padding } = layer
  if (padding === 'same') {
    const out = Math.ceil(side / stride)
    const total = Math.max((out - 1) * stride + kernel - side, 0)
    return { before: Math.floor(total / 2), after: total - Math.floor(total / 2), out }
  }
  const out = Math.floor((side + 2 * padding - kernel) / stride) + 1
  // Pixels after the last window are never read, so they need not be added.
  return { before: padding, after: Math.max((out - 1) * stride + kernel - side - padding, 0), out }
}

interface Geometry {
  readonly height: { before: number; after: number; out: number }
  readonly width: { before: number; after: number; out: number }
  /** TensorFlow's own 'SAME' pads just so; else the input is padded first. */
  readonly isSame: boolean
  readonly isPadded: boolean
}

function geometry(layer: ConvLayer, input: Shape): Geometry {
  const [h, w] = mapShape(input, layer)
  const height = convPadding(layer, h)
  const width = convPadding(layer, w)
  const same = { ...layer, padding: 'same' as const }
  const sameHeight = convPadding(same, h)
  const sameWidth = convPadding(same, w)
  const isSame =
    sameHeight.before === height.before && sameHeight.out === height.out && sameWidth.before === width.before && sameWidth.out === width.out &&
    sameHeight.after === height.after && sameWidth.after === width.after
  const isPadded = height.before + height.after + width.before + width.after > 0
  return { height, width, isSame, isPadded }
}

/** The kernel and bias with an inference batch norm folded in: w·γ/√(σ²+ε) and β + (b − μ)·γ/√(σ²+ε). */
function foldedParameters(context: ForwardContext, layer: ConvLayer): { kernel: Output; bias: Output | null } {
  const { graph } = context
  const kernel = context.parameter(`${layer.name}.weight`)
  const bias = layer.bias ? context.parameter(`${layer.name}.bias`) : null
  const norm = context.foldedBatchNorm(layer)
  if (norm === null) return { kernel, bias }
  const inverse = graph.float32('Rsqrt', [graph.plus(context.parameter(`${norm.name}.running_var`), graph.float(norm.epsilon))])
  const scale = graph.mul(context.parameter(`${norm.name}.weight`), inverse)
  const mean = context.parameter(`${norm.name}.running_mean`)
  const shift = graph.mul(bias === null ? mean : graph.minus(mean, bias), scale)
  return {
    kernel: graph.mul(kernel, isDepthwise(layer) ? graph.reshape(scale, [layer.out, 1]) : scale),
    bias: graph.minus(context.parameter(`${norm.name}.bias`), shift),
  }
}

function forwardDense(context: ForwardContext, layer: ConvLayer, input: Value): Value {
  const { graph } = context
  const weight = context.parameter(`${layer.name}.weight`) // [out, in]
  let output = graph.matMul(input.output, weight, { transposeB: true })
  if (layer.bias) output = graph.add('BiasAdd', [output, context.parameter(`${layer.name}.bias`)], { T: attribute.type('float32') })
  const trains = context.trains(layer)
  const value: Value = { output, shape: [layer.out], needsGradient: trains || input.needsGradient }
  context.record(value, (gradient) => {
    if (trains) {
      context.setParameterGradient(`${layer.name}.weight`, graph.matMul(gradient, input.output, { transposeA: true }))
      if (layer.bias) context.setParameterGradient(`${layer.name}.bias`, graph.add('BiasAddGrad', [gradient], { T: attribute.type('float32') }))
    }
    if (input.needsGradient) context.addGradient(input, graph.matMul(gradient, weight))
  })
  return value
}

function forwardMap(context: ForwardContext, layer: ConvLayer, input: Value): Value {
  const { graph } = context
  const [height, width, channels] = mapShape(input.shape, layer)
  const shape = geometry(layer, input.shape)
  const { kernel, bias } = foldedParameters(context, layer)
  const float = attribute.type('float32')
  let padded = input.output
  if (!shape.isSame && shape.isPadded) {
    const amounts = [0, 0, shape.height.before, shape.height.after, shape.width.before, shape.width.after, 0, 0]
    padded = graph.add('Pad', [input.output, graph.int(amounts, [4, 2])], { T: float, Tpaddings: attribute.type('int32') })
  }
  const attributes = {
    T: float,
    strides: attribute.ints([1, layer.stride, layer.stride, 1]),
    padding: attribute.string(shape.isSame ? 'SAME' : 'VALID'),
    data_format: attribute.string('NHWC'),
  }
  const depthwise = isDepthwise(layer)
  let output = graph.add(depthwise ? 'DepthwiseConv2dNative' : 'Conv2D', [padded, kernel], attributes)
  if (bias !== null) output = graph.add('BiasAdd', [output, bias], { T: float })
  const trains = context.trains(layer)
  const value: Value = { output, shape: [shape.height.out, shape.width.out, layer.out], needsGradient: trains || input.needsGradient }
  context.record(value, (gradient) => {
    const operation = depthwise ? 'DepthwiseConv2dNative' : 'Conv2D'
    if (trains) {
      const sizes = graph.int(depthwise ? [layer.kernel, layer.kernel, channels, 1] : [layer.kernel, layer.kernel, layer.in, layer.out])
      context.setParameterGradient(`${layer.name}.weight`, graph.add(`${operation}BackpropFilter`, [padded, sizes, gradient], attributes))
      if (layer.bias) context.setParameterGradient(`${layer.name}.bias`, graph.add('BiasAddGrad', [gradient], { T: float }))
    }
    if (!input.needsGradient) return
    let back = graph.add(`${operation}BackpropInput`, [graph.shapeOf(padded), kernel, gradient], attributes)
    if (padded !== input.output) {
      const begin = graph.int([0, shape.height.before, shape.width.before, 0])
      back = graph.add('Slice', [back, begin, graph.int([-1, height, width, channels])], { T: float, Index: attribute.type('int32') })
    }
    context.addGradient(input, back)
  })
  return value
}

/** The same folding on numbers: in float64, rounded once. */
function foldedNumbers(context: OnnxContext, layer: ConvLayer): { kernel: Float32Array; bias: Float32Array | null } {
  const kernel = context.parameter(`${layer.name}.weight`)
  const bias = layer.bias ? context.parameter(`${layer.name}.bias`) : null
  const norm = context.foldedBatchNorm(layer)
  if (norm === null) return { kernel, bias }
  const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((suffix) => context.parameter(`${norm.name}.${suffix}`))
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) throw new Error(`${norm.name} has no numbers to fold`)
  const scale = Float64Array.from(gamma, (value, channel) => value / Math.sqrt((variance[channel] ?? NaN) + norm.epsilon))
  const folded = new Float32Array(kernel.length)
  const perChannel = kernel.length / layer.out
  scale.forEach((factor, channel) => {
    for (let i = channel * perChannel; i < (channel + 1) * perChannel; i++) folded[i] = (kernel[i] as number) * factor
  })
  return {
    kernel: folded,
    bias: beta.map((value, channel) => value + ((bias?.[channel] ?? 0) - (mean[channel] ?? NaN)) * (scale[channel] ?? NaN)),
  }
}

export const conv: LayerRule<ConvLayer> = {
  shape(layer, inputs) {
    const input = only(inputs, layer)
    if (input.length === 1) return [layer.out]
    const [height, width] = mapShape(input, layer)
    return [convPadding(layer, height).out, convPadding(layer, width).out, layer.out]
  },

  parameters(layer, inputs) {
    const depthwise = isDepthwise(layer)
    // As PyTorch counts it, from the weight's shape alone: groups do not lessen it.
    const fanOut = layer.kernel * layer.kernel * layer.out
    const weight: ParameterSpec = {
      name: `${layer.name}.weight`,
      shape: [layer.out, layer.in / layer.groups, layer.kernel, layer.kernel],
      layout: only(inputs, layer).length === 1 ? 'dense_conv' : depthwise ? 'depthwise' : 'conv',
      isTrained: true,
      initialiser: { kind: 'he_normal', fan: fanOut },
    }
    if (!layer.bias) return [weight]
    return [weight, { name: `${layer.name}.bias`, shape: [layer.out], layout: 'as_is', isTrained: true, initialiser: { kind: 'zeros' } }]
  },

  macs(layer, _inputs, output) {
    const [height, width] = output.length === 1 ? [1, 1] : mapShape(output, layer)
    return (height * width * layer.out * layer.in * layer.kernel * layer.kernel) / layer.groups
  },

  forward(context, layer, inputs) {
    const input = only(inputs, layer)
    return input.shape.length === 1 ? forwardDense(context, layer, input) : forwardMap(context, layer, input)
  },

  onnx(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    const isDense = input.shape.length === 1
    const { kernel, bias } = foldedNumbers(context, layer)
    const name = `${layer.name}.weight`
    const shape = isDense ? [layer.out, layer.in] : [layer.out, layer.in / layer.groups, layer.kernel, layer.kernel]
    const operands = [input.output, context.weight(name, kernel, shape)]
    if (bias !== null) operands.push(graph.tensor(`${layer.name}.bias`, 'float32', bias, [layer.out]))
    if (isDense) return { output: graph.add('Gemm', operands, { transB: onnxAttribute.int(1) }), shape: [layer.out] }
    const [height, width] = mapShape(input.shape, layer)
    const { padding } = layer
    const h = convPadding(layer, height)
    const w = convPadding(layer, width)
    const output = graph.add('Conv', operands, {
      kernel_shape: onnxAttribute.ints([layer.kernel, layer.kernel]),
      strides: onnxAttribute.ints([layer.stride, layer.stride]),
      pads: onnxAttribute.ints(padding === 'same' ? [h.before, w.before, h.after, w.after] : [padding, padding, padding, padding]),
      group: onnxAttribute.int(layer.groups),
    })
    return { output, shape: [h.out, w.out, layer.out] }
  },
}
