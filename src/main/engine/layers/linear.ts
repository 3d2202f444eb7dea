/** x·Wᵀ + b, with PyTorch's [out, in] weight. */
import { attribute } from '../compile/graph-builder'
import { type LayerRule, type LinearLayer, only } from './layer'

const FLOAT = attribute.type('float32')

export const linear: LayerRule<LinearLayer> = {
  shape: (layer) => [layer.out],
  parameters(layer) {
    const bound = 1 / Math.sqrt(layer.in)
    const common = { layout: 'as_is' as const, isTrained: true, initialiser: { kind: 'uniform' as const, bound } }
    return [
      { name: `${layer.name}.weight`, shape: [layer.out, layer.in], ...common },
      { name: `${layer.name}.bias`, shape: [layer.out], ...common },
    ]
  },
  macs: (layer) => layer.in * layer.out,
  forward(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    const weight = context.parameter(`${layer.name}.weight`)
    const product = graph.matMul(input.output, weight, { transposeB: true })
    const trains = context.trains(layer)
    const value = {
      output: graph.add('BiasAdd', [product, context.parameter(`${layer.name}.bias`)], { T: FLOAT }),
      shape: [layer.out],
      needsGradient: trains || input.needsGradient,
    }
    context.record(value, (gradient) => {
      if (trains) {
        context.setParameterGradient(`${layer.name}.weight`, graph.matMul(gradient, input.output, { transposeA: true }))
        context.setParameterGradient(`${layer.name}.bias`, graph.add('BiasAddGrad', [gradient], { T: FLOAT }))
      }
      if (input.needsGradient) context.addGradient(input, graph.matMul(gradient, weight))
    })
    return value
  },
}
