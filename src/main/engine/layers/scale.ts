/** A feature map times one factor a channel: the excitation of squeeze-and-excitation (Hu et al. 2018). */
import { type LayerRule, mapShape, pair, type ScaleLayer, type Value } from './layer'

export const scale: LayerRule<ScaleLayer> = {
  shape: (layer, inputs) => pair(inputs, layer)[0],
  parameters: () => [],
  macs: (_layer, _inputs, output) => output.reduce((a, b) => a * b, 1),
  forward(context, layer, inputs) {
    const { graph } = context
    const [map, factor] = pair(inputs, layer)
    const [, , channels] = mapShape(map.shape, layer)
    const { type } = map
    const numbers = graph.of(type)
    const factors = numbers.reshape(context.as(factor, type), [-1, 1, 1, channels])
    const value: Value = { output: numbers.mul(map.output, factors), shape: map.shape, type, needsGradient: map.needsGradient || factor.needsGradient }
    context.record(value, (gradient) => {
      if (map.needsGradient) context.addGradient(map, numbers.mul(gradient, factors))
      // Summed in float32: bfloat16 would lose small terms beside a large sum.
      if (factor.needsGradient) context.addGradient(factor, graph.reduce('Sum', graph.cast(numbers.mul(gradient, map.output), type, 'float32'), [1, 2]), 'float32')
    })
    return value
  },
  onnx({ graph }, layer, inputs) {
    const [map, factor] = pair(inputs, layer)
    const factors = graph.add('Unsqueeze', [factor.output, graph.constant('int64', [2, 3])])
    return { ...map, output: graph.add('Mul', [map.output, factors]) }
  },
}
