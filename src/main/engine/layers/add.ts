/** The sum of two values of one shape: a residual connection. */
import { type AddLayer, type LayerRule, pair } from './layer'

export const add: LayerRule<AddLayer> = {
  shape(layer, inputs) {
    const [a, b] = pair(inputs, layer)
    if (a.join() !== b.join()) throw new Error(`${layer.name} adds [${a.join(', ')}] and [${b.join(', ')}]`)
    return a
  },
  parameters: () => [],
  macs: () => 0,
  forward(context, layer, inputs) {
    const [a, b] = pair(inputs, layer)
    const value = { output: context.graph.plus(a.output, b.output), shape: a.shape, needsGradient: a.needsGradient || b.needsGradient }
    context.record(value, (gradient) => {
      context.addGradient(a, gradient)
      context.addGradient(b, gradient)
    })
    return value
  },
  onnx(context, layer, inputs) {
    const [a, b] = pair(inputs, layer)
    return { ...a, output: context.graph.add('Add', [a.output, b.output]) }
  },
}
