/** Maximum over windows, padded as torchvision pads. The input must not be negative (it follows a ReLU), so zeros pad like −∞. */
import { attribute } from '../compile/graph-builder'
import { onnxAttribute } from '../compile/onnx-builder'
import { convPadding } from './conv'
import { type LayerRule, mapShape, type MaxPoolLayer, only, type Value } from './layer'

const FLOAT = attribute.type('float32')

export const maxPool: LayerRule<MaxPoolLayer> = {
  shape(layer, inputs) {
    const [height, width, channels] = mapShape(only(inputs, layer), layer)
    return [convPadding(layer, height).out, convPadding(layer, width).out, channels]
  },
  parameters: () => [],
  macs: () => 0,
  forward(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    const [height, width, channels] = mapShape(input.shape, layer)
    const h = convPadding(layer, height)
    const w = convPadding(layer, width)
    const amounts = graph.int([0, 0, h.before, h.after, w.before, w.after, 0, 0], [4, 2])
    const padded = graph.add('Pad', [input.output, amounts], { T: FLOAT, Tpaddings: attribute.type('int32') })
    const attributes = {
      T: FLOAT,
      ksize: attribute.ints([1, layer.kernel, layer.kernel, 1]),
      strides: attribute.ints([1, layer.stride, layer.stride, 1]),
      padding: attribute.string('VALID'),
      data_format: attribute.string('NHWC'),
    }
    const output = graph.add('MaxPool', [padded], attributes)
    const value: Value = { output, shape: [h.out, w.out, channels], needsGradient: input.needsGradient }
    context.record(value, (gradient) => {
      const back = graph.add('MaxPoolGrad', [padded, output, gradient], attributes)
      const begin = graph.int([0, h.before, w.before, 0])
      context.addGradient(input, graph.add('Slice', [back, begin, graph.int([-1, height, width, channels])], { T: FLOAT, Index: attribute.type('int32') }))
    })
    return value
  },
  onnx({ graph }, layer, inputs) {
    const input = only(inputs, layer)
    const { kernel, stride, padding } = layer
    const output = graph.add('MaxPool', [input.output], {
      kernel_shape: onnxAttribute.ints([kernel, kernel]),
      strides: onnxAttribute.ints([stride, stride]),
      pads: onnxAttribute.ints([padding, padding, padding, padding]),
    })
    return { output, shape: maxPool.shape(layer, [input.shape]) }
  },
}
