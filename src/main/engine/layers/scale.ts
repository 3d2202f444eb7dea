/** A feature map times one factor a channel: the excitation of squeeze-and-excitation (Hu et al. 2018). */
import { type LayerRule, mapShape, pair, type ScaleLayer } from './layer'

export const scale: LayerRule<ScaleLayer> = {
  shape: (layer, inputs) => pair(inputs, layer)[0],
  parameters: () => [],
  macs: (_layer, _inputs, output) => output.reduce((a, b) => a * b, 1),
  forward(context, layer, inputs) {
    const { graph } = context
    const [map, factor] = pair(inputs, layer)
    const [, , channels] = mapShape(map.shape, layer)
    const factors = graph.reshape(factor.output, [-1, 1, 1, channels])
    const value = { output: graph.mul(map.output, factors), shape: map.shape, needsGradient: map.needsGradient || factor.needsGradient }
    context.record(value, (gradient) => {
      if (map.needsGradient) context.addGradient(map, graph.mul(gradient, factors))
      if (factor.needsGradient) context.addGradient(factor, graph.reduce('Sum', graph.mul(gradient, map.output), [1, 2]))
    })
    return value
  },
  onnx({ graph }, layer, inputs) {
    const [map, factor] = pair(inputs, layer)
    const factors = graph.add('Unsqueeze', [factor.output, graph.constant('int64', [2, 3])])
    return { ...map, output: graph.add('Mul', [map.output, factors]) }
  },
}
