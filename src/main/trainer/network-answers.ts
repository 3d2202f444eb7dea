/** A network with weights in memory, asked for the probabilities of pictures. */
import { compileProgram } from '../engine/compile/program'
import type { TensorMap } from '../engine/formats/tensor-map'
import { NetworkSession } from '../engine/runtime/network-session'
import { softmax } from '../engine/train/metrics'
import type { Preprocessing } from '../engine/zoo/backbone'
import { type Network, networkShapes } from '../engine/zoo/network'

export interface AnsweringNetwork {
  /** [count × classes] for uint8 pictures [count, side, side, 3]. */
  logits(pixels: Uint8Array, count: number): Float32Array
  /** Probabilities [count][classes] for uint8 pictures [count, side, side, 3]. */
  probabilities(pixels: Uint8Array, count: number): number[][]
  close(): void
}

/** Compiles the network for evaluation. @param weights in PyTorch's layout and under its names, every one of the network's */
export function openNetwork(options: { network: Network; imageSize: number; preprocessing: Preprocessing; weights: TensorMap }): AnsweringNetwork {
  const { network, imageSize: side, preprocessing } = options
  const program = compileProgram({
    network,
    imageSize: side,
    preprocessing,
    cut: 'input',
    trained: null,
    optimizer: 'adam',
    optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
  })
  const classes = networkShapes(network, side).get(network.output)?.[0] ?? 0
  const session = new NetworkSession(program)
  session.load(options.weights)
  const logitsOf = (pixels: Uint8Array, count: number): Float32Array => {
    const pictures = session.pictures({ shape: [count, side, side, 3], data: pixels }, null)
    const logits = session.evaluate(pictures)
    session.release(pictures)
    return logits
  }
  return {
    logits: logitsOf,
    probabilities(pixels, count) {
      const logits = logitsOf(pixels, count)
      return Array.from({ length: count }, (_, row) => softmax(logits, row * classes, classes))
    },
    close: () => {
      session.close()
    },
  }
}
