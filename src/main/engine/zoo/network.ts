/** A network as a list of layers, and what can be read off it without running it: shapes, parameters, freezable layers. */
import type { ActivationName, BatchNormLayer, ConvLayer, Layer, LinearStart, ParameterSpec, Shape } from '../layers/layer'
import { ruleOf } from '../layers/rules'

export interface Network {
  /** In definition order, which is also an order of computation. */
  readonly layers: readonly Layer[]
  /** The global pooling: what comes before it is the backbone, what comes after is the head and always trains. */
  readonly pooling: string
  /** The layer whose value is the logits. */
  readonly output: string
}

/** Writes layers down; every method returns the name by which the next layer reads the value. */
export class NetworkBuilder {
  private readonly layers: Layer[] = []
  private unnamed = 0

  conv(
    name: string,
    input: string,
    options: { in: number; out: number; kernel: number; stride?: number; padding?: number | 'same'; groups?: number; bias?: boolean },
  ): string {
    const { kernel, stride = 1, padding = (kernel - 1) / 2, groups = 1, bias = false } = options
    this.layers.push({ kind: 'conv', name, inputs: [input], in: options.in, out: options.out, kernel, stride, padding, groups, bias })
    return name
  }

  batchNorm(name: string, input: string, channels: number, options: { epsilon?: number; momentum?: number } = {}): string {
    const { epsilon = 1e-5, momentum = 0.1 } = options
    this.layers.push({ kind: 'batch_norm', name, inputs: [input], channels, epsilon, momentum })
    return name
  }

  activation(input: string, activation: ActivationName): string {
    return this.push({ kind: 'activation', name: this.after(input, activation), inputs: [input], activation })
  }

  maxPool(input: string, options: { kernel: number; stride: number; padding: number }): string {
    return this.push({ kind: 'max_pool', name: this.after(input, 'max_pool'), inputs: [input], ...options })
  }

  add(a: string, b: string): string {
    return this.push({ kind: 'add', name: this.after(a, 'add'), inputs: [a, b] })
  }

  scale(map: string, factor: string): string {
    return this.push({ kind: 'scale', name: this.after(map, 'scale'), inputs: [map, factor] })
  }

  globalAveragePool(input: string): string {
    return this.push({ kind: 'global_average_pool', name: this.after(input, 'mean'), inputs: [input] })
  }

  linear(name: string, input: string, inputs: number, out: number, start: LinearStart = 'pytorch'): string {
    return this.push({ kind: 'linear', name, inputs: [input], in: inputs, out, start })
  }

  /** Nothing is written for a probability of 0. */
  dropout(input: string, probability: number): string {
    if (probability === 0) return input
    return this.push({ kind: 'dropout', name: this.after(input, 'dropout'), inputs: [input], probability })
  }

  /** Nothing is written for a probability of 0. */
  stochasticDepth(input: string, probability: number): string {
    if (probability === 0) return input
    return this.push({ kind: 'stochastic_depth', name: this.after(input, 'stochastic_depth'), inputs: [input], probability })
  }

  build(pooling: string, output: string): Network {
    return { layers: this.layers, pooling, output }
  }

  private push(layer: Layer): string {
    this.layers.push(layer)
    return layer.name
  }

  /** A name for a layer without parameters, told from the value it reads. */
  private after(input: string, what: string): string {
    const name = `${input}/${what}`
    return this.layers.some((layer) => layer.name === name) ? `${name}_${++this.unnamed}` : name
  }
}

/** Shape of every layer's value for pictures of `imageSize` pixels a side; 'input' included. */
export function networkShapes(network: Network, imageSize: number): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>([['input', [imageSize, imageSize, 3]]])
  for (const layer of network.layers) shapes.set(layer.name, ruleOf(layer).shape(layer, inputShapes(layer, shapes)))
  return shapes
}

export function inputShapes(layer: Layer, shapes: ReadonlyMap<string, Shape>): Shape[] {
  return layer.inputs.map((name) => {
    const shape = shapes.get(name)
    if (shape === undefined) throw new Error(`${layer.name} reads ${name}, which does not come before it`)
    return shape
  })
}

/** All parameters and running statistics, in PyTorch's order. Shapes do not depend on the image size. */
export function networkParameters(network: Network): ParameterSpec[] {
  const shapes = networkShapes(network, 224)
  return network.layers.flatMap((layer) => [...ruleOf(layer).parameters(layer, inputShapes(layer, shapes))])
}

export function parameterCount(specs: readonly ParameterSpec[]): number {
  return specs.filter((spec) => spec.isTrained).reduce((sum, spec) => sum + spec.shape.reduce((a, b) => a * b, 1), 0)
}

/** What freezing counts as a layer: one convolution with its batch norm, if it has one. */
export interface FreezableLayer {
  readonly conv: ConvLayer
  readonly batchNorm: BatchNormLayer | null
}

/** The backbone's N layers in definition order. */
export function freezableLayers(network: Network): FreezableLayer[] {
  const result: FreezableLayer[] = []
  for (const layer of network.layers) {
    if (layer.name === network.pooling) break
    if (layer.kind !== 'conv') continue
    const follower = network.layers.find((other) => other.kind === 'batch_norm' && other.inputs[0] === layer.name)
    result.push({ conv: layer, batchNorm: follower?.kind === 'batch_norm' ? follower : null })
  }
  return result
}
