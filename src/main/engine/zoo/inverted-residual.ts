/** Parts that the mobile families share: their rule for channel counts, and squeeze-and-excitation. */
import type { ActivationName } from '../layers/layer'
import type { NetworkBuilder } from './network'

/** To the nearest multiple of 8, never below nine tenths: the papers' rule for channel counts. */
export function roundToEight(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8)
  return rounded < 0.9 * channels ? rounded + 8 : rounded
}

export interface SqueezeExcite {
  readonly channels: number
  readonly squeezed: number
  readonly activation: ActivationName
  readonly gate: ActivationName
}

/** Pool, squeeze, excite, scale (Hu et al. 2018), under torchvision's names `fc1` and `fc2`. */
export function squeezeExcite(net: NetworkBuilder, name: string, input: string, { channels, squeezed, activation, gate }: SqueezeExcite): string {
  let factor = net.globalAveragePool(input)
  factor = net.conv(`${name}.fc1`, factor, { in: channels, out: squeezed, kernel: 1, bias: true })
  factor = net.activation(factor, activation)
  factor = net.conv(`${name}.fc2`, factor, { in: squeezed, out: channels, kernel: 1, bias: true })
  return net.scale(input, net.activation(factor, gate))
}
