/**
 * Stochastic depth (Huang et al. 2016), row by row as torchvision has it: a picture's whole residual branch is left out with
 * probability p, and scaled by 1/(1−p) where it stays. Frozen layers run in inference form: where nothing before it trains, it does
 * nothing. A frozen branch behind layers that train is left out like any other.
 */
import { attribute } from '../compile/graph-builder'
import { type LayerRule, only, type StochasticDepthLayer } from './layer'

export const stochasticDepth: LayerRule<StochasticDepthLayer> = {
  shape: (layer, inputs) => only(inputs, layer),
  parameters: () => [],
  macs: () => 0,
  forward(context, layer, inputs) {
    const { graph } = context
    const input = only(inputs, layer)
    if (!context.isTraining || !(input.needsGradient || context.isWhollyTraining) || layer.probability === 0) return input
    const rank = input.shape.length
    const int = { T: attribute.type('int32') }
    // [N, H, W, C] → [N, 1, 1, 1]: one number for each picture.
    const numbers = graph.of(input.type)
    const pictures = graph.add('Mul', [numbers.shapeOf(input.output), graph.int([1, ...new Array<number>(rank).fill(0)])], int)
    const shape = graph.add('AddV2', [pictures, graph.int([0, ...new Array<number>(rank).fill(1)])], int)
    const kept = graph.add('GreaterEqual', [context.randomUniform(layer, shape), graph.float(layer.probability)], { T: attribute.type('float32') })
    const mask = graph.cast(graph.mul(graph.cast(kept, 'bool', 'float32'), graph.float(1 / (1 - layer.probability))), 'float32', input.type)
    const value = { ...input, output: numbers.mul(input.output, mask) }
    context.record(value, (gradient) => context.addGradient(input, numbers.mul(gradient, mask)))
    return value
  },
  onnx: (_context, layer, inputs) => only(inputs, layer),
}
