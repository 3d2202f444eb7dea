/** Element-wise activations. Gradients at the kinks are PyTorch's. */
import type { GraphBuilder, Output } from '../compile/graph-builder'
import { onnxAttribute, type OnnxBuilder, type OnnxOutput } from '../compile/onnx-builder'
import { type ActivationLayer, type ActivationName, type LayerRule, only } from './layer'

interface Activation {
  /** Writes the value and returns it with a function that writes the gradient by the input. */
  write(graph: GraphBuilder, x: Output): { output: Output; gradient: (dy: Output) => Output }
}

const ACTIVATION_RULES: Readonly<Record<ActivationName, Activation>> = {
  relu: {
    write(graph, x) {
      const output = graph.float32('Relu', [x])
      return { output, gradient: (dy) => graph.float32('ReluGrad', [dy, output]) }
    },
  },
  relu6: {
    write(graph, x) {
      const output = graph.float32('Relu6', [x])
      return { output, gradient: (dy) => graph.float32('Relu6Grad', [dy, output]) }
    },
  },
  /** x · relu6(x + 3) / 6 (Howard et al. 2019). */
  hard_swish: {
    write(graph, x) {
      const gate = graph.float32('Relu6', [graph.plus(x, graph.float(3))])
      const sixth = graph.float(1 / 6)
      const output = graph.mul(graph.mul(x, gate), sixth)
      const gradient = (dy: Output) => {
        const d = graph.mul(dy, sixth)
        return graph.plus(graph.mul(d, gate), graph.float32('Relu6Grad', [graph.mul(d, x), gate]))
      }
      return { output, gradient }
    },
  },
  /** relu6(x + 3) / 6. */
  hard_sigmoid: {
    write(graph, x) {
      const gate = graph.float32('Relu6', [graph.plus(x, graph.float(3))])
      const sixth = graph.float(1 / 6)
      return { output: graph.mul(gate, sixth), gradient: (dy) => graph.float32('Relu6Grad', [graph.mul(dy, sixth), gate]) }
    },
  },
  /** x · σ(x), also called swish (Elfwing et al. 2017). */
  silu: {
    write(graph, x) {
      const gate = graph.float32('Sigmoid', [x])
      const gradient = (dy: Output) => graph.plus(graph.mul(dy, gate), graph.float32('SigmoidGrad', [gate, graph.mul(dy, x)]))
      return { output: graph.mul(x, gate), gradient }
    },
  },
  sigmoid: {
    write(graph, x) {
      const output = graph.float32('Sigmoid', [x])
      return { output, gradient: (dy) => graph.float32('SigmoidGrad', [output, dy]) }
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
    const { output, gradient } = ACTIVATION_RULES[layer.activation].write(context.graph, input.output)
    const value = { ...input, output }
    context.record(value, (dy) => context.addGradient(input, gradient(dy)))
    return value
  },
  onnx(context, layer, inputs) {
    const input = only(inputs, layer)
    return { ...input, output: ONNX_ACTIVATIONS[layer.activation](context.graph, input.output) }
  },
}
