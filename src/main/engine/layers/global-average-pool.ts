/** The mean over height and width: [H, W, C] → [C]. */
import { type GlobalAveragePoolLayer, type LayerRule, mapShape, only, type Value } from './layer'

export const globalAveragePool: LayerRule<GlobalAveragePoolLayer> = {
  shape: (layer, inputs) => [mapShape(only(inputs, layer), layer)[2]],
  parameters: () => [],
  macs: () => 0,
  forward(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    const [height, width, channels] = mapShape(input.shape, layer)
    const value: Value = { output: graph.reduce('Mean', context.as(input, 'float32'), [1, 2]), shape: [channels], type: 'float32', needsGradient: input.needsGradient }
    context.record(value, (gradient) => {
      // Each pixel gets 1/(HW) of the gradient; adding to zeros of the map's shape spreads it.
      const share = graph.reshape(graph.mul(gradient, graph.float(1 / (height * width))), [-1, 1, 1, channels])
      const numbers = graph.of(input.type)
      context.addGradient(input, numbers.plus(numbers.element('ZerosLike', [input.output]), graph.cast(share, 'float32', input.type)))
    })
    return value
  },
  onnx({ graph }, layer, inputs) {
    const input = only(inputs, layer)
    const [, , channels] = mapShape(input.shape, layer)
    return { output: graph.add('Flatten', [graph.add('GlobalAveragePool', [input.output])]), shape: [channels] }
  },
}
