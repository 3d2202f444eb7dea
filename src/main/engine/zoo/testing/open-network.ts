/** Whole networks as the tests against torchvision open them: all layers in the step, plain gradient descent, nothing left to chance. */
import { softTargets } from '../../compile/loss'
import { OPTIMIZER_RULES } from '../../compile/optimizers'
import { compileProgram } from '../../compile/program'
import { formulaPixels } from '../../golden/formula'
import { NetworkSession } from '../../runtime/network-session'
import type { Network } from '../network'
import { BACKBONES, buildNetwork, findBackbone } from '../registry'

/** Every registered network that torchvision has. */
export const TORCHVISION_NETWORKS = BACKBONES.map(({ name }) => name).filter((name) => !name.startsWith('efficientnet_lite'))
export const CLASSES = 10
const SETTINGS = { weightDecay: 0, momentum: 0, nesterov: false }

/** Without weights: the caller loads them. With momentum 0 the state's `momentum_buffer/…` are the last step's gradients. */
export function openNetwork(name: string, imageSize: number, trains: boolean): { session: NetworkSession; network: Network } {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: CLASSES, dropout: 0, stochasticDepth: 0 })
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize,
      preprocessing: backbone.preprocessing,
      cut: 'input',
      trained: trains ? new Set(network.layers.map((layer) => layer.name)) : null,
      optimizer: 'sgd',
      optimizerSettings: SETTINGS,
    }),
  )
  return { session, network }
}

/** Pictures by formula, (count, side, side, 3). */
export function picturesByFormula(seed: number, count: number, side: number): { shape: number[]; data: Uint8Array } {
  return { shape: [count, side, side, 3], data: formulaPixels(seed, count * side * side * 3) }
}

/** What step `index` takes besides pictures: labels smoothed by a tenth, the mean of the losses. */
export function plainStep(labels: readonly number[], index: number, learningRate: number) {
  const count = labels.length
  return {
    targets: { shape: [count, CLASSES], data: softTargets(labels, CLASSES, 0.1) },
    weights: { shape: [count], data: new Float32Array(count).fill(1 / count) },
    scalars: OPTIMIZER_RULES.sgd.scalars(index + 1, learningRate, SETTINGS),
    randomKey: Int32Array.of(0, 0),
    step: index,
  }
}
