/**
 * Softmax cross-entropy on soft targets with a weight for each picture. One loss serves label smoothing, class weights and a
 * partial last batch: what differs is fed. Weights of 1/N give PyTorch's mean reduction.
 */
import { attribute, type GraphBuilder, type Output } from './graph-builder'

export interface LossNodes {
  /** Scalar: Σ weight · cross-entropy. */
  readonly loss: Output
  /** Gradient of the loss by the logits, [N, classes]. */
  readonly logitsGradient: Output
}

/** `targets` [N, classes] sum to one in each row; `weights` [N]. */
export function writeCrossEntropy(graph: GraphBuilder, logits: Output, targets: Output, weights: Output): LossNodes {
  const node = graph.add('SoftmaxCrossEntropyWithLogits', [logits, targets], { T: attribute.type('float32') })
  const column = graph.reshape(weights, [-1, 1])
  return {
    loss: graph.reduce('Sum', graph.mul(node, weights), [0]),
    logitsGradient: graph.mul(`${node}:1`, column),
  }
}

/** Targets of torch.nn.CrossEntropyLoss(label_smoothing): (1 − s) on the class and s/C spread over all. Shape [labels, classes]. */
export function softTargets(labels: readonly number[], classes: number, smoothing: number): Float32Array {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes)
  labels.forEach((label, row) => {
    targets[row * classes + label] = 1 - smoothing + smoothing / classes
  })
  return targets
}
