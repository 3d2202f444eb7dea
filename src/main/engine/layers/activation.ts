/**
 * Element-wise activations. Gradients at the kinks are PyTorch's. Where the slope needs nothing of the gradient that comes back it is one
 * value of its own: it is ready in the forward pass, and what it was made of need not be kept until the backward one.
 */
import type { Arithmetic, Output } from '../compile/graph-builder'
import { onnxAttribute, type OnnxBuilder, type OnnxOutput } from '../compile/onnx-builder'
import { type ActivationLayer, type ActivationName, type LayerRule, only } from './layer'

interface Activation {
  /** Writes the value and returns it with a function that writes the gradient by the input. */
  write(numbers: Arithmetic, x: Output): { output: Output; gradient: (dy: Output) => Output }
}

const ACTIVATION_RULES: Readonly<Record<ActivationName, Activation>> = {
  relu: {
    write(numbers, x) {
      const output = numbers.element('Relu', [x])
      return { output, gradient: (dy) => numbers.element('ReluGrad', [dy, output]) }
    },
  },
  relu6: {
    write(numbers, x) {
      const output = numbers.element('Relu6', [x])
      return { output, gradient: (dy) => numbers.element('Relu6Grad', [dy, output]) }
    },
  },
  /** x · relu6(x + 3) / 6 (Howard et al. 2019). */
  hard_swish: {
    write(numbers, x) {
      const gate = numbers.element('Relu6', [numbers.plus(x, numbers.number(3))])
      const sixth = numbers.number(1 / 6)
      const slope = () => numbers.mul(numbers.plus(gate, numbers.element('Relu6Grad', [x, gate])), sixth)
      return { output: numbers.mul(numbers.mul(x, gate), sixth), gradient: (dy) => numbers.mul(dy, slope()) }
    },
  },
  /** relu6(x + 3) / 6. */
  hard_sigmoid: {
    write(numbers, x) {
      const gate = numbers.element('Relu6', [numbers.plus(x, numbers.number(3))])
      const sixth = numbers.number(1 / 6)
      return { output: numbers.mul(gate, sixth), gradient: (dy) => numbers.element('Relu6Grad', [numbers.mul(dy, sixth), gate]) }
    },
  },
  /** x · σ(x), also called swish (Elfwing et al. 2017). */
  silu: {
    write(numbers, x) {
      const gate = numbers.element('Sigmoid', [x])
      const slope = () => numbers.plus(gate, numbers.element('SigmoidGrad', [gate, x]))
      return { output: numbers.mul(x, gate), gradient: (dy) => numbers.mul(dy, slope()) }
    },
  },
  sigmoid: {
    write(numbers, x) {
      const output = numbers.element('Sigmoid', [x])
      return { output, gradient: (dy) => numbers.element('SigmoidGrad', [output, dy]) }
    },
  },
}

const ONNX_ACTIVATIONS: Readonly<Record<ActivationName, (graph: OnnxBuilder, x: OnnxOutput) => OnnxOutput>> = {
  relu: (graph, x) => graph.add('Relu', [x]),
  relu6: (graph, x) => graph.add('Clip', [x, graph.constant('float32', 0), graph.constant('float32', 6)]),
  hard_swish: (graph, x) => graph.add('HardSwish', [x]),
  hard_sigmoid: (graph, x) => graph.add('HardSigmoid', [x], { alpha: onnxAttribute.float(1 / 6), beta: onnxAttribute.float(0.5) }),
  silu: (graph, x) => graph.add('Mul', [x, graph.add('Sigmoid', [x])]),
  sigmoid: (graph, x) => graph.add('Sigmoid', [x]),
}

export const activation: LayerRule<ActivationLayer> = {
  shape: (layer, inputs) => only(inputs, layer),
  parameters: () => [],
  macs: () => 0,
  forward(context, layer, inputs) {
    const input = only(inputs, layer)
    const type = context.typeOf(layer, input)
    const { output, gradient } = ACTIVATION_RULES[layer.activation].write(context.graph.of(type), context.as(input, type))
    const value = { ...input, output, type }
    context.record(value, (dy) => context.addGradient(input, gradient(dy), type))
    return value
  },
  onnx(context, layer, inputs) {
    const input = only(inputs, layer)
    return { ...input, output: ONNX_ACTIVATIONS[layer.activation](context.graph, input.output) }
  },
}
