/**
 * Losses on soft targets with a weight for each picture. One node set serves label smoothing, class weights, blended pictures and a
 * partial last batch: what differs is fed (see `train/criterion.ts`). Weights of 1/N give PyTorch's mean reduction.
 */
import type { LossName } from '../../../shared/domain/run-config'
import { attribute, type GraphBuilder, type Output } from './graph-builder'

export interface LossNodes {
  /** Scalar: Σ weight · loss. */
  readonly loss: Output
  /** Gradient of the loss by the logits, [N, classes]. */
  readonly logitsGradient: Output
}

export interface LossInputs {
  readonly logits: Output
  /** [N, classes]; for cross-entropy each row sums to one. */
  readonly targets: Output
  /** [N] */
  readonly weights: Output
}

export interface LossSettings {
  readonly gamma: number
}

const FLOAT = attribute.type('float32')

/** Below this 1 − p is not told from 0 in float32; its powers below 1 would be infinite. */
const SMALLEST_REST = 1e-7

export const LOSS_RULES: Readonly<Record<LossName, (graph: GraphBuilder, inputs: LossInputs, settings: LossSettings) => LossNodes>> = {
  cross_entropy(graph, { logits, targets, weights }) {
    const node = graph.add('SoftmaxCrossEntropyWithLogits', [logits, targets], { T: FLOAT })
    const column = graph.reshape(weights, [-1, 1])
    return {
      loss: graph.reduce('Sum', graph.mul(node, weights), [0]),
      logitsGradient: graph.mul(`${node}:1`, column),
    }
  },

  /**
   * Lin et al. 2017 over soft targets t: Σ t·(1 − p)^γ·(−log p), which is theirs where t is a class. With g = γ·(1 − p)^(γ−1)·p·log p − (1 − p)^γ
   * the gradient by the logits is t·g − p·Σ t·g.
   */
  focal(graph, { logits, targets, weights }, { gamma }) {
    const logP = graph.add('LogSoftmax', [logits], { T: FLOAT })
    const p = graph.float32('Exp', [logP])
    // 1 − p as −expm1(log p): exact where p is near 1.
    const rest = graph.float32('Maximum', [graph.float32('Neg', [graph.float32('Expm1', [logP])]), graph.float(SMALLEST_REST)])
    const power = (exponent: number) => graph.float32('Pow', [rest, graph.float(exponent)])
    const focus = power(gamma)
    const column = graph.reshape(weights, [-1, 1])
    const losses = graph.float32('Neg', [graph.reduce('Sum', graph.mul(graph.mul(targets, focus), logP), [1])])
    const slope = graph.minus(graph.mul(graph.mul(graph.float(gamma), power(gamma - 1)), graph.mul(p, logP)), focus)
    const pull = graph.mul(targets, slope)
    const gradient = graph.minus(pull, graph.mul(p, graph.reduce('Sum', pull, [1], true)))
    return { loss: graph.reduce('Sum', graph.mul(losses, weights), [0]), logitsGradient: graph.mul(gradient, column) }
  },
}

/** Targets of torch.nn.CrossEntropyLoss(label_smoothing): (1 − s) on the class and s/C spread over all. Shape [labels, classes]. */
export function softTargets(labels: readonly number[], classes: number, smoothing: number): Float32Array {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes)
  labels.forEach((label, row) => {
    targets[row * classes + label] = 1 - smoothing + smoothing / classes
  })
  return targets
}
