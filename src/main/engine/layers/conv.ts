/** Convolution, full or depthwise; over a pooled [channels] input it is a matrix product, as in squeeze-and-excitation. */
import { attribute, type FloatType, type Margin, type Output } from '../compile/graph-builder'
import { onnxAttribute } from '../compile/onnx-builder'
import { type ConvLayer, type ForwardContext, type LayerRule, mapShape, only, type OnnxContext, type ParameterSpec, type Value } from './layer'

const isDepthwise = (layer: ConvLayer) => layer.groups > 1

/** Pixels put before and after one side, and the side's output, as PyTorch (number) or TensorFlow ('same') counts them. */
export function convPadding(layer: Pick<ConvLayer, 'kernel' | 'stride' | 'padding'>, side: number): Margin & { out: number } {
  const { before, after, out } = margins(layer, side)
  // Pixels after the last window are never read, so they need not be added.
  return { before, after: Math.max(after, 0), out }
}

/** The same where pictures are turned half around: what came first comes last. A negative number is of pixels that no window reads. */
export function turnedPadding(layer: Pick<ConvLayer, 'kernel' | 'stride' | 'padding'>, side: number): Margin & { out: number } {
  const { before, after, out } = margins(layer, side)
  return { before: after, after: before, out }
}

function margins({ kernel, stride, padding }: Pick<ConvLayer, 'kernel' | 'stride' | 'padding'>, side: number): Margin & { out: number } {
  if (padding === 'same') {
    const out = Math.ceil(side / stride)
    const total = Math.max((out - 1) * stride + kernel - side, 0)
    return { before: Math.floor(total / 2), after: total - Math.floor(total / 2), out }
  }
  const out = Math.floor((side + 2 * padding - kernel) / stride) + 1
  return { before: padding, after: (out - 1) * stride + kernel - side - padding, out }
}

export interface WindowGeometry {
  readonly height: Margin & { readonly out: number }
  readonly width: Margin & { readonly out: number }
  /** TensorFlow's own 'SAME' pads just so; else the input is padded first. */
  readonly isSame: boolean
}

/** How the windows of a convolution or a pooling lie over a feature map. */
export function windowGeometry(layer: Pick<ConvLayer, 'kernel' | 'stride' | 'padding'>, [h, w]: readonly [number, number, number], isTurned: boolean): WindowGeometry {
  const paddingOf = isTurned ? turnedPadding : convPadding
  const same = { ...layer, padding: 'same' as const }
  const isSameSide = (side: number) => {
    const own = paddingOf(layer, side)
    const theirs = convPadding(same, side)
    return own.before === theirs.before && own.after === theirs.after && own.out === theirs.out
  }
  return { height: paddingOf(layer, h), width: paddingOf(layer, w), isSame: isSameSide(h) && isSameSide(w) }
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
  const x = context.as(input, 'float32')
  let output = graph.matMul(x, weight, { transposeB: true })
  if (layer.bias) output = graph.add('BiasAdd', [output, context.parameter(`${layer.name}.bias`)], { T: attribute.type('float32') })
  const trains = context.trains(layer)
  const value: Value = { output, shape: [layer.out], type: 'float32', needsGradient: trains || input.needsGradient }
  context.record(value, (gradient) => {
    if (trains) {
      context.setParameterGradient(`${layer.name}.weight`, graph.matMul(gradient, x, { transposeA: true }))
      if (layer.bias) context.setParameterGradient(`${layer.name}.bias`, graph.add('BiasAddGrad', [gradient], { T: attribute.type('float32') }))
    }
    if (input.needsGradient) context.addGradient(input, graph.matMul(gradient, weight), 'float32')
  })
  return value
}

function forwardMap(context: ForwardContext, layer: ConvLayer, input: Value): Value {
  const { graph } = context
  const shape = windowGeometry(layer, mapShape(input.shape, layer), context.isTurned)
  const { kernel, bias } = foldedParameters(context, layer)
  const type = context.typeOf(layer, input)
  const numbers = graph.of(type)
  const x = context.as(input, type)
  const padded = shape.isSame ? x : numbers.pad(x, shape.height, shape.width)
  const typedKernel = graph.cast(kernel, 'float32', type)
  const operation = isDepthwise(layer) ? 'DepthwiseConv2dNative' : 'Conv2D'
  let output = graph.add(operation, [padded, typedKernel], convAttributes(layer, type, shape))
  if (bias !== null) output = graph.add('BiasAdd', [output, graph.cast(bias, 'float32', type)], { T: attribute.type(type) })
  const trains = context.trains(layer)
  const value: Value = { output, shape: [shape.height.out, shape.width.out, layer.out], type, needsGradient: trains || input.needsGradient }
  context.record(value, (gradient) => {
    if (trains) {
      const back = kernelGradient(context, layer, { x, padded, shape, gradient, type })
      context.setParameterGradient(`${layer.name}.weight`, graph.cast(back, type, 'float32'))
      if (layer.bias) {
        const sum = graph.add('BiasAddGrad', [graph.cast(gradient, type, 'float32')], { T: attribute.type('float32') })
        context.setParameterGradient(`${layer.name}.bias`, sum)
      }
    }
    if (input.needsGradient) writeInputGradient(context, layer, { input, kernel, padded, shape, gradient, type })
  })
  return value
}

