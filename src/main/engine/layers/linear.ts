/** x·Wᵀ + b, with PyTorch's [out, in] weight. */
import { attribute } from '../compile/graph-builder'
import { onnxAttribute } from '../compile/onnx-builder'
import { type Initialiser, type LayerRule, type LinearLayer, type LinearStart, only, type Value } from './layer'

const FLOAT = attribute.type('float32')

/** torch.nn.Linear's own start, and those that torchvision's networks give their classifiers. */
const STARTS: Readonly<Record<LinearStart, (layer: LinearLayer) => { weight: Initialiser; bias: Initialiser }>> = {
  pytorch: (layer) => {
    const initialiser: Initialiser = { kind: 'uniform', bound: 1 / Math.sqrt(layer.in) }
    return { weight: initialiser, bias: initialiser }
  },
  mobilenet: () => ({ weight: { kind: 'normal', deviation: 0.01 }, bias: { kind: 'zeros' } }),
  efficientnet: (layer) => ({ weight: { kind: 'uniform', bound: 1 / Math.sqrt(layer.out) }, bias: { kind: 'zeros' } }),
}

export const linear: LayerRule<LinearLayer> = {
  shape: (layer) => [layer.out],
  parameters(layer) {
    const { weight, bias } = STARTS[layer.start](layer)
    return [
      { name: `${layer.name}.weight`, shape: [layer.out, layer.in], layout: 'as_is', isTrained: true, initialiser: weight },
      { name: `${layer.name}.bias`, shape: [layer.out], layout: 'as_is', isTrained: true, initialiser: bias },
    ]
  },
  macs: (layer) => layer.in * layer.out,
  forward(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    const weight = context.parameter(`${layer.name}.weight`)
    const x = context.as(input, 'float32')
    const product = graph.matMul(x, weight, { transposeB: true })
    const trains = context.trains(layer)
    const value: Value = {
      output: graph.add('BiasAdd', [product, context.parameter(`${layer.name}.bias`)], { T: FLOAT }),
      shape: [layer.out],
      type: 'float32',
      needsGradient: trains || input.needsGradient,
    }
    context.record(value, (gradient) => {
      if (trains) {
        context.setParameterGradient(`${layer.name}.weight`, graph.matMul(gradient, x, { transposeA: true }))
        context.setParameterGradient(`${layer.name}.bias`, graph.add('BiasAddGrad', [gradient], { T: FLOAT }))
      }
      if (input.needsGradient) context.addGradient(input, graph.matMul(gradient, weight), 'float32')
    })
    return value
  },
  onnx(context, layer, inputs) {
    const matrix = context.weight(`${layer.name}.weight`, context.parameter(`${layer.name}.weight`), [layer.out, layer.in])
    const bias = context.graph.tensor(`${layer.name}.bias`, 'float32', context.parameter(`${layer.name}.bias`), [layer.out])
    return { output: context.graph.add('Gemm', [only(inputs, layer).output, matrix, bias], { transB: onnxAttribute.int(1) }), shape: [layer.out] }
  },
}
