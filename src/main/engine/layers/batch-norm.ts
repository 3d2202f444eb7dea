/** Batch normalisation (Ioffe and Szegedy 2015) with PyTorch's running statistics: biased variance normalises, unbiased is kept. */
import { attribute } from '../compile/graph-builder'
import { onnxAttribute } from '../compile/onnx-builder'
import { type BatchNormLayer, type LayerRule, only, type Value } from './layer'

const FLOAT = attribute.type('float32')

export const batchNorm: LayerRule<BatchNormLayer> = {
  shape: (layer, inputs) => only(inputs, layer),

  parameters(layer) {
    const vector = (suffix: string, isTrained: boolean, kind: 'zeros' | 'ones') => ({
      name: `${layer.name}.${suffix}`,
      shape: [layer.channels],
      layout: 'as_is' as const,
      isTrained,
      initialiser: { kind },
    })
    return [vector('weight', true, 'ones'), vector('bias', true, 'zeros'), vector('running_mean', false, 'zeros'), vector('running_var', false, 'ones')]
  },

  macs: (_layer, _inputs, output) => output.reduce((a, b) => a * b, 1),

  forward(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    const scale = context.parameter(`${layer.name}.weight`)
    const offset = context.parameter(`${layer.name}.bias`)
    const mean = context.parameter(`${layer.name}.running_mean`)
    const variance = context.parameter(`${layer.name}.running_var`)
    if (!context.normalisesByBatch(layer)) {
      const { type } = input
      const numbers = graph.of(type)
      const factor = graph.mul(scale, graph.float32('Rsqrt', [graph.plus(variance, graph.float(layer.epsilon))]))
      const shift = graph.minus(offset, graph.mul(mean, factor))
      const typedFactor = graph.cast(factor, 'float32', type)
      const value: Value = { ...input, output: numbers.plus(numbers.mul(input.output, typedFactor), graph.cast(shift, 'float32', type)) }
      context.record(value, (gradient) => context.addGradient(input, numbers.mul(gradient, typedFactor)))
      return value
    }

    const type = context.typeOf(layer, input)
    const numbers = graph.of(type)
    const types = { T: attribute.type(type), U: FLOAT, epsilon: attribute.float(layer.epsilon), data_format: attribute.string('NHWC'), is_training: attribute.bool(true) }
    // A vector of features is a map of one pixel.
    const isVector = input.shape.length === 1
    const x = context.as(input, type)
    const map = isVector ? numbers.reshape(x, [-1, 1, 1, layer.channels]) : x
    // In training it takes the running statistics to move them: its outputs 1 and 2 are (1 − momentum)·old + momentum·batch.
    const node = graph.add('FusedBatchNormV3', [map, scale, offset, mean, variance], { ...types, exponential_avg_factor: attribute.float(layer.momentum) })
    context.updateStatistic(`${layer.name}.running_mean`, `${node}:1`)
    context.updateStatistic(`${layer.name}.running_var`, `${node}:2`)
    const value: Value = { output: isVector ? numbers.reshape(node, [-1, layer.channels]) : node, shape: input.shape, type, needsGradient: context.trains(layer) || input.needsGradient }
    context.record(value, (gradient) => {
      const mapGradient = isVector ? numbers.reshape(gradient, [-1, 1, 1, layer.channels]) : gradient
      const back = graph.add('FusedBatchNormGradV3', [mapGradient, map, scale, `${node}:3`, `${node}:4`, `${node}:5`], types)
      if (context.trains(layer)) {
        context.setParameterGradient(`${layer.name}.weight`, `${back}:1`)
        context.setParameterGradient(`${layer.name}.bias`, `${back}:2`)
      }
      context.addGradient(input, isVector ? numbers.reshape(back, [-1, layer.channels]) : back, type)
    })
    return value
  },

  onnx(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    const vectors = ['weight', 'bias', 'running_mean', 'running_var'].map((suffix) => {
      const name = `${layer.name}.${suffix}`
      return graph.tensor(name, 'float32', context.parameter(name), [layer.channels])
    })
    return { ...input, output: graph.add('BatchNormalization', [input.output, ...vectors], { epsilon: onnxAttribute.float(layer.epsilon) }) }
  },
}
