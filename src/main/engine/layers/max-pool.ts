/** Maximum over windows, padded as torchvision pads. The input must not be negative (it follows a ReLU), so zeros pad like −∞. */
import { attribute } from '../compile/graph-builder'
import { onnxAttribute } from '../compile/onnx-builder'
import { convPadding, windowGeometry } from './conv'
import { type LayerRule, mapShape, type MaxPoolLayer, only, type Value } from './layer'

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
    const shape = windowGeometry(layer, [height, width, channels], context.isTurned)
    const type = context.typeOf(layer, input)
    const numbers = graph.of(type)
    const x = context.as(input, type)
    const padded = shape.isSame ? x : numbers.pad(x, shape.height, shape.width)
    const attributes = {
      T: attribute.type(type),
      ksize: attribute.ints([1, layer.kernel, layer.kernel, 1]),
      strides: attribute.ints([1, layer.stride, layer.stride, 1]),
      padding: attribute.string(shape.isSame ? 'SAME' : 'VALID'),
      data_format: attribute.string('NHWC'),
    }
    const output = graph.add('MaxPool', [padded], attributes)
    const value: Value = { output, shape: [shape.height.out, shape.width.out, channels], type, needsGradient: input.needsGradient }
    context.record(value, (gradient) => {
      const back = graph.add('MaxPoolGrad', [padded, output, gradient], attributes)
      context.addGradient(input, shape.isSame ? back : numbers.unpad(back, shape.height, shape.width, [height, width, channels]), type)
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
