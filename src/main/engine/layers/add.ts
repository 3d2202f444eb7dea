/** The sum of two values of one shape: a residual connection. */
import { type AddLayer, type LayerRule, pair, type Value } from './layer'

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
    const type = a.type === b.type ? a.type : 'float32'
    const output = context.graph.of(type).plus(context.as(a, type), context.as(b, type))
    const value: Value = { output, shape: a.shape, type, needsGradient: a.needsGradient || b.needsGradient }
    context.record(value, (gradient) => {
      context.addGradient(a, gradient, type)
      context.addGradient(b, gradient, type)
    })
    return value
  },
  onnx(context, layer, inputs) {
    const [a, b] = pair(inputs, layer)
    return { ...a, output: context.graph.add('Add', [a.output, b.output]) }
  },
}
