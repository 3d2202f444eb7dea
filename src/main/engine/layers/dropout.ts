/** Dropout (Srivastava et al. 2014), inverted: what stays is scaled by 1/(1−p). Its mask depends on seed, step and layer alone. */
import { attribute } from '../compile/graph-builder'
import { type DropoutLayer, type LayerRule, only, type Value } from './layer'

export const dropout: LayerRule<DropoutLayer> = {
  shape: (layer, inputs) => only(inputs, layer),
  parameters: () => [],
  macs: () => 0,
  forward(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    if (!context.isTraining || layer.probability === 0) return input
    const x = context.as(input, 'float32')
    const uniform = context.randomUniform(layer, graph.shapeOf(x))
    const kept = graph.add('GreaterEqual', [uniform, graph.float(layer.probability)], { T: attribute.type('float32') })
    const mask = graph.mul(graph.cast(kept, 'bool', 'float32'), graph.float(1 / (1 - layer.probability)))
    const value: Value = { ...input, output: graph.mul(x, mask), type: 'float32' }
    context.record(value, (gradient) => context.addGradient(input, graph.mul(gradient, mask), 'float32'))
    return value
  },
  onnx: (_context, layer, inputs) => only(inputs, layer),
}