function convAttributes(layer: ConvLayer, type: FloatType, shape: WindowGeometry) {
  return {
    T: attribute.type(type),
    strides: attribute.ints([1, layer.stride, layer.stride, 1]),
    padding: attribute.string(shape.isSame ? 'SAME' : 'VALID'),
    data_format: attribute.string('NHWC'),
  }
}

interface Backward {
  readonly padded: Output
  readonly shape: WindowGeometry
  /** By the output, in `type`. */
  readonly gradient: Output
  /** That the convolution computes in. */
  readonly type: FloatType
}

function writeInputGradient(context: ForwardContext, layer: ConvLayer, given: Backward & { input: Value; kernel: Output }): void {
  const { graph } = context
  const { input, padded, shape } = given
  const [height, width, channels] = mapShape(input.shape, layer)
  // oneDNN's bfloat16 one of a depthwise convolution with a stride takes fifty times as long as the float32 one.
  const type = isDepthwise(layer) && layer.stride > 1 ? 'float32' : given.type
  const gradient = graph.cast(given.gradient, given.type, type)
  const operation = isDepthwise(layer) ? 'DepthwiseConv2dNativeBackpropInput' : 'Conv2DBackpropInput'
  const sizes = graph.of(given.type).shapeOf(padded)
  const back = graph.add(operation, [sizes, graph.cast(given.kernel, 'float32', type), gradient], convAttributes(layer, type, shape))
  context.addGradient(input, shape.isSame ? back : graph.of(type).unpad(back, shape.height, shape.width, [height, width, channels]), type)
}

/** Fewest channels from which one product of two matrices is quicker than oneDNN's gradient by a kernel of one pixel. */
const PRODUCT_FROM = 32

/** A convolution of single pixels, each of which it reads, is a product of matrices. */
const isProduct = (layer: ConvLayer) => layer.kernel === 1 && layer.stride === 1 && layer.groups === 1 && Math.min(layer.in, layer.out) >= PRODUCT_FROM

function productGradient({ graph }: ForwardContext, layer: ConvLayer, x: Output, gradient: Output, type: FloatType): Output {
  const numbers = graph.of(type)
  const back = numbers.matMul(numbers.reshape(x, [-1, layer.in]), numbers.reshape(gradient, [-1, layer.out]), { transposeA: true })
  return numbers.reshape(back, [1, 1, layer.in, layer.out])
}

/** Widest kernel that oneDNN's fast gradient by a depthwise kernel takes; height does not matter. */
const FAST_WIDTH = 3

/** In `type` and the kernel's shape. */
function kernelGradient(context: ForwardContext, layer: ConvLayer, { x, padded, shape, gradient, type }: Backward & { x: Output }): Output {
  const { graph } = context
  const { kernel, stride } = layer
  if (isProduct(layer)) return productGradient(context, layer, x, gradient, type)
  if (!isDepthwise(layer)) {
    return graph.add('Conv2DBackpropFilter', [padded, graph.int([kernel, kernel, layer.in, layer.out]), gradient], convAttributes(layer, type, shape))
  }
  const partOf = (values: Output, columns: number, part: WindowGeometry) =>
    graph.add('DepthwiseConv2dNativeBackpropFilter', [values, graph.int([kernel, columns, layer.in, 1]), gradient], convAttributes(layer, type, part))
  if (kernel <= FAST_WIDTH) return partOf(padded, kernel, shape)
  // Column by column of the kernel a gradient is on its own: parts of three columns, the last of which may lie over the one before.
  const numbers = graph.of(type)
  const whole = shape.isSame ? numbers.pad(x, shape.height, shape.width) : padded
  const parts: Output[] = []
  for (let first = 0; first < kernel; first += FAST_WIDTH) {
    const begin = Math.min(first, kernel - FAST_WIDTH)
    const part = partOf(numbers.slice(whole, [0, 0, begin, 0], [-1, -1, (shape.width.out - 1) * stride + FAST_WIDTH, -1]), FAST_WIDTH, { ...shape, isSame: false })
    parts.push(begin === first ? part : numbers.slice(part, [0, first - begin, 0, 0], [-1, -1, -1, -1]))
  }
  return graph.add('ConcatV2', [...parts, graph.int(1)], { N: attribute.int(parts.length), T: attribute.type(type), Tidx: attribute.type('int32') })
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
