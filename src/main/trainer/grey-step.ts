/** A training step on grey pictures: what a step costs in time and memory, told without any dataset. */
import type { RunConfig } from '../../shared/domain/run-config'
import { OPTIMIZER_RULES } from '../engine/compile/optimizers'
import type { NetworkSession } from '../engine/runtime/network-session'
import type { RunNetwork } from './run-session'

/** Each call feeds `size` pictures through what is frozen and trains a step on them; the learning rate is 0. With `evaluates` it also evaluates them. */
export function greyStep(session: NetworkSession, network: RunNetwork, config: RunConfig, { classes, size, evaluates = false }: { classes: number; size: number; evaluates?: boolean }): () => void {
  const side = config.image_size
  const pixels = { shape: [size, side, side, 3], data: new Uint8Array(size * side * side * 3).fill(128) }
  const targets = new Float32Array(size * classes)
  for (let row = 0; row < size; row++) targets[row * classes + (row % classes)] = 1
  const settings = { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov, beta1: config.beta1, beta2: config.beta2 }
  return () => {
    const feed = session.features(session.pictures(pixels, null))
    session.trainStep(feed, {
      targets: { shape: [size, classes], data: targets },
      weights: { shape: [size], data: new Float32Array(size).fill(1 / size) },
      scalars: network.groups.names.map(() => OPTIMIZER_RULES[config.optimizer].scalars(1, 0, settings)),
      randomKey: Int32Array.of(0, 0),
      step: 0,
    })
    if (evaluates) session.evaluate(feed)
    session.release(feed)
  }
}
